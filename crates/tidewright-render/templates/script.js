"use strict";
(() => {
  const table = document.getElementById("limits"), body = table.tBodies[0];
  const filter = document.getElementById("filter"), found = document.getElementById("found");
  const rows = [...body.rows];
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    found.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
  const value = (row, column) => {
    const cell = row.cells[column], number = cell.dataset.v;
    if (number === undefined) return cell.textContent;
    return number === "" ? -Infinity : Number(number);
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
      rows.sort((left, right) => order(value(left, column), value(right, column)));
      body.append(...rows);
    });
  });
})();
