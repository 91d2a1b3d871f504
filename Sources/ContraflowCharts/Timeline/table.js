// Tables to sort by a click on a column's title and to filter by text. Each element of the class `sortable` shows the
// JSON of the script element after it:
//   placeholder   text of the empty filter
//   columns       [{ title, unit }]; cells of the unit "ms" are nanoseconds, those of "" are shown as they are
//   sortedBy      index of the column that sorts at first, the largest on top
//   rows          [{ cells, name, detail }]; name is shown on hovering and searched, detail stands below the first cell
"use strict";

const mostRows = 500;

function make(tag, parent, text) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function matches(row, wanted) {
  const texts = [row.name, ...row.cells.filter((cell) => typeof cell === "string")];
  return texts.join(" ").toLowerCase().includes(wanted);
}

function fillRow(line, row, columns) {
  line.title = row.name;
  row.cells.forEach((cell, index) => {
    make("td", line, columns[index].unit === "ms" ? (cell / 1e6).toFixed(3) : cell);
  });
  if (row.detail) make("div", line.cells[0], row.detail).className = "soft";
}

function sortable(parent) {
  const data = JSON.parse(parent.nextElementSibling.textContent);
  const filter = make("input", parent), table = make("table", parent);
  const head = make("tr", make("thead", table)), body = make("tbody", table);
  filter.placeholder = data.placeholder;
  let column = data.sortedBy, falls = true;
  const order = (a, b) => (a.cells[column] < b.cells[column] ? -1 : a.cells[column] > b.cells[column] ? 1 : 0);
  const fill = () => {
    const wanted = filter.value.toLowerCase();
    const rows = data.rows.filter((row) => matches(row, wanted)).toSorted((a, b) => order(a, b) * (falls ? -1 : 1));
    body.replaceChildren();
    for (const row of rows.slice(0, mostRows)) fillRow(make("tr", body), row, data.columns);
    if (rows.length > mostRows) {
      make("td", make("tr", body), `and ${rows.length - mostRows} more: filter to see them`).className = "soft";
    }
  };
  data.columns.forEach(({ title }, index) => {
    make("th", head, title).addEventListener("click", () => {
      falls = column === index ? !falls : true;
      column = index;
      fill();
    });
  });
  filter.addEventListener("input", fill);
  fill();
}

document.querySelectorAll(".sortable").forEach(sortable);
