extension HTMLReport {
    /// The page, with a place for the data.
    static let page = #"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>Contraflow analysis</title>
        <style>
        :root { color-scheme: light dark; --ink: light-dark(#1c2430, #e6e9ee); --soft: light-dark(#667085, #98a2b3);
          --line: light-dark(#e3e7ee, #313a48); --ground: light-dark(#ffffff, #151a21); --panel: light-dark(#f6f8fb, #1c232d); }
        body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1320px; padding: 24px; color: var(--ink);
          background: var(--ground); }
        h1 { font-size: 20px; margin: 0 0 16px; } h2 { font-size: 16px; margin: 28px 0 8px; }
        ol { padding-left: 24px; } li { margin: 0 0 8px; } .soft { color: var(--soft); }
        .figures { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; }
        .figures div { background: var(--panel); border-radius: 6px; padding: 6px 12px; }
        .figures b { display: block; font-variant-numeric: tabular-nums; }
        canvas { width: 100%; display: block; border: 1px solid var(--line); border-radius: 6px; cursor: grab; touch-action: none; }
        #tip { position: fixed; pointer-events: none; background: #111822; color: #fff; padding: 6px 10px; border-radius: 6px;
          font-size: 12px; max-width: 520px; overflow-wrap: anywhere; display: none; z-index: 2; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: 4px 10px; border-bottom: 1px solid var(--line); }
        th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere; } th { cursor: pointer; } .plain th { cursor: default; white-space: nowrap; }
        .plain td:first-child { overflow-wrap: normal; } section, #run { overflow-x: auto; }
        section th:nth-child(2), section td:nth-child(2) { text-align: left; } section td:first-child { min-width: 160px; max-width: min(480px, 45vw); }
        td div { font-size: 12px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        input { font: inherit; padding: 4px 10px; border: 1px solid var(--line); border-radius: 6px; width: 320px; background: var(--panel);
          color: inherit; margin-bottom: 8px; }
        .key span { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin: 0 5px 0 14px; }
        </style></head><body>
        <h1>Contraflow: what is hidden, what is exposed, where it idles</h1>
        <ol id="findings"></ol>
        <div id="run"></div>
        <div id="ranks"></div>
        <div id="tip"></div>
        <script id="data" type="application/json">/*DATA*/</script>
        <script>
        "use strict";
        const data = JSON.parse(document.getElementById("data").textContent);
        const colours = { compute: "#3b82c4", communication: "#e0912f", memory: "#7a8699", transfer: "#e0912f", wait: "#c4c9d1",
          forward: "#3b82c4", backward: "#3f9d63", inputGradient: "#3f9d63", weightGradient: "#8a6fc0", pair: "#1f7f8c" };
        const exposedColour = "#d6453d";
        const make = (tag, parent, text) => {
          const element = document.createElement(tag);
          if (text !== undefined) element.textContent = text;
          parent.append(element);
          return element;
        };
        const ms = (ns) => (ns / 1e6).toFixed(3);
        const tip = document.getElementById("tip");

        for (const finding of data.findings) {
          const item = make("li", document.getElementById("findings"));
          const rank = finding.rank === null ? "" : `rank ${finding.rank}: `;
          make("b", item, `${rank}${finding.title}: ${finding.time} ms`);
          item.append(`, at most ${finding.share} % of the span`);
          for (const line of finding.evidence) make("div", item, line).className = "soft";
        }
        if (!data.findings.length) make("li", document.getElementById("findings"), "nothing of a thousandth of the span or more");

        // The first entry of a flat list of `width` numbers each that begins at `time` or later; entries are by start.
        const firstAfter = (list, width, time) => {
          let low = 0, high = list.length / width;
          while (low < high) {
            const middle = (low + high) >> 1;
            if (list[middle * width] < time) low = middle + 1; else high = middle;
          }
          return low;
        };

        function timeline(parent, rank) {
          const strips = [["computation", rank.compute, colours.compute], ["communication", rank.communication, colours.communication],
            ["exposed", rank.exposed, exposedColour]];
          const longest = Math.max(...rank.lanes.map((lane) => lane.name.length));
          const left = Math.min(260, Math.max(110, 14 + 6.4 * longest)), stripHeight = 16, laneHeight = 26, axis = 22;
          const height = axis + strips.length * stripHeight + 8 + rank.lanes.length * laneHeight + 6;
          // How far back a span may begin and still be seen.
          for (const lane of rank.lanes) {
            lane.longest = 0;
            for (let i = 1; i < lane.spans.length; i += 3) lane.longest = Math.max(lane.longest, lane.spans[i]);
          }
          const canvas = make("canvas", parent);
          canvas.style.height = height + "px";
          let from = 0, to = Math.max(1, rank.span), width = 0, queued = false;
          const x = (time) => left + (time - from) / (to - from) * (width - left);
          const style = () => getComputedStyle(document.body);
          function draw() {
            queued = false;
            const ratio = devicePixelRatio || 1;
            width = canvas.clientWidth;
            canvas.width = width * ratio;
            canvas.height = height * ratio;
            const pen = canvas.getContext("2d");
            pen.scale(ratio, ratio);
            const ink = style().color, soft = style().getPropertyValue("color");
            pen.font = "11px system-ui, sans-serif";
            pen.textBaseline = "middle";
            const rough = (to - from) / Math.max(2, Math.min(8, (width - left) / 90)), power = 10 ** Math.floor(Math.log10(rough));
            const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough);
            pen.fillStyle = soft;
            for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
              pen.globalAlpha = 0.12; pen.fillRect(x(time), axis, 1, height - axis);
              pen.globalAlpha = 0.75;
              if (x(time) < width - 60) pen.fillText(`${+(time / 1e6).toFixed(6)} ms`, x(time) + 3, axis / 2);
            }
            pen.globalAlpha = 1;
            strips.forEach(([name, list, colour], row) => {
              const y = axis + row * stripHeight;
              pen.fillStyle = ink; pen.fillText(name, 6, y + stripHeight / 2);
              // A column is as high as the part of its time that is covered, so that nothing looks more than it is.
              const columns = Math.max(1, Math.floor(width - left)), unit = (to - from) / columns;
              const cover = new Float64Array(columns);
              for (let i = Math.max(0, firstAfter(list, 2, from) - 1) * 2; i < list.length && list[i] < to; i += 2) {
                const a = Math.max(0, (list[i] - from) / unit), b = Math.min(columns, (list[i + 1] - from) / unit);
                for (let c = Math.floor(a); c < b; c++) cover[c] += Math.min(b, c + 1) - Math.max(a, c);
              }
              pen.fillStyle = colour;
              const most = stripHeight - 3;
              cover.forEach((part, c) => { if (part > 0) pen.fillRect(left + c, y + 1 + most * (1 - part), 1, most * part); });
            });
            rank.lanes.forEach((lane, row) => {
              const y = axis + strips.length * stripHeight + 8 + row * laneHeight;
              pen.fillStyle = ink; pen.fillText(lane.name, 6, y + laneHeight / 2);
              let drawn = -1;
              const list = lane.spans;
              for (let i = firstAfter(list, 3, from - lane.longest) * 3; i < list.length && list[i] < to; i += 3) {
                const a = Math.max(left, x(list[i])), b = Math.min(width, x(list[i] + list[i + 1]));
                if (b < left || b < drawn + 0.4) continue;
                const kernel = (lane.labels || rank.kernels)[list[i + 2]];
                pen.fillStyle = colours[kernel.kind];
                pen.fillRect(a, y + 2, Math.max(0.6, b - a - (b - a > 3 ? 0.6 : 0)), laneHeight - 4);
                drawn = b;
                if (b - a > 48) {
                  pen.save(); pen.beginPath(); pen.rect(a, y, b - a - 4, laneHeight); pen.clip();
                  pen.fillStyle = "#fff"; pen.fillText(kernel.name.split("::").pop(), a + 4, y + laneHeight / 2 + 1); pen.restore();
                }
              }
            });
          }
          const redraw = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };
          const move = (a, b) => {
            const length = Math.min(Math.max(b - a, 50), rank.span || 1);
            from = Math.min(Math.max(0, a), Math.max(0, rank.span - length));
            to = from + length;
            redraw();
          };
          const timeAt = (event) => from + (event.offsetX - left) / (width - left) * (to - from);
          canvas.addEventListener("wheel", (event) => {
            event.preventDefault();
            const at = timeAt(event), factor = Math.exp(event.deltaY * 0.002);
            move(at - (at - from) * factor, at + (to - at) * factor);
          }, { passive: false });
          let grip = null;
          canvas.addEventListener("pointerdown", (event) => { grip = [event.offsetX, from, to]; canvas.setPointerCapture(event.pointerId); });
          canvas.addEventListener("pointerup", () => { grip = null; });
          canvas.addEventListener("dblclick", () => move(0, rank.span));
          canvas.addEventListener("pointerleave", () => { tip.style.display = "none"; });
          canvas.addEventListener("pointermove", (event) => {
            if (grip) {
              const shift = (grip[0] - event.offsetX) / (width - left) * (grip[2] - grip[1]);
              return move(grip[1] + shift, grip[2] + shift);
            }
            const row = Math.floor((event.offsetY - axis - strips.length * stripHeight - 8) / laneHeight);
            const lane = rank.lanes[row], time = timeAt(event), reach = (to - from) / width;
            let best = -1;
            if (lane && event.offsetX >= left) {
              for (let i = firstAfter(lane.spans, 3, time - lane.longest) * 3; i < lane.spans.length && lane.spans[i] <= time + reach; i += 3) {
                if (lane.spans[i] + lane.spans[i + 1] >= time - reach) best = i;
              }
            }
            tip.style.display = best < 0 ? "none" : "block";
            if (best < 0) return;
            const kernel = (lane.labels || rank.kernels)[lane.spans[best + 2]];
            tip.textContent = `${kernel.name} (${kernel.kind}): ${ms(lane.spans[best + 1])} ms at ${ms(lane.spans[best])} ms`;
            tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 12)) + "px";
            tip.style.top = event.clientY + 14 + "px";
          });
          addEventListener("resize", redraw);
          canvas.show = move;
          draw();
        }

        function kernels(parent, rank) {
          const filter = make("input", parent);
          filter.placeholder = "filter kernels by name or class";
          const table = make("table", parent), head = make("tr", make("thead", table)), body = make("tbody", table);
          const columns = [["kernel", "name"], ["class", "kind"], ["count", "count"], ["ms", "time"], ["longest ms", "longest"], ["exposed ms", "exposed"]];
          let by = "time", falling = true;
          const fill = () => {
            const wanted = filter.value.toLowerCase();
            const rows = rank.kernels.filter((k) => (k.full + " " + k.kind).toLowerCase().includes(wanted));
            rows.sort((a, b) => (a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : 0) * (falling ? -1 : 1));
            body.replaceChildren();
            const shared = new Map();
            for (const kernel of rank.kernels) shared.set(kernel.name, (shared.get(kernel.name) || 0) + 1);
            for (const kernel of rows.slice(0, 500)) {
              const row = make("tr", body);
              row.title = kernel.full;
              for (const [, key] of columns) make("td", row, ["time", "longest", "exposed"].includes(key) ? ms(kernel[key]) : kernel[key]);
              // Kernels made from one template are told apart by their arguments.
              if (shared.get(kernel.name) > 1) make("div", row.cells[0], kernel.rest).className = "soft";
            }
            if (rows.length > 500) make("td", make("tr", body), `and ${rows.length - 500} more: filter to see them`).className = "soft";
          };
          for (const [title, key] of columns) {
            make("th", head, title).addEventListener("click", () => { falling = by === key ? !falling : true; by = key; fill(); });
          }
          filter.addEventListener("input", fill);
          fill();
        }

        function plain(title, columns, rows) {
          const parent = document.getElementById("run");
          make("h2", parent, title);
          const table = make("table", parent), head = make("tr", make("thead", table)), body = make("tbody", table);
          table.className = "plain";
          for (const column of columns) make("th", head, column);
          for (const row of rows) { const line = make("tr", body); for (const cell of row) make("td", line, cell); }
        }
        if (data.causes.length) {
          plain(`Communication by cause${data.ranks.length > 1 ? ", all ranks" : ""}`, ["cause", "count", "ms", "exposed ms", "hidden %"],
            data.causes.map((c) => [c.name, c.count, ms(c.time), ms(c.exposed), c.hidden]));
        }
        if (data.pipeline) {
          const phases = [["warm-up", "warm_up"], ["steady", "steady"], ["drain", "drain"]];
          plain(`Pipeline: ${(100 * (data.pipeline.bubble_share || 0)).toFixed(2)} % bubble of ${ms(data.pipeline.length_ns)} ms`,
            ["rank", "bubble ms", "waiting ms", "transfer ms", "other ms", ...phases.flatMap(([name]) => [`${name} ms`, "bubble ms"])],
            data.pipeline.ranks.map((r) => [r.rank, ms(r.bubble_ns), ms(r.waiting_ns), ms(r.transfer_ns), ms(r.other_ns),
              ...phases.flatMap(([, key]) => [ms(r[key].length_ns), ms(r[key].bubble_ns)])]));
        }
        for (const rank of data.ranks) {
          const parent = make("section", document.getElementById("ranks"));
          make("h2", parent, `Rank ${rank.rank}`);
          const figures = make("div", parent);
          figures.className = "figures";
          for (const [name, value] of rank.figures) { const box = make("div", figures, name); make("b", box, value); }
          const key = make("div", parent);
          key.className = "key soft";
          const shown = [["computation", colours.compute], ["communication", colours.communication], ["memory", colours.memory], ["exposed", exposedColour]];
          if (rank.lanes.some((lane) => lane.labels)) {
            shown.push(["forward", colours.forward], ["backward", colours.backward], ["weight gradient", colours.weightGradient],
              ["forward with backward", colours.pair], ["waiting", colours.wait]);
          }
          for (const [name, colour] of shown) {
            make("span", key).style.background = colour;
            key.append(name);
          }
          key.append(" \u2014 scroll to zoom, drag to move, double-click for all");
          timeline(parent, rank);
          make("h2", parent, "Kernels");
          kernels(parent, rank);
        }
        document.body.dataset.ready = "yes";
        </script></body></html>

        """#
}
