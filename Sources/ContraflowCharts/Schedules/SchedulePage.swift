import PipelineSchedules
import Timelines

/// Schedules as a page that stands alone: zoom with the wheel, move by dragging, hover for what an action is, when it
/// starts and what it waited for.
public struct SchedulePage: Sendable {
    /// What stands above everything.
    public var title: String
    /// The charts, from top to bottom, on one time scale.
    public var charts: [ScheduleChart]
    /// For each chart, a line about each of its timeline's spans, in their order; fewer lines leave the rest without.
    public var notes: [[String]]

    /// A page of `charts`.
    public init(title: String, charts: [ScheduleChart], notes: [[String]] = []) {
        self.title = title
        self.charts = charts
        self.notes = notes
    }

    /// The page: one HTML file without references to others. O(spans).
    public func html() -> String {
        let data = charts.enumerated().map { index, chart in
            json(of: chart, notes: index < notes.count ? notes[index] : [])
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1"><title>\(title.svgEscaped)</title>
            <style>\(Self.style)</style></head>
            <body><h1>\(title.svgEscaped)</h1>
            <p>Wheel: zoom. Drag: move. Double click: everything.
            <button id="in">+</button><button id="out">&minus;</button><button id="all">All</button></p>
            <p><span><i class="F"></i>Forward</span> <span><i class="B"></i>Backward</span>
            <span><i class="I"></i>Backward for input</span> <span><i class="W"></i>Backward for weights</span>
            <span><i class="pair"></i>Overlapped forward &amp; backward</span>\(chunkLegend)</p>
            <canvas id="plot"></canvas><div id="tip"></div>
            <script>
            const charts = [\(data.joined(separator: ",\n"))];
            \(Self.script)
            </script></body></html>

            """
    }

    /// What the lighter boxes are; nothing where no rank holds several stages of a chain.
    private var chunkLegend: String {
        let count = charts.map(\.chunkCount).max() ?? 1
        guard count > 1 else { return "" }
        let swatches = (0..<count).map { chunk in
            "<i class=\"chunk\" style=\"opacity:\(ScheduleChart.opacity(ofChunk: chunk).svg)\"></i>"
        }
        return "\n<span>\(swatches.joined())Chunks 1 to \(count) of a rank</span>"
    }

    private func json(of chart: ScheduleChart, notes: [String]) -> String {
        var noteNumbers: [String: Int] = [:]
        var distinct: [String] = []
        let timeline = chart.timeline
        let firstNumbers = chart.firstNumberOfStage()
        let opacities = chart.chunkOfStage().map { ScheduleChart.opacity(ofChunk: $0).svg }
        var spans: [String] = []
        spans.reserveCapacity(timeline.spans.count)
        for (index, span) in timeline.spans.enumerated() {
            let label = timeline.labels[Int(span.label)]
            guard let kind = label.computeKind, let stage = label.stage, let microbatch = label.microbatch else {
                continue
            }
            let note = index < notes.count ? notes[index] : ""
            let known = noteNumbers[note]
            let noteNumber = known ?? distinct.count
            if known == nil {
                noteNumbers[note] = noteNumber
                distinct.append(note)
            }
            let isKnown = firstNumbers.indices.contains(stage)
            let number = microbatch + (isKnown ? firstNumbers[stage] : 0)
            spans.append(
                "[\(timeline.lanes[Int(span.lane)].rank),\(span.start),\(span.duration),\"\(kind.symbol)\",\(number),"
                    + "\(Self.quoted(label.name)),\(noteNumber),\(isKnown ? opacities[stage] : "1")]")
        }
        let texts = distinct.map(Self.quoted).joined(separator: ",")
        return "{title:\(Self.quoted(chart.title)),notes:[\(texts)],spans:[\(spans.joined(separator: ","))]}"
    }

    /// A JavaScript string that cannot end the script it stands in.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\", "<", "\u{2028}", "\u{2029}",
                _ where scalar.value < 0x20:
                let hexadecimal = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static let style = """
        body{font:14px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;margin:16px;color:#222}\
        h1{font-size:18px}canvas{width:100%;display:block;cursor:grab}button{margin-left:8px}\
        span{display:inline-block;white-space:nowrap;margin-right:12px}\
        i{display:inline-block;width:20px;height:12px;margin-right:4px}.F{background:#f6c26b}\
        .B{background:#86c98a}.I{background:#7fd0d6}.W{background:#7ea6e8}.pair{border:1px solid #222}.chunk{background:#777;margin-right:0}.chunk:last-of-type{margin-right:4px}\
        #tip{position:fixed;display:none;background:#222;color:#fff;padding:6px 8px;border-radius:4px;\
        white-space:pre;font-size:12px;pointer-events:none}
        """

    private static let script = #"""
        const colours = {F: '#f6c26b', B: '#86c98a', I: '#7fd0d6', W: '#7ea6e8'};
        const canvas = document.getElementById('plot'), tip = document.getElementById('tip'), left = 64, head = 30;
        let end = 1, rowCount = 0;
        for (const c of charts) {
          c.ranks = [...new Set(c.spans.map(s => s[0]))].sort((a, b) => a - b);
          c.rows = c.ranks.map(() => []);
          const index = new Map(c.ranks.map((r, i) => [r, i]));
          for (const s of c.spans) { c.rows[index.get(s[0])].push(s); end = Math.max(end, s[1] + s[2]); }
          for (const row of c.rows) row.sort((a, b) => a[1] - b[1]);
          rowCount += c.ranks.length;
        }
        const pitch = rowCount > 48 ? 14 : 24;
        let from = 0, to = end, boxes = [];
        function time(ns) { return ns === 0 ? '0' : ns >= 1e9 ? +(ns / 1e9).toFixed(4) + ' s' : ns >= 1e6 ? +(ns / 1e6).toFixed(4) + ' ms'
          : ns >= 1e3 ? +(ns / 1e3).toFixed(3) + ' µs' : ns + ' ns'; }
        function draw() {
          const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth;
          const height = charts.reduce((sum, c) => sum + head + c.ranks.length * pitch + 24, 0);
          canvas.style.height = height + 'px'; canvas.width = width * ratio; canvas.height = height * ratio;
          const g = canvas.getContext('2d'); g.scale(ratio, ratio); g.clearRect(0, 0, width, height);
          const scale = (width - left - 8) / (to - from); boxes = [];
          let top = 0;
          for (const c of charts) {
            g.fillStyle = '#222'; g.font = '600 14px system-ui,sans-serif'; g.textAlign = 'left';
            g.fillText(c.title, 4, top + 20);
            c.rows.forEach((row, i) => {
              const y = top + head + i * pitch, h = pitch - 3;
              g.font = '11px system-ui,sans-serif'; g.fillStyle = '#222'; g.textAlign = 'right';
              g.fillText('Rank ' + c.ranks[i], left - 6, y + h - 3);
              g.strokeStyle = '#ddd'; g.strokeRect(left, y, width - left - 8, h);
              for (let k = 0; k < row.length; ) {
                const group = [row[k]];
                while (k + group.length < row.length && row[k + group.length][1] === row[k][1]
                  && row[k + group.length][2] === row[k][2]) group.push(row[k + group.length]);
                k += group.length;
                const s = group[0], x0 = left + (s[1] - from) * scale, x1 = x0 + s[2] * scale;
                if (x1 < left || x0 > width - 8) continue;
                const a = Math.max(x0, left), b = Math.min(x1, width - 8);
                const weights = group.map(p => p[3] === 'B' ? 2 : 1), sum = weights.reduce((p, q) => p + q, 0);
                let x = x0;
                group.forEach((p, j) => {
                  const w = (x1 - x0) * weights[j] / sum, l = Math.max(x, left), r = Math.min(x + w, width - 8);
                  if (r > l) { g.globalAlpha = p[7]; g.fillStyle = colours[p[3]];
                    g.fillRect(l, y, Math.max(r - l - (w > 3 ? .6 : 0), .4), h); g.globalAlpha = 1; }
                  const text = String(p[4]), size = w > text.length * 6.3 + 3 ? 11 : 9;
                  if (w > text.length * 5.2 + 2 && x >= left && x + w <= width - 8) {
                    g.font = size + 'px system-ui,sans-serif';
                    g.fillStyle = '#222'; g.textAlign = 'center'; g.fillText(text, x + w / 2, y + h - (pitch > 20 ? 6 : 2)); }
                  x += w;
                });
                if (group.length > 1 && b - a > 9) { g.strokeStyle = '#222'; g.strokeRect(a + .5, y + .5, b - a - 1, h - 1); }
                boxes.push([a, y, b, y + h, group, c]);
              }
            });
            top += head + c.ranks.length * pitch;
            g.fillStyle = '#555'; g.textAlign = 'center'; g.font = '11px system-ui,sans-serif';
            let step = 1; const wanted = (to - from) * 110 / (width - left);
            while (step < wanted) { for (const f of [1, 2, 5]) if (step * f >= wanted) { step *= f; break; } if (step < wanted) step *= 10; }
            for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
              const x = left + (t - from) * scale, half = g.measureText(time(t)).width / 2;
              g.fillText(time(t), Math.min(x, width - half - 1), top + 12);
            }
            top += 24;
          }
        }
        function zoom(factor, at) {
          const length = Math.min(end, Math.max((to - from) * factor, end / 20000));
          from = Math.max(0, Math.min(end - length, at - (at - from) / (to - from) * length)); to = from + length; draw();
        }
        const timeAt = x => from + (x - left) / (canvas.clientWidth - left - 8) * (to - from);
        canvas.addEventListener('wheel', e => { e.preventDefault(); zoom(e.deltaY > 0 ? 1.25 : .8, timeAt(e.offsetX)); }, {passive: false});
        let drag = null;
        canvas.addEventListener('mousedown', e => { drag = [e.offsetX, from]; });
        window.addEventListener('mouseup', () => { drag = null; });
        canvas.addEventListener('dblclick', () => { from = 0; to = end; draw(); });
        canvas.addEventListener('mouseleave', () => { tip.style.display = 'none'; });
        canvas.addEventListener('mousemove', e => {
          if (drag) {
            const length = to - from, moved = (e.offsetX - drag[0]) / (canvas.clientWidth - left - 8) * length;
            from = Math.max(0, Math.min(end - length, drag[1] - moved)); to = from + length; draw(); return;
          }
          const box = boxes.find(b => e.offsetX >= b[0] && e.offsetX <= b[2] && e.offsetY >= b[1] && e.offsetY <= b[3]);
          if (!box) { tip.style.display = 'none'; return; }
          const s = box[4][0];
          tip.textContent = box[4].map(p => p[5]).join(' & ') + '\nstarts at ' + time(s[1]) + ', takes ' + time(s[2])
            + (box[5].notes[s[6]] ? '\n' + box[5].notes[s[6]] : '');
          tip.style.display = 'block'; tip.style.left = Math.min(e.clientX + 12, innerWidth - 280) + 'px'; tip.style.top = e.clientY + 14 + 'px';
        });
        document.getElementById('in').onclick = () => zoom(.5, (from + to) / 2);
        document.getElementById('out').onclick = () => zoom(2, (from + to) / 2);
        document.getElementById('all').onclick = () => { from = 0; to = end; draw(); };
        window.addEventListener('resize', draw); draw();
        """#
}
