// The viewer of timelines. Each figure of the class `timeline` shows the JSON of the script element after it, under
// buttons and a time axis that stays in sight. The wheel alone scrolls the page; with Ctrl or ⌘ it zooms about the
// pointer, as pinching does. Dragging and the arrow keys move, + and - zoom, 0 and a double click show everything, and
// hovering or a tap describes a span.
//
// The JSON of one figure; times are nanoseconds:
//   end       right edge of the time axis, whose left edge is 0
//   texts     "whole": a span's text is drawn as a whole or not at all; "clipped": as much of it as fits
//   panels    drawn below one another on one time axis, each with
//     title     text above the panel, which may be empty
//     labels    the labels that spans refer to, each { name, kind } and, if they apply:
//                 text     short form drawn within the span
//                 opacity  0 to 1
//                 note     index into notes
//                 parts    [{ kind, text, opacity, weight }] in place of the label's own: drawn side by side within one
//                          border, in widths that are in proportion to the weights, which are 1 if they are not given
//     notes     lines that labels add to the description
//     lanes     [{ name, spans, bands }], rows of spans; spans is [start, length, label, ...] by start, and label is an
//               index into labels. A lane may have bands, [{ name, kind, spans }], below its spans: they show the
//               covered part of each column, and their spans are [start, end, ...]
//
// A kind names its colour: `forward` is drawn in the custom property `--forward` of the style sheet.

// A duration in the largest unit in which it is at least 1.
page.duration = (ns) => {
  if (ns >= 1e9) return `${+(ns / 1e9).toFixed(4)} s`;
  if (ns >= 1e6) return `${+(ns / 1e6).toFixed(4)} ms`;
  if (ns >= 1e3) return `${+(ns / 1e3).toFixed(3)} µs`;
  return ns === 0 ? "0" : `${+ns.toFixed(3)} ns`;
};

const family = "px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
const axisHeight = 26, headHeight = 30, footHeight = 12;
const hint = "Drag or arrow keys: move. Ctrl or ⌘ with the wheel, pinch, + and −: zoom. 0 or double click: everything.";

// The offset of the first entry that starts at `time` or later, in a flat list of entries of `width` numbers each. The
// entries begin with their start, and are sorted by it.
function firstAfter(list, width, time) {
  let low = 0, high = list.length / width;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle * width] < time) low = middle + 1; else high = middle;
  }
  return low * width;
}

// The smallest round number of nanoseconds that is at least `wanted`.
function roundStep(wanted) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, wanted)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= wanted);
}

class TimelineView {
  constructor(figure) {
    const data = JSON.parse(figure.nextElementSibling.textContent);
    this.figure = figure;
    this.panels = data.panels;
    this.isWhole = data.texts === "whole";
    this.end = Math.max(1, data.end);
    this.from = 0;
    this.to = this.end;
    this.pointers = new Map();
    this.isQueued = false;
    this.addElements();
    this.layOut();
    this.listen();
    page.keepDrawn(() => this.draw());
  }

  addElements() {
    const bar = page.make("p", this.figure);
    bar.className = "controls";
    for (const [text, name, act] of [
      ["+", "Zoom in", () => this.zoom(0.5)], ["−", "Zoom out", () => this.zoom(2)],
      ["All", "Show everything", () => this.showAll()],
    ]) {
      const button = page.make("button", bar, text);
      button.type = "button";
      button.setAttribute("aria-label", name);
      button.addEventListener("click", act);
    }
    page.make("span", bar, hint);
    this.axis = page.make("canvas", this.figure);
    this.axis.className = "axis";
    this.axis.setAttribute("aria-hidden", "true");
    this.canvas = page.make("canvas", this.figure);
    this.canvas.className = "rows";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", `${this.figure.getAttribute("aria-label")}. ${hint}`);
  }

