// The figure with its controls: which one, split by what, as bars or as a table.

import { byId, html } from "../elements.js";
import { go } from "../place.js";
import { asBars, asTable, inOneSentence, partsOf } from "./breakdown.js";

/** @typedef {import("../gateway.js").Row} Row */
/** @typedef {import("../place.js").Measure} Measure */
/** @typedef {import("../place.js").Split} Split */

export function createFigure() {
  const form = byId("breakdown-form", HTMLFormElement);
  const toggle = byId("as-table", HTMLButtonElement);
  const frame = html("figure", {});
  /** @type {{rows: Row[], by: Split} | null} */
  let shown = null;
  /** @type {Measure} */
  let measure = "spend";
  let table = false;

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement) go({ [target.name]: target.value });
  });
  toggle.addEventListener("click", () => {
    table = !table;
    toggle.setAttribute("aria-pressed", String(table));
    draw();
  });
  // Not at once: drawing changes the height, which would count as a change of its own.
  new ResizeObserver(() => requestAnimationFrame(draw)).observe(frame);

  function draw() {
    const width = Math.floor(frame.clientWidth);
    if (!shown || !width) return;
    const { rows, by } = shown;
    const parts = partsOf(rows, measure, by);
    const content = table ? asTable(parts, measure, by) : asBars(parts, measure, by, width);
    const caption = html("figcaption", { class: "quiet small" }, inOneSentence(parts, measure, by));
    frame.replaceChildren(content, caption);
  }

  /**
   * Another measure needs no new answer.
   * @param {{by: Split, measure: Measure}} choice
   */
  function choose(choice) {
    for (const select of form.querySelectorAll("select")) {
      select.value = select.name === "by" ? choice.by : choice.measure;
    }
    measure = choice.measure;
    draw();
  }

  /**
   * @param {Row[]} rows
   * @param {Split} by
   */
  function of(rows, by) {
    shown = rows.length ? { rows, by } : null;
    if (!shown) return [html("p", { class: "quiet" }, "Nothing was delivered in this period.")];
    queueMicrotask(draw); // when it stands in the page and has a width
    return [frame];
  }

  return { choose, of };
}
