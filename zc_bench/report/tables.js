"use strict";

/* Tables: a button in each heading sorts. */

function sortKey(row, place) {
  const by = row.cells[place].dataset.by;
  if (by === undefined) return null;
  return Number.isNaN(Number(by)) ? by : Number(by);
}

function sortBy(table, place) {
  const heading = table.tHead.rows[0].cells[place];
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => ({ row, key: sortKey(row, place) }));
  // Of numbers one wants to see the largest first, of names the first.
  const numbers = keyed.some(({ key }) => typeof key === "number");
  const before = heading.getAttribute("aria-sort");
  const up = before ? before === "descending" : !numbers;
  keyed.sort((one, other) => {
    if (one.key === null || other.key === null) return (one.key === null) - (other.key === null);
    const order = numbers ? one.key - other.key : String(one.key).localeCompare(String(other.key));
    return up ? order : -order;
  });
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  body.append(...keyed.map(({ row }) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  table.tHead.addEventListener("click", (event) => {
    const heading = event.target.closest("th");
    if (heading) sortBy(table, heading.cellIndex);
  });
}

