// The viewer of timelines. Each canvas of the class `timeline` draws the JSON of the script element after it. The wheel
// zooms about the pointer, dragging moves, a double click shows everything, and hovering describes a span.
//
// The JSON of one canvas; times are nanoseconds:
//   end       right edge of the time axis, whose left edge is 0
//   panels    drawn below one another on one time axis, each with
//     title     text above the panel, which may be empty
//     labels    the labels that spans refer to, each { name, kind } and, if they apply:
//                 text     short form drawn within the span
//                 opacity  0 to 1
//                 note     index into notes
//                 parts    [{ kind, text, opacity, weight }] in place of the label's own: drawn side by side within one
//                          border, in widths that are in proportion to the weights, which are 1 if they are not given
//     notes     lines that labels add to the description
//     strips    [{ name, kind, spans }], rows that show the covered part of each column; spans is [start, end, ...]
//     lanes     [{ name, spans }], rows of spans; spans is [start, length, label, ...] by start, and label is an index
//               into labels
//
// A kind names its colour: `forward` is drawn in the custom property `--forward` of the style sheet. The body's
// `data-look` says which entry of `looks` the page takes.
"use strict";

const milliseconds = (ns) => (ns / 1e6).toFixed(3);

// A duration in the largest unit in which it is at least 1.
function duration(ns) {
  if (ns >= 1e9) return `${+(ns / 1e9).toFixed(4)} s`;
  if (ns >= 1e6) return `${+(ns / 1e6).toFixed(4)} ms`;
  if (ns >= 1e3) return `${+(ns / 1e3).toFixed(3)} µs`;
  return ns === 0 ? "0" : `${+ns.toFixed(3)} ns`;
}

// The first entry of a flat list of `width` numbers each that begins at `time` or later; entries are by start.
function firstAfter(list, width, time) {
  let low = 0, high = list.length / width;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle * width] < time) low = middle + 1; else high = middle;
  }
  return low * width;
}

// The least round number of nanoseconds that is at least `wanted`.
function roundStep(wanted) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, wanted)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= wanted);
}

// A number in the middle of its box, if it fits.
function drawNumber(pen, text, x, width, middle, view) {
  if (width <= text.length * 5.2 + 2 || x < view.left || x + width > view.right) return;
  pen.font = `${width > text.length * 6.3 + 3 ? 11 : 9}px system-ui, sans-serif`;
  pen.fillStyle = view.ink;
  pen.textAlign = "center";
  pen.fillText(text, x + width / 2, middle);
}

// The beginning of a name in its visible box, if there is room for some letters.
function drawName(pen, text, x, width, middle, view) {
  const left = Math.max(view.left, x), right = Math.min(view.right, x + width);
  if (right - left <= 48) return;
  pen.save();
  pen.beginPath();
  pen.rect(left, middle - 20, right - left - 4, 40);
  pen.clip();
  pen.fillStyle = "#fff";
  pen.textAlign = "left";
  pen.fillText(text, left + 4, middle);
  pen.restore();
}

// The measures and texts in which pages differ; lengths are pixels.
const looks = {
  // Schedules under one another, a row per rank.
  schedule: {
    head: 30, foot: 24, right: 8, gap: 3, boxTop: 0, leastWidth: 0.4, leastStep: 0,
    axis: "below", names: "right", hasFrames: true, drawText: drawNumber,
    pitch: (laneCount) => (laneCount > 48 ? 14 : 24),
    left: () => 64,
    tickCount: (width) => (width + 8) / 110,
    tick: duration,
    describe: (label, start, length, note) =>
      `${label.name}\nstarts at ${duration(start)}, takes ${duration(length)}${note ? "\n" + note : ""}`,
  },
  // One rank's trace, a row per stream.
  trace: {
    head: 22, foot: 6, right: 0, gap: 4, boxTop: 2, leastWidth: 0.6, leastStep: 0.4,
    axis: "above", names: "left", hasFrames: false, drawText: drawName,
    pitch: () => 26,
    left: (names) => Math.min(260, Math.max(110, 14 + 6.4 * Math.max(0, ...names.map((name) => name.length)))),
    tickCount: (width) => Math.max(2, Math.min(8, width / 90)),
    tick: (ns) => `${+(ns / 1e6).toFixed(6)} ms`,
    describe: (label, start, length) =>
      `${label.name} (${label.kind}): ${milliseconds(length)} ms at ${milliseconds(start)} ms`,
  },
};
const stripHeight = 16;

