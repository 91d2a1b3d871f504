// Charts of curves. Each figure of the class `curves` shows the JSON of the script element after it. Hovering, a tap
// and the arrow keys show the values at a position of the horizontal axis. The members of the JSON:
//   title     text above the chart
//   xName     text below the horizontal axis
//   curves    [{ name, points }]; points is [x, y, ...] by ascending x
//   marks     [{ x, y, text }], points with a text

const height = 240, top = 10, bottom = 34, patterns = ["", "7 3", "2 3", "9 3 2 3", "4 2", "6 2 1 2 1 2"];

const short = (value) => `${+value.toPrecision(4)}`;

function roundTicks(low, high, count) {
  const wanted = (high - low) / count, power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= wanted);
  const ticks = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) ticks.push(index * step);
  return ticks;
}

function bounds(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low === high) return [low - 0.5, high + 0.5];
  return [low, high];
}

class CurveView {
  constructor(figure) {
    const data = JSON.parse(figure.nextElementSibling.textContent);
    this.curves = data.curves.map(({ name, points }) => {
      const xs = points.filter((_, index) => index % 2 === 0), ys = points.filter((_, index) => index % 2 === 1);
      return { name, xs, ys };
    });
    this.marks = data.marks;
    this.xName = data.xName;
    this.places = [...new Set(this.curves.flatMap((curve) => curve.xs))].toSorted((a, b) => a - b);
    this.at = -1;
    page.make("figcaption", figure, data.title);
    const legend = page.make("p", figure);
    legend.className = "legend";
    this.curves.forEach(({ name }, index) => {
      const entry = page.make("span", legend);
      const line = page.makeSVG("svg", entry, { width: 26, height: 10, "aria-hidden": "true" });
      const look = { class: `curve${index}`, "stroke-dasharray": patterns[index] };
      page.makeSVG("line", line, { x1: 1, x2: 25, y1: 5, y2: 5, ...look });
      entry.append(name);
    });
    this.svg = page.makeSVG("svg", figure, { role: "img", tabindex: 0, "aria-label": this.summary(data.title) });
    this.listen();
    page.keepDrawn(() => this.draw());
  }

  summary(title) {
    const ends = this.curves.filter(({ xs }) => xs.length > 0).map(({ name, xs, ys }) =>
      `${name} from ${short(ys[0])} to ${short(ys.at(-1))}, ${this.xName} ${short(xs[0])} to ${short(xs.at(-1))}`);
    return [title, ...ends].join("; ");
  }

