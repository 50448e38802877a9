// The totals of the period beside those of the period before it.

import { html } from "../../elements.js";
import { KINDS, written } from "../../figures.js";
import { inWords } from "../../period.js";
import { createPart } from "./part.js";

/** @typedef {import("../../gateway/dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../gateway/dashboard.js").Figures} Figures */
/** @typedef {import("../../gateway/dashboard.js").Comparison} Comparison */
/** @typedef {import("../../gateway/dashboard.js").Measure} Measure */

/**
 * What it came to, then how it was delivered.
 * @type {readonly Measure[]}
 */
const TILES = [
  "spend",
  "purchaseValue",
  "roas",
  "purchases",
  "impressions",
  "clicks",
  "ctr",
  "cpc",
  "cpm",
];
const SPACE = "\u00a0";

export function createTotals() {
  const part = createPart({ id: "tiles", title: "Totals", card: false }, skeleton);
  /** @type {Dashboard} */
  let shown = {};

  function empty() {
    shown = {};
    part.empty();
  }

  /** @param {Dashboard} known */
  function show({ totals, comparison }) {
    if (!totals || (totals === shown.totals && comparison === shown.comparison)) return;
    shown = { totals, comparison };
    part.show(totals, (figures) => [
      html("dl", { class: "tiles" }, ...TILES.map((one) => tile(one, figures, comparison?.data))),
      html("p", { class: "quiet small" }, comparedWith(comparison)),
    ]);
  }

  return { element: part.element, empty, wait: part.wait, show };
}

/**
 * @param {Measure} name
 * @param {Figures} figures
 * @param {Comparison | null} [comparison]
 */
function tile(name, figures, comparison) {
  const { words, short, note } = KINDS[name];
  const missing = figures[name] === null ? "Not reported" : null;
  return html(
    "div",
    { class: "tile card", "data-measure": name },
    html("dt", { title: note }, words, short && html("abbr", {}, short)),
    html("dd", { class: "figure", title: missing }, written[name](figures[name])),
    html("dd", { class: "change small" }, ...changeOf(name, comparison)),
  );
}

/**
 * The change in per cent, and whether it is good news in a word; in full in the title, and for
 * those who listen.
 * @param {Measure} name
 * @param {Comparison | null} [comparison]
 * @returns {(Node | string)[]}
 */
function changeOf(name, comparison) {
  const change = comparison?.change?.[name];
  const then = comparison?.figures[name];
  if (!change || change.absolute === null || then === undefined) return [SPACE];
  const { absolute, relative } = change;
  const short = relative === null ? null : written.change(Math.abs(relative));
  // What cannot be seen in the figure is no news.
  const same = absolute === 0 || short === written.change(0);
  const way = same ? null : absolute > 0 ? "up" : "down";
  const { better } = KINDS[name];
  const news = better === null || way === null ? null : way === better ? "better" : "worse";
  const inFull = `${signed(name, absolute)} from ${written[name](then)}`;
  const mark = way === null ? "" : way === "up" ? "▲ " : "▼ ";
  return [
    html(
      "span",
      { class: news, title: inFull },
      html("span", { "aria-hidden": "true" }, mark),
      way === null ? "no change" : (short ?? inFull),
      news && ` ${news}`,
    ),
    html("span", { class: "unseen" }, ` (${inFull})`),
  ];
}

/**
 * @param {Measure} name
 * @param {number} value
 */
function signed(name, value) {
  const sign = value > 0 ? "+" : value < 0 ? "−" : "±";
  return `${sign}${written[name](Math.abs(value))}`;
}

/** @param {Dashboard["comparison"]} comparison */
function comparedWith(comparison) {
  if (!comparison) return SPACE;
  const { data, problem } = comparison;
  if (data) return `Compared with ${inWords(data)}.`;
  return problem ? `The period before is missing. ${problem.detail ?? problem.title}` : SPACE;
}

function skeleton() {
  const one = (/** @type {Measure} */ name) =>
    html(
      "div",
      { class: "tile card" },
      html("dt", {}, KINDS[name].words),
      html("dd", { class: "figure" }, html("span", { class: "skeleton" }, "00000")),
      html("dd", { class: "change small" }, SPACE),
    );
  return html(
    "div",
    { "aria-hidden": "true" },
    html("dl", { class: "tiles" }, ...TILES.map(one)),
    html("p", { class: "small" }, SPACE),
  );
}