class TimelineView {
  constructor(canvas) {
    const data = JSON.parse(canvas.nextElementSibling.textContent);
    this.canvas = canvas;
    this.tip = document.getElementById("tip");
    this.look = looks[document.body.dataset.look];
    this.panels = data.panels;
    this.end = Math.max(1, data.end);
    this.from = 0;
    this.to = this.end;
    this.grip = null;
    this.isQueued = false;
    this.colours = new Map();
    this.layOut();
    this.listen();
    this.draw();
  }

  // The places of panels and rows, which zooming leaves as they are.
  layOut() {
    const lanes = this.panels.flatMap((panel) => panel.lanes);
    this.pitch = this.look.pitch(lanes.length);
    this.left = this.look.left(lanes.map((lane) => lane.name));
    let top = 0;
    for (const panel of this.panels) {
      panel.top = top;
      panel.stripsTop = top + this.look.head;
      panel.lanesTop = panel.stripsTop + panel.strips.length * stripHeight + (panel.strips.length ? 8 : 0);
      panel.bottom = panel.lanesTop + panel.lanes.length * this.pitch;
      top = panel.bottom + this.look.foot;
    }
    this.height = top;
    // How far back a span may begin and still be seen.
    for (const lane of lanes) {
      lane.longest = 0;
      for (let i = 1; i < lane.spans.length; i += 3) lane.longest = Math.max(lane.longest, lane.spans[i]);
    }
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(event.deltaY * 0.002), this.timeAt(event.offsetX));
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => { this.grip = { x: event.clientX, from: this.from }; });
    canvas.addEventListener("pointermove", (event) => { if (!this.grip) this.hover(event); });
    canvas.addEventListener("pointerleave", () => { this.tip.style.display = "none"; });
    canvas.addEventListener("dblclick", () => this.showAll());
    addEventListener("pointermove", (event) => {
      if (this.grip) this.show(this.grip.from - (event.clientX - this.grip.x) / this.scale, this.to - this.from);
    });
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => { this.grip = null; });
    addEventListener("resize", () => this.redraw());
  }

  get boxHeight() { return this.pitch - this.look.gap; }
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
    this.redraw();
  }

  showAll() { this.show(0, this.end); }

  redraw() {
    if (this.isQueued) return;
    this.isQueued = true;
    requestAnimationFrame(() => this.draw());
  }

  // The last span within a pixel of a point: its panel, its lane and its index in the lane's list.
  spanAt(x, y) {
    const panel = this.panels.find((one) => y >= one.lanesTop && y < one.bottom);
    if (!panel || x < this.left || x > this.right) return null;
    const lane = panel.lanes[Math.floor((y - panel.lanesTop) / this.pitch)];
    const spans = lane.spans, time = this.timeAt(x), reach = 1 / this.scale;
    let found = null;
    for (let i = firstAfter(spans, 3, time - lane.longest - reach); spans[i] <= time + reach; i += 3) {
      if (spans[i] + spans[i + 1] >= time - reach) found = { panel, lane, index: i };
    }
    return found;
  }

  hover(event) {
    const found = this.spanAt(event.offsetX, event.offsetY), tip = this.tip;
    tip.style.display = found ? "block" : "none";
    if (!found) return;
    const [start, length, index] = found.lane.spans.slice(found.index, found.index + 3);
    const label = found.panel.labels[index];
    tip.textContent = this.look.describe(label, start, length, found.panel.notes[label.note]);
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 12))}px`;
    tip.style.top = `${event.clientY + 14}px`;
  }

  colour(kind) {
    if (!this.colours.has(kind)) this.colours.set(kind, getComputedStyle(this.canvas).getPropertyValue("--" + kind));
    return this.colours.get(kind);
  }

  draw() {
    this.isQueued = false;
    const canvas = this.canvas, ratio = devicePixelRatio || 1;
    // The height comes first: it can bring a scroll bar, which takes some of the width.
    canvas.style.height = `${this.height}px`;
    const width = canvas.clientWidth;
    this.right = width - this.look.right;
    canvas.width = width * ratio;
    canvas.height = this.height * ratio;
    this.ink = getComputedStyle(canvas).color;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.textBaseline = "middle";
    for (const panel of this.panels) this.drawPanel(pen, panel);
  }

  drawPanel(pen, panel) {
    pen.fillStyle = this.ink;
    pen.textAlign = "left";
    pen.font = "600 14px system-ui, sans-serif";
    pen.fillText(panel.title, 4, panel.top + 15);
    pen.font = "11px system-ui, sans-serif";
    this.drawAxis(pen, panel);
    panel.strips.forEach((strip, row) => this.drawStrip(pen, strip, panel.stripsTop + row * stripHeight));
    panel.lanes.forEach((lane, row) => this.drawLane(pen, panel, lane, panel.lanesTop + row * this.pitch));
  }

  drawAxis(pen, panel) {
    const step = roundStep((this.to - this.from) / this.look.tickCount(this.right - this.left));
    const isAbove = this.look.axis === "above";
    pen.fillStyle = this.ink;
    pen.textAlign = isAbove ? "left" : "center";
    for (let time = Math.ceil(this.from / step) * step; time <= this.to; time += step) {
      const x = this.x(time), text = this.look.tick(time);
      pen.globalAlpha = 0.75;
      if (isAbove) {
        if (x < this.right - 60) pen.fillText(text, x + 3, panel.top + this.look.head / 2);
        pen.globalAlpha = 0.12;
        pen.fillRect(x, panel.stripsTop, 1, panel.bottom + this.look.foot - panel.stripsTop);
      } else {
        const most = this.right + this.look.right - pen.measureText(text).width / 2 - 1;
        pen.fillText(text, Math.min(x, most), panel.bottom + 8);
      }
    }
    pen.globalAlpha = 1;
  }

  // A column is as high as the part of its time that is covered, so that nothing looks more than it is.
  drawStrip(pen, strip, top) {
    this.drawLaneName(pen, strip.name, top + stripHeight / 2);
    const list = strip.spans, columns = Math.max(1, Math.floor(this.right - this.left));
    const unit = (this.to - this.from) / columns, cover = new Float64Array(columns);
    for (let i = Math.max(0, firstAfter(list, 2, this.from) - 2); list[i] < this.to; i += 2) {
      const start = Math.max(0, (list[i] - this.from) / unit);
      const end = Math.min(columns, (list[i + 1] - this.from) / unit);
      for (let c = Math.floor(start); c < end; c++) cover[c] += Math.min(end, c + 1) - Math.max(start, c);
    }
    pen.fillStyle = this.colour(strip.kind);
    const most = stripHeight - 3;
    cover.forEach((part, c) => {
      if (part > 0) pen.fillRect(this.left + c, top + 1 + most * (1 - part), 1, most * part);
    });
  }

  drawLaneName(pen, name, middle) {
    pen.fillStyle = this.ink;
    pen.textAlign = this.look.names;
    pen.fillText(name, this.look.names === "right" ? this.left - 6 : 6, middle);
  }

  drawLane(pen, panel, lane, top) {
    pen.font = "11px system-ui, sans-serif";
    this.drawLaneName(pen, lane.name, top + this.pitch / 2);
    const y = top + this.look.boxTop, left = this.left, right = this.right, list = lane.spans;
    if (this.look.hasFrames) {
      pen.strokeStyle = this.colour("frame");
      pen.strokeRect(left, y, right - left, this.boxHeight);
    }
    let drawn = -1;
    for (let i = firstAfter(list, 3, this.from - lane.longest); list[i] < this.to; i += 3) {
      const x = this.x(list[i]), end = this.x(list[i] + list[i + 1]), visibleEnd = Math.min(end, right);
      // Of many spans within a pixel of a large trace, one is drawn.
      if (end < left || visibleEnd < drawn + this.look.leastStep) continue;
      this.drawBox(pen, panel.labels[list[i + 2]], x, end - x, y);
      drawn = visibleEnd;
    }
  }

  drawBox(pen, label, x, width, y) {
    const parts = label.parts || [label], weights = parts.map((part) => part.weight || 1);
    const unit = width / weights.reduce((sum, weight) => sum + weight, 0);
    let start = x;
    for (const [index, part] of parts.entries()) {
      const partWidth = unit * weights[index];
      const left = Math.max(start, this.left), right = Math.min(start + partWidth, this.right);
      if (right >= left) {
        pen.globalAlpha = part.opacity || 1;
        pen.fillStyle = this.colour(part.kind);
        const gap = right - left > 3 ? 0.6 : 0;
        pen.fillRect(left, y, Math.max(this.look.leastWidth, right - left - gap), this.boxHeight);
        pen.globalAlpha = 1;
        this.look.drawText(pen, part.text || "", start, partWidth, y + this.boxHeight / 2 + 1, this);
      }
      start += partWidth;
    }
    const left = Math.max(x, this.left), visible = Math.min(x + width, this.right) - left;
    if (label.parts && visible > 9) {
      pen.strokeStyle = this.ink;
      pen.strokeRect(left + 0.5, y + 0.5, visible - 1, this.boxHeight - 1);
    }
  }
}

const views = [...document.querySelectorAll("canvas.timeline")].map((canvas) => new TimelineView(canvas));
const buttons = { in: (view) => view.zoom(0.5), out: (view) => view.zoom(2), all: (view) => view.showAll() };
for (const [id, act] of Object.entries(buttons)) {
  const button = document.getElementById(id);
  if (button) button.addEventListener("click", () => views.forEach(act));
}
