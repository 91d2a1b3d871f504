// Tables that readers sort by clicking the title of a column, and filter by text. Each element of the class
// `sortable` shows the JSON of the script element after it:
//   placeholder   text of the empty filter
//   columns       [{ title, unit }]; cells of the unit "ms" are nanoseconds, those of "" are shown as they are
//   sortedBy      index of the column that the rows are sorted by at first, in descending order
//   rows          [{ cells, name, detail }]; name is shown on hovering and searched, detail stands below the first cell

const fewRows = 20, mostRows = 500;

function matches(row, wanted) {
  const texts = [row.name, ...row.cells.filter((cell) => typeof cell === "string")];
  return texts.join(" ").toLowerCase().includes(wanted);
}

function fillRow(line, row, columns) {
  line.title = row.name;
  row.cells.forEach((cell, index) => {
    page.make("td", line, columns[index].unit === "ms" ? (cell / 1e6).toFixed(3) : cell);
  });
  if (row.detail) page.make("div", line.cells[0], row.detail).className = "soft";
}

function sortable(parent) {
  const data = JSON.parse(parent.nextElementSibling.textContent);
  const filter = page.make("input", parent), scroller = page.make("div", parent), table = page.make("table", scroller);
  const head = page.make("tr", page.make("thead", table)), body = page.make("tbody", table);
  const more = page.make("button", parent);
  scroller.className = "scroller";
  filter.type = "search";
  filter.placeholder = data.placeholder;
  filter.setAttribute("aria-label", data.placeholder);
  more.type = "button";
  let column = data.sortedBy, falls = true, most = fewRows;
  const order = (a, b) => (a.cells[column] < b.cells[column] ? -1 : a.cells[column] > b.cells[column] ? 1 : 0);
  const titles = data.columns.map(({ title }) => page.make("button", page.make("th", head), title));
  const fill = () => {
    const wanted = filter.value.toLowerCase();
    const rows = data.rows.filter((row) => matches(row, wanted)).toSorted((a, b) => order(a, b) * (falls ? -1 : 1));
    body.replaceChildren();
    for (const row of rows.slice(0, most)) fillRow(page.make("tr", body), row, data.columns);
    const isCut = rows.length > most && most === mostRows;
    more.hidden = rows.length <= most || isCut;
    more.textContent = `Show ${Math.min(rows.length, mostRows)} of ${rows.length} rows`;
    if (isCut) {
      const rest = page.make("td", page.make("tr", body), `and ${rows.length - mostRows} more: filter to see them`);
      rest.className = "soft";
    }
    titles.forEach((title, index) => {
      title.parentElement.ariaSort = index !== column ? "none" : falls ? "descending" : "ascending";
    });
  };
  titles.forEach((title, index) => {
    title.type = "button";
    title.addEventListener("click", () => {
      falls = column === index ? !falls : true;
      column = index;
      fill();
    });
  });
  more.addEventListener("click", () => {
    most = mostRows;
    fill();
  });
  filter.addEventListener("input", fill);
  fill();
}

document.querySelectorAll(".sortable").forEach(sortable);