  // Computes the positions of panels and rows, which do not depend on the zoom.
  layOut() {
    const lanes = this.panels.flatMap((panel) => panel.lanes), count = lanes.length;
    this.boxHeight = count > 400 ? 3 : count > 200 ? 5 : count > 48 ? 11 : count > 16 ? 19 : 22;
    this.gap = count > 200 ? 1 : count > 48 ? 1 : 4;
    let top = 0;
    for (const panel of this.panels) {
      panel.top = top;
      top += panel.title ? headHeight : 4;
      panel.widest = "";
      for (const { text } of panel.labels.flatMap((label) => label.parts || [label])) {
        if (text && text.length > panel.widest.length) panel.widest = text;
      }
      for (const lane of panel.lanes) {
        const bands = lane.bands || [];
        lane.top = top;
        lane.bandHeight = lane.spans.length ? 5 : 14;
        lane.boxHeight = lane.spans.length || !bands.length ? this.boxHeight : 0;
        lane.height = lane.boxHeight + bands.length * lane.bandHeight;
        top += lane.height + this.gap + (bands.length ? 3 : 0);
        // The length of the longest span. A span that starts more than this length to the left of the visible range is
        // not visible.
        lane.longest = 0;
        for (let i = 1; i < lane.spans.length; i += 3) lane.longest = Math.max(lane.longest, lane.spans[i]);
      }
      panel.bottom = top;
      top += footHeight;
    }
    this.height = top;
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("wheel", (event) => this.turn(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      this.grip = { x: event.offsetX, from: this.from };
      if (event.pointerType === "touch") this.hover(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (this.pointers.size === 0) this.hover(event); });
    canvas.addEventListener("pointerleave", () => page.hide());
    canvas.addEventListener("dblclick", () => this.showAll());
    canvas.addEventListener("keydown", (event) => this.press(event));
    addEventListener("pointermove", (event) => this.drag(event));
    for (const type of ["pointerup", "pointercancel"]) {
      addEventListener(type, (event) => {
        this.pointers.delete(event.pointerId);
        for (const { x } of this.pointers.values()) this.grip = { x, from: this.from };
      });
    }
  }

  // Without Ctrl or ⌘, the vertical wheel scrolls the page and the horizontal wheel moves a zoomed timeline.
  turn(event) {
    const unit = event.deltaMode === 1 ? 16 : 1, x = event.deltaX * unit, y = event.deltaY * unit;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      // Browsers report a pinch on a touchpad as wheel events with Ctrl and small distances.
      this.zoom(Math.exp(y * (Math.abs(y) < 40 ? 0.01 : 0.002)), this.timeAt(event.offsetX));
    } else if (Math.abs(x) > Math.abs(y) && this.to - this.from < this.end) {
      event.preventDefault();
      this.show(this.from + x / this.scale, this.to - this.from);
    }
  }

