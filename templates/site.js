// Filter and sort for tables with many rows. Every page is whole without this file: it only adds to what is there.
"use strict";
(() => {
  const words = document.currentScript.dataset;
  const paged = () => document.querySelector(".pager") !== null;
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  // What a cell is sorted by: its moment, its number, or its text.
  const key = (cell) => {
    const time = cell.querySelector("time");
    if (time) return time.dateTime;
    if (cell.classList.contains("n")) return Number(cell.textContent.replace(/[^0-9]/g, "") || -1);
    return cell.textContent.trim();
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang);

  const addFilter = (table, body, number) => {
    const rows = [...body.rows];
    const texts = rows.map((row) => fold(row.textContent));
    const tools = document.createElement("div");
    tools.className = "tools";
    const label = document.createElement("label");
    const field = document.createElement("input");
    const status = document.createElement("p");
    field.type = "search";
    field.id = `filter-${number}`;
    label.htmlFor = field.id;
    label.textContent = words.filter;
    status.setAttribute("role", "status");
    tools.append(label, field, status);
    table.closest(".scroll").before(tools);
    let waiting;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const parts = fold(field.value).split(/\s+/).filter(Boolean);
        let shown = 0;
        rows.forEach((row, i) => {
          row.hidden = !parts.every((part) => texts[i].includes(part));
          shown += row.hidden ? 0 : 1;
        });
        const message = paged() ? words.here : words.shown;
        status.textContent = parts.length ? message.replace("{n}", shown).replace("{m}", rows.length) : "";
      }, 150);
    });
  };

  const addSort = (table, body) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.classList.contains("track")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.title = words.sort;
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].map((row) => [key(row.cells[column]), row]);
        rows.sort(([a], [b]) => (down ? compare(b, a) : compare(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    });
  };

  let number = 0;
  for (const table of document.querySelectorAll(".scroll > table")) {
    const body = table.tBodies[0];
    if (!body || !table.tHead || body.rows.length < 8) continue;
    // A cell that spans several columns has no place in an order.
    if (table.querySelector("[rowspan], [colspan]")) continue;
    addSort(table, body);
    if (body.rows.length >= 20 && !table.matches(".bars")) addFilter(table, body, (number += 1));
  }
})();