  listen() {
    for (const type of ["pointermove", "pointerdown"]) {
      this.svg.addEventListener(type, (event) => {
        const x = event.clientX - this.svg.getBoundingClientRect().left;
        let nearest = 0;
        this.places.forEach((place, index) => {
          if (Math.abs(this.x(place) - x) < Math.abs(this.x(this.places[nearest]) - x)) nearest = index;
        });
        this.point(nearest);
      });
    }
    for (const type of ["pointerleave", "blur"]) this.svg.addEventListener(type, () => this.point(-1));
    this.svg.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!move) return;
      event.preventDefault();
      this.point(Math.max(0, Math.min(this.places.length - 1, this.at + move)));
    });
  }

  x(value) { return this.left + (this.right - this.left) * (value - this.xs[0]) / (this.xs[1] - this.xs[0]); }
  y(value) { return height - bottom - (height - bottom - top) * (value - this.ys[0]) / (this.ys[1] - this.ys[0]); }

  // Shows the values at the x coordinate with this index; hides them if the index is negative.
  point(index) {
    this.at = index;
    this.cursor.replaceChildren();
    if (index < 0 || this.places.length === 0) {
      page.hide();
      return;
    }
    const place = this.places[index], x = this.x(place), lines = [`${this.xName} ${short(place)}`];
    page.makeSVG("line", this.cursor, { x1: x, x2: x, y1: top, y2: height - bottom, class: "cursor" });
    this.curves.forEach(({ name, xs, ys }, curve) => {
      const found = xs.indexOf(place);
      if (found < 0) return;
      lines.push(`${name} ${short(ys[found])}`);
      page.makeSVG("circle", this.cursor, { cx: x, cy: this.y(ys[found]), r: 4, class: `curve${curve}` });
    });
    const area = this.svg.getBoundingClientRect();
    page.describe(lines.join("\n"), area.left + x, area.top + top + 20);
  }

  draw() {
    const svg = this.svg, width = svg.parentElement.clientWidth;
    if (width === 0) return;
    svg.replaceChildren();
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
      svg.setAttribute(name, value);
    }
    const ys = this.curves.flatMap((curve) => curve.ys);
    this.cursor = page.makeSVG("g", svg, {});
    if (ys.length === 0) return;
    this.xs = bounds(this.places);
    this.ys = bounds(ys);
    // A margin of 6 % above and below the curves; the axis does not go below 0 unless a value does.
    const air = (this.ys[1] - this.ys[0]) * 0.06;
    this.ys = [this.ys[0] >= 0 ? Math.max(0, this.ys[0] - air) : this.ys[0] - air, this.ys[1] + air];
    const ticks = roundTicks(...this.ys, 5);
    this.left = 14 + 7 * Math.max(...ticks.map((tick) => short(tick).length));
    this.right = width - 12;
    for (const tick of ticks) {
      page.makeSVG("line", svg, { x1: this.left, x2: this.right, y1: this.y(tick), y2: this.y(tick), class: "grid" });
      page.makeSVG("text", svg, { x: this.left - 6, y: this.y(tick) + 4, class: "end" }, short(tick));
    }
    this.drawFoot(svg);
    this.curves.forEach(({ xs, ys: values }, index) => this.drawCurve(svg, xs, values, index));
    for (const { x, y } of this.marks) {
      page.makeSVG("circle", svg, { cx: this.x(x), cy: this.y(y), r: 3.5, class: "mark" });
    }
    for (const mark of this.marks) this.drawText(svg, mark);
    svg.append(this.cursor);
    this.at = -1;
  }

  // Labels the axis at both ends, and at the round values between them whose labels do not overlap those of the ends.
  drawFoot(svg) {
    const y = height - bottom + 16, [first, last] = this.xs.map(short);
    if (this.places.length === 1) {
      page.makeSVG("text", svg, { x: this.x(this.places[0]), y, class: "middle" }, short(this.places[0]));
    } else {
      page.makeSVG("text", svg, { x: this.left, y }, first);
      page.makeSVG("text", svg, { x: this.right, y, class: "end" }, last);
      for (const tick of roundTicks(...this.xs, Math.max(2, Math.min(8, (this.right - this.left) / 80)))) {
        const x = this.x(tick), half = 4 * short(tick).length + 8;
        if (x - half < this.left + 8 * first.length || x + half > this.right - 8 * last.length) continue;
        page.makeSVG("text", svg, { x, y, class: "middle" }, short(tick));
      }
    }
    page.makeSVG("text", svg, { x: (this.left + this.right) / 2, y: height - 3, class: "middle" }, this.xName);
  }

  drawCurve(svg, xs, ys, index) {
    const points = xs.map((x, at) => `${this.x(x).toFixed(1)},${this.y(ys[at]).toFixed(1)}`).join(" ");
    page.makeSVG("polyline", svg, { points, class: `curve${index}`, "stroke-dasharray": patterns[index] });
    // A line through one point is invisible.
    if (xs.length === 1) {
      page.makeSVG("circle", svg, { cx: this.x(xs[0]), cy: this.y(ys[0]), r: 4, class: `curve${index}` });
    }
  }

  // Writes the text of a mark beside its point, at the first place within the picture where it covers no other text and
  // no other mark.
  drawText(svg, mark) {
    const x = this.x(mark.x), y = this.y(mark.y), isRight = x > (this.left + this.right) / 2;
    const taken = [...svg.querySelectorAll("text, .mark")].map((element) => element.getBBox());
    const text = page.makeSVG("text", svg, {}, mark.text), { width: length, height: size } = text.getBBox();
    const sides = [x + 8, x - 8 - length], limit = svg.width.baseVal.value;
    if (isRight) sides.reverse();
    const rows = [0, 1, 2, 3].flatMap((row) => [y + 16 + row * size, y - 8 - row * size]);
    if (isRight && y >= top + 24) rows.reverse();
    const isFree = ([left, base]) => left >= 0 && left + length <= limit && base - size >= 0 && base <= height - bottom &&
      taken.every((box) => left + length < box.x || left > box.x + box.width || base + 3 < box.y ||
        base - size + 3 > box.y + box.height);
    const places = rows.flatMap((base) => sides.map((left) => [left, base]));
    const [left, base] = places.find(isFree) ?? places[0];
    text.setAttribute("x", left);
    text.setAttribute("y", base);
  }
}

page.curveViews = [...document.querySelectorAll("figure.curves")].map((figure) => new CurveView(figure));
