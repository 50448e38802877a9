// The table beside a chart: what the rows are of, and the figures of each.

import { html } from "../elements.js";

/**
 * @param {string[]} headings
 * @param {string[][]} rows
 */
export function figureTable(headings, rows) {
  const columns = headings.map((words, n) =>
    html("th", { scope: "col", class: n > 0 && "number" }, words),
  );
  const lines = rows.map(([name, ...figures]) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, name),
      ...figures.map((figure) => html("td", { class: "number" }, figure)),
    ),
  );
  return html(
    "table",
    { class: "plain-table" },
    html("thead", {}, html("tr", {}, ...columns)),
    html("tbody", {}, ...lines),
  );
}
