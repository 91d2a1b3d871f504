// Maps of colours, such as layers by devices. Each figure of the class `map` shows the JSON of the script element after
// it. Hovering or a tap shows the value of a cell. The members of the JSON:
//   title, column, row   text above the map, and the nouns for a column and a row
//   unit      text after a value
//   bars      a number per column, drawn above the map; may be empty
//   most      the value of a bar of full height
//   rows      [{ name, values, side }]; side is a text at the row's end
//   side      text above the rows' sides
//   classes   [{ limit, colour, name }] by ascending limit: a value belongs to the first class whose limit is above it;
//             the last class has no limit; cells of a class without a colour are not drawn

const barHeight = 96, barHead = 16, barFoot = 30, foot = 18;
const font = "11px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";

class MapView {
  constructor(figure) {
    this.data = JSON.parse(figure.nextElementSibling.textContent);
    page.make("figcaption", figure, this.data.title);
    this.canvas = page.make("canvas", figure);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `${this.data.title}: ${this.data.rows.length} rows`);
    const legend = page.make("p", figure);
    legend.className = "legend scale";
    if (this.data.unit) page.make("span", legend, `${this.data.unit.trim()}:`);
    for (const { name, colour } of this.data.classes) {
      if (!colour) continue;
      const entry = page.make("span", legend);
      page.make("i", entry).style.background = `var(--${colour})`;
      entry.append(name);
    }
    for (const type of ["pointermove", "pointerdown"]) {
      this.canvas.addEventListener(type, (event) => this.hover(event));
    }
    this.canvas.addEventListener("pointerleave", () => page.hide());
    page.keepDrawn(() => this.draw());
  }

  get columns() { return Math.max(this.data.bars.length, ...this.data.rows.map((row) => row.values.length), 1); }

  hover(event) {
    const { bars, rows, column, row, unit } = this.data;
    const index = Math.floor((event.offsetX - this.left) / this.cell);
    const line = Math.floor((event.offsetY - this.top) / this.rowHeight);
    if (index < 0 || index >= this.columns || line >= rows.length) { page.hide(); return; }
    let text = "";
    if (line >= 0) text = `${row} ${rows[line].name}, ${column} ${index}: ${rows[line].values[index]}${unit}`;
    else if (bars.length && event.offsetY < this.top - 4) text = `all, ${column} ${index}: ${bars[index]}${unit}`;
    if (text) page.describe(text, event.clientX, event.clientY); else page.hide();
  }

  draw() {
    const { bars, rows, side } = this.data, width = this.canvas.parentElement.clientWidth;
    if (width === 0) return;
    this.rowHeight = rows.length > 96 ? 7 : rows.length > 12 ? 11 : 18;
    this.top = (bars.length ? barHead + barHeight + barFoot : 4) + 14;
    this.left = 40;
    this.right = width - (side ? 48 : 4);
    this.cell = (this.right - this.left) / this.columns;
    const pen = page.pen(this.canvas, width, this.top + rows.length * this.rowHeight + foot);
    pen.font = font;
    if (bars.length) this.drawBars(pen, bars);
    pen.fillStyle = page.colour("soft");
    pen.textAlign = "left";
    pen.fillText(this.data.row, 0, this.top - 8);
    pen.textAlign = "right";
    if (side) pen.fillText(side, width - 1, this.top - 8);
    rows.forEach((row, index) => this.drawRow(pen, row, index, width));
    this.drawColumnNames(pen, this.top + rows.length * this.rowHeight + 9);
  }

  drawBars(pen, bars) {
    const base = barHead + barHeight, scale = barHeight / this.data.most;
    pen.fillStyle = page.colour("compute");
    const width = Math.max(1, this.cell * 0.8);
    bars.forEach((value, index) => {
      pen.fillRect(this.left + (index + 0.5) * this.cell - width / 2, base - value * scale, width, value * scale);
    });
    pen.fillStyle = page.colour("soft");
    pen.textAlign = "right";
    for (const tick of [0, 1]) pen.fillText(`${tick}×`, this.left - 6, base - tick * scale);
    pen.strokeStyle = page.colour("ink");
    pen.setLineDash([4, 3]);
    pen.strokeRect(this.left, Math.round(base - scale) + 0.5, this.right - this.left, 0);
    pen.setLineDash([]);
    pen.textAlign = "center";
    pen.fillStyle = page.inkOn(page.colour("compute"));
    const room = pen.measureText("0.00").width + 4;
    if (this.cell * 0.8 >= room) {
      bars.forEach((value, index) => {
        const height = value * scale;
        if (height > 24) pen.fillText(value.toFixed(2), this.left + (index + 0.5) * this.cell, base - 8);
      });
    }
    pen.fillStyle = page.colour("soft");
    pen.textAlign = "left";
    pen.fillText(`all rows; longest ${Math.max(...bars)}${this.data.unit}`, this.left, base + 12);
  }

  drawRow(pen, row, index, width) {
    const y = this.top + index * this.rowHeight, classes = this.data.classes;
    const gap = this.cell >= 6 ? 1 : 0, height = this.rowHeight - 1;
    row.values.forEach((value, column) => {
      const { colour } = classes.find((one) => one.limit === undefined || value < one.limit);
      if (!colour) return;
      pen.fillStyle = page.colour(colour);
      pen.fillRect(this.left + column * this.cell, y, this.cell - gap + (gap ? 0 : 0.3), height);
    });
    pen.fillStyle = page.colour("soft");
    const isNamed = this.rowHeight >= 11 || index % 5 === 0;
    pen.textAlign = "right";
    if (isNamed) pen.fillText(row.name, this.left - 6, y + height / 2 + 0.5);
    if (isNamed && row.side) pen.fillText(row.side, width - 1, y + height / 2 + 0.5);
    pen.strokeStyle = page.colour("line");
    if (index === 0) {
      pen.strokeRect(
        this.left - 0.5, this.top - 0.5, this.right - this.left + 1, this.data.rows.length * this.rowHeight);
    }
  }

  drawColumnNames(pen, y) {
    const widest = pen.measureText(`${this.columns}`).width + 8;
    const stride = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].find((one) => one * this.cell >= widest) || this.columns;
    pen.textAlign = "center";
    pen.fillStyle = page.colour("soft");
    for (let column = 0; column < this.columns; column += stride) {
      pen.fillText(`${column}`, this.left + (column + 0.5) * this.cell, y);
    }
  }
}

page.mapViews = [...document.querySelectorAll("figure.map")].map((figure) => new MapView(figure));