  drag(event) {
    const held = this.pointers.get(event.pointerId);
    if (!held) return;
    const area = this.canvas.getBoundingClientRect();
    const x = event.clientX - area.left, y = event.clientY - area.top;
    if (this.pointers.size === 1) {
      if (Math.abs(x - this.grip.x) > 3) page.hide();
      this.show(this.grip.from - (x - this.grip.x) / this.scale, this.to - this.from);
    } else {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const before = Math.hypot(held.x - other.x, held.y - other.y), after = Math.hypot(x - other.x, y - other.y);
      if (after > 8) this.zoom(before / after, this.timeAt(other.x));
    }
    this.pointers.set(event.pointerId, { x, y });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const length = this.to - this.from;
    const acts = {
      "ArrowLeft": () => this.show(this.from - length / 8, length),
      "ArrowRight": () => this.show(this.from + length / 8, length),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), "0": () => this.showAll(),
      "Escape": () => page.hide(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  get scale() { return (this.right - this.left) / (this.to - this.from); }
  x(time) { return this.left + (time - this.from) * this.scale; }
  timeAt(x) { return this.from + (x - this.left) / this.scale; }

  zoom(factor, at = (this.from + this.to) / 2) {
    const length = Math.min(this.end, Math.max((this.to - this.from) * factor, Math.min(50, this.end / 20000)));
    this.show(at - (at - this.from) / (this.to - this.from) * length, length);
  }

  show(from, length) {
    this.from = Math.max(0, Math.min(this.end - length, from));
    this.to = this.from + length;
    if (this.isQueued) return;
    this.isQueued = true;
    requestAnimationFrame(() => this.draw());
  }

  showAll() { this.show(0, this.end); }

  // The last span within a pixel of a point: its panel, its lane and its index in the lane's list.
  spanAt(x, y) {
    const panel = this.panels.find((one) => y >= one.top && y < one.bottom);
    if (!panel || x < this.left || x > this.right) return null;
    const lane = panel.lanes.find((one) => y >= one.top && y < one.top + one.height);
    if (!lane || y >= lane.top + lane.boxHeight) return null;
    const spans = lane.spans, time = this.timeAt(x), reach = 1 / this.scale;
    let found = null;
    for (let i = firstAfter(spans, 3, time - lane.longest - reach); spans[i] <= time + reach; i += 3) {
      if (spans[i] + spans[i + 1] >= time - reach) found = { panel, lane, index: i };
    }
    return found;
  }

  // The name of the lane or of its band at a point left of the axis or within a band.
  nameAt(x, y) {
    const lane = this.panels.flatMap((panel) => panel.lanes).find((one) => y >= one.top && y < one.top + one.height);
    if (!lane) return "";
    const band = Math.floor((y - lane.top - lane.boxHeight) / lane.bandHeight);
    if (x < this.left) return lane.name;
    return band >= 0 && lane.bands && lane.bands[band] ? `${lane.name}: ${lane.bands[band].name}` : "";
  }

  hover(event) {
    const found = this.spanAt(event.offsetX, event.offsetY);
    const text = found ? this.description(found) : this.nameAt(event.offsetX, event.offsetY);
    if (text) page.describe(text, event.clientX, event.clientY); else page.hide();
  }

  description({ panel, lane, index }) {
    const [start, length, labelIndex] = lane.spans.slice(index, index + 3);
    const label = panel.labels[labelIndex], note = panel.notes[label.note];
    const kind = this.isWhole ? "" : ` (${label.kind})`;
    return `${label.name}${kind}\nstarts at ${page.duration(start)}, takes ${page.duration(length)}`
      + (note ? `\n${note}` : "");
  }

  draw() {
    this.isQueued = false;
    // A timeline in a closed details element is drawn when the element is opened.
    if (!this.canvas.checkVisibility()) return;
    // The height is set before the width is read: it can add a scroll bar to the page, which reduces the width.
    this.canvas.style.height = `${this.height}px`;
    const width = this.canvas.clientWidth;
    const pen = page.pen(this.canvas, width, this.height);
    pen.font = `12${family}`;
    const names = this.panels.flatMap((panel) => panel.lanes.map((lane) => lane.name));
    const widest = Math.max(0, ...names.slice(0, 400).map((name) => pen.measureText(name).width));
    this.left = Math.round(Math.min(widest + 10, width * 0.3));
    this.right = width - 1;
    this.ink = page.colour("ink");
    this.drawAxis(width);
    for (const panel of this.panels) this.drawPanel(pen, panel);
  }

  // Labels the axis at both ends, and at the round times between them whose labels do not overlap those of the ends.
  drawAxis(width) {
    const pen = page.pen(this.axis, width, axisHeight), y = axisHeight / 2 - 2;
    pen.font = `12${family}`;
    pen.fillStyle = page.colour("soft");
    // The ends get as many digits as are needed to tell ticks apart.
    const step = roundStep((this.to - this.from) / Math.max(1, (this.right - this.left) / 80));
    const text = (time) => page.duration(step >= 1 ? Math.round(time / step * 100) * step / 100 : time);
    const first = text(this.from), last = text(this.to);
    pen.textAlign = "left";
    pen.fillText(first, this.left, y);
    pen.textAlign = "right";
    pen.fillText(last, this.right, y);
    pen.textAlign = "center";
    const low = this.left + pen.measureText(first).width + 10, high = this.right - pen.measureText(last).width - 10;
    for (let time = Math.ceil(this.from / step) * step; time <= this.to; time += step) {
      const x = this.x(time), name = page.duration(time), half = pen.measureText(name).width / 2;
      pen.fillRect(Math.min(x, this.right - 1), axisHeight - 6, 1, 5);
      if (x - half > low && x + half < high) pen.fillText(name, x, y);
    }
    pen.fillRect(this.left, axisHeight - 1, this.right - this.left, 1);
  }

  drawPanel(pen, panel) {
    if (panel.title) {
      pen.fillStyle = this.ink;
      pen.textAlign = "left";
      pen.font = `600 14${family}`;
      pen.fillText(panel.title, 0, panel.top + 17, this.right);
    }
    // A text is drawn if the panel's widest text would fit. Boxes of equal width either all show their texts or none
    // does.
    this.room = Infinity;
    this.smallRoom = Infinity;
    if (this.isWhole && this.boxHeight > 9) {
      pen.font = `12${family}`;
      this.room = pen.measureText(panel.widest).width + 3;
      pen.font = `10${family}`;
      this.smallRoom = pen.measureText(panel.widest).width + 2;
    }
    const stride = Math.ceil(14 / Math.max(1, this.boxHeight + this.gap));
    panel.lanes.forEach((lane, row) => this.drawLane(pen, panel, lane, row % (stride === 1 ? 1 : stride * 2) === 0));
  }

  drawName(pen, name, middle) {
    let text = name;
    const most = this.left - 8;
    if (pen.measureText(text).width > most) {
      while (text.length > 1 && pen.measureText(`${text}…`).width > most) text = text.slice(0, -1);
      text += "…";
    }
    pen.fillStyle = this.ink;
    pen.textAlign = "right";
    pen.fillText(text, this.left - 6, middle);
  }

  drawLane(pen, panel, lane, isNamed) {
    pen.font = `12${family}`;
    if (isNamed) this.drawName(pen, lane.name, lane.top + (lane.boxHeight || lane.height) / 2);
    const left = this.left, right = this.right, list = lane.spans;
    if (lane.boxHeight > 9) {
      pen.strokeStyle = page.colour("line");
      pen.strokeRect(left + 0.5, lane.top + 0.5, right - left - 1, lane.boxHeight - 1);
    }
    let drawn = -1;
    for (let i = firstAfter(list, 3, this.from - lane.longest); list[i] < this.to; i += 3) {
      const x = this.x(list[i]), end = this.x(list[i] + list[i + 1]), visibleEnd = Math.min(end, right);
      // Of many spans within half a pixel, one is drawn.
      if (end < left || visibleEnd < drawn + 0.4) continue;
      this.drawBox(pen, panel.labels[list[i + 2]], x, end - x, lane);
      drawn = visibleEnd;
    }
    (lane.bands || []).forEach((band, row) => {
      this.drawBand(pen, band, lane.top + lane.boxHeight + row * lane.bandHeight + 1, lane.bandHeight - 1);
    });
  }

  drawBox(pen, label, x, width, lane) {
    const parts = label.parts || [label], weights = parts.map((part) => part.weight || 1);
    const unit = width / weights.reduce((sum, weight) => sum + weight, 0);
    const y = lane.top, height = lane.boxHeight;
    let start = x;
    for (const [index, part] of parts.entries()) {
      const partWidth = unit * weights[index];
      const left = Math.max(start, this.left), right = Math.min(start + partWidth, this.right);
      if (right >= left) {
        const full = page.colour(part.kind), fill = part.opacity ? page.tint(full, part.opacity) : full;
        const visible = Math.max(0.5, right - left - (right - left > 3 ? 0.7 : 0));
        pen.fillStyle = fill;
        pen.fillRect(left, y, visible, height);
        if (part.opacity) {
          // A later chunk has the full colour of its kind at its lower edge.
          pen.fillStyle = full;
          pen.fillRect(left, y + height - Math.min(3, height / 3), visible, Math.min(3, height / 3));
        }
        pen.fillStyle = page.inkOn(fill);
        this.drawText(pen, part.text || "", start, partWidth, y + height / 2);
      }
      start += partWidth;
    }
    const left = Math.max(x, this.left), visible = Math.min(x + width, this.right) - left;
    if (label.parts && visible > 4) {
      pen.strokeStyle = this.ink;
      pen.strokeRect(left + 0.5, y + 0.5, visible - 1.5, height - 1);
    }
  }

  drawText(pen, text, x, width, middle) {
    if (this.isWhole) {
      if (!text || width < this.smallRoom || x < this.left - 0.5 || x + width > this.right + 0.5) return;
      if (this.boxHeight <= 9) return;
      pen.font = `${width >= this.room && this.boxHeight > 12 ? 12 : 10}${family}`;
      pen.textAlign = "center";
      pen.fillText(text, x + width / 2, middle + 0.5);
      return;
    }
    const left = Math.max(this.left, x), right = Math.min(this.right, x + width);
    if (right - left <= 48) return;
    pen.save();
    pen.beginPath();
    pen.rect(left, middle - 20, right - left - 4, 40);
    pen.clip();
    pen.textAlign = "left";
    pen.fillText(text, left + 4, middle);
    pen.restore();
  }

  // The height of a pixel column is the covered share of its time, so that short spans are not exaggerated.
  drawBand(pen, band, top, height) {
    const list = band.spans, columns = Math.max(1, Math.floor(this.right - this.left));
    const unit = (this.to - this.from) / columns, cover = new Float64Array(columns);
    for (let i = Math.max(0, firstAfter(list, 2, this.from) - 2); list[i] < this.to; i += 2) {
      const start = Math.max(0, (list[i] - this.from) / unit);
      const end = Math.min(columns, (list[i + 1] - this.from) / unit);
      for (let c = Math.floor(start); c < end; c++) cover[c] += Math.min(end, c + 1) - Math.max(start, c);
    }
    pen.fillStyle = page.colour(band.kind);
    cover.forEach((part, c) => {
      if (part > 0) pen.fillRect(this.left + c, top + height * (1 - part), 1, height * part);
    });
  }
}

page.views = [...document.querySelectorAll("figure.timeline")].map((figure) => new TimelineView(figure));
