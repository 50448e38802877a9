// The figure with its controls: which one, split by what, as bars or as a table.

import { html } from "../elements.js";
import { go, oneOf } from "../place.js";
import { asBars, asTable, inOneSentence, partsOf, MEASURES, SPLITS } from "./breakdown.js";

/** @typedef {import("../gateway/insights.js").Row} Row */
/** @typedef {import("./breakdown.js").Measure} Measure */
/** @typedef {import("./breakdown.js").Split} Split */

/** @type {Record<Measure, string>} */
const MEASURE_OPTIONS = {
  spend: "Spend",
  impressions: "Impressions",
  clicks: "Clicks",
  purchases: "Purchases",
};
/** @type {Record<Split, string>} */
const SPLIT_OPTIONS = {
  campaign: "Campaign",
  age: "Age",
  gender: "Gender",
  country: "Country",
  publisherPlatform: "Placement",
  impressionDevice: "Device",
};

export function createFigure() {
  const measures = select("measure", MEASURE_OPTIONS);
  const splits = select("by", SPLIT_OPTIONS);
  const toggle = html("button", { type: "button", "aria-pressed": "false" }, "As a table");
  const form = html(
    "form",
    { class: "line" },
    html("label", {}, "Figure", measures),
    html("label", {}, "Split by", splits),
    toggle,
  );
  const frame = html("figure", {});
  /** @type {{rows: Row[], by: Split} | null} */
  let shown = null;
  /** @type {Measure} */
  let measure = "spend";
  let table = false;

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement) go({ filters: { [target.name]: target.value } });
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
   * What the address chooses. Another measure needs no new answer.
   * @param {Record<string, string>} filters
   * @returns {Split}
   */
  function choose(filters) {
    const by = oneOf(SPLITS, filters.by);
    measure = oneOf(MEASURES, filters.measure);
    splits.value = by;
    measures.value = measure;
    draw();
    return by;
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

  return { element: form, choose, of };
}

/**
 * @param {string} name
 * @param {Record<string, string>} options
 */
function select(name, options) {
  const listed = Object.entries(options);
  const choices = listed.map(([value, words]) => html("option", { value }, words));
  return html("select", { name }, ...choices);
}
