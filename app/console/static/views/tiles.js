// The totals of a period beside those of the period before it.

import { html } from "../elements.js";
import { figuresOf, rated, ratio, total, written } from "../figures.js";

/** @typedef {import("../figures.js").Rated} Rated */
/** @typedef {import("../gateway/insights.js").Row} Row */

/** @type {readonly {name: keyof Rated, words: string, note?: string}[]} */
const TILES = [
  { name: "spend", words: "Spend", note: "in the account’s currency" },
  { name: "impressions", words: "Impressions" },
  { name: "clicks", words: "Clicks" },
  { name: "ctr", words: "Click rate" },
  { name: "cpc", words: "Cost per click" },
  { name: "purchases", words: "Purchases" },
];

/**
 * @param {Row[]} rows
 * @param {Row[] | null} earlier null when the period before is not known
 * @param {number} days the length of both
 * @returns {Node[]}
 */
export function tiles(rows, earlier, days) {
  const now = rated(total(rows.map(figuresOf)));
  const then = earlier && rated(total(earlier.map(figuresOf)));
  return [
    html("dl", { class: "tiles" }, ...TILES.map((one) => tile(one, now, then))),
    then && html("p", { class: "quiet small" }, `Changes are against the ${days} days before.`),
  ].filter((one) => one !== null);
}

/**
 * @param {{name: keyof Rated, words: string, note?: string}} tile
 * @param {Rated} now
 * @param {Rated | null} then
 */
function tile({ name, words, note }, now, then) {
  const change = then && changeOf(now[name], then[name]);
  return html(
    "div",
    { class: "tile card" },
    html("dt", { title: note }, words),
    html("dd", { class: "figure" }, written[name](now[name])),
    html("dd", { class: "quiet small" }, change ?? "\u00a0"),
  );
}

/**
 * @param {number | null} now
 * @param {number | null} then
 */
function changeOf(now, then) {
  const share = now === null || then === null ? null : ratio(now - then, then);
  return share === null ? null : written.change(share);
}
