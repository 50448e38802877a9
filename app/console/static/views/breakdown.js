// One figure split by one thing, as bars or as a table.

import { barChart } from "../chart.js";
import { html } from "../elements.js";
import { figuresOf, ratio, total, written } from "../figures.js";
import { valueWorded, worded, SPLIT_WORDS } from "../words.js";

/** @typedef {import("../gateway/insights.js").Row} Row */
/** @typedef {"spend" | "impressions" | "clicks" | "purchases"} Measure */
/** @typedef {import("../words.js").Split} Split */
/** @typedef {{label: string, value: number, share: number | null}} Part */

/** @type {readonly Measure[]} */
export const MEASURES = ["spend", "impressions", "clicks", "purchases"];
/** @type {readonly Split[]} */
export const SPLITS = [
  "campaign",
  "age",
  "gender",
  "country",
  "publisherPlatform",
  "impressionDevice",
];
const MOST_BARS = 12;

/**
 * @param {Row[]} rows
 * @param {Measure} measure
 * @param {Split} by
 * @returns {Part[]} the largest first, and what is left over as one
 */
export function partsOf(rows, measure, by) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const row of rows) {
    const label = labelOf(row, by);
    groups.set(label, [...(groups.get(label) ?? []), row]);
  }
  const values = [...groups].map(([label, group]) => ({
    label,
    value: total(group.map(figuresOf))[measure] ?? 0,
  }));
  // Ages have an order of their own.
  values.sort((one, other) =>
    by === "age" ? one.label.localeCompare(other.label) : other.value - one.value,
  );
  const whole = values.reduce((sum, { value }) => sum + value, 0);
  return shortened(values).map((one) => ({ ...one, share: ratio(one.value, whole) }));
}

/**
 * @param {Part[]} parts
 * @param {Measure} measure
 * @param {Split} by
 */
export function inOneSentence(parts, measure, by) {
  const first = parts.reduce((most, one) => (one.value > most.value ? one : most));
  const share = first.share === null ? "" : ` with ${written.share(first.share)}`;
  return `${worded(measure)} by ${SPLIT_WORDS[by]}: ${first.label} leads${share}.`;
}

/**
 * @param {Part[]} parts
 * @param {Measure} measure
 * @param {Split} by
 * @param {number} width
 */
export function asBars(parts, measure, by, width) {
  const bars = parts.map(({ label, value, share }) => ({
    label,
    value,
    text: text(value, share, measure),
  }));
  return barChart({ bars, title: inOneSentence(parts, measure, by), width, tick: written.tick });
}

/**
 * @param {Part[]} parts
 * @param {Measure} measure
 * @param {Split} by
 */
export function asTable(parts, measure, by) {
  const heading = (/** @type {string} */ words, /** @type {string} */ kind) =>
    html("th", { scope: "col", class: kind }, words);
  const rows = parts.map(({ label, value, share }) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, label),
      html("td", { class: "number" }, written[measure](value)),
      html("td", { class: "number" }, written.share(share)),
    ),
  );
  return html(
    "table",
    { class: "plain-table" },
    html(
      "thead",
      {},
      html(
        "tr",
        {},
        heading(worded(SPLIT_WORDS[by]), ""),
        heading(worded(measure), "number"),
        heading("Share", "number"),
      ),
    ),
    html("tbody", {}, ...rows),
  );
}

/**
 * @param {Row} row
 * @param {Split} by
 */
function labelOf({ breakdown, campaignName, campaignId }, by) {
  if (by === "campaign") return campaignName ?? campaignId ?? "Unnamed";
  return breakdown ? valueWorded(by, breakdown.value) : "Unknown";
}

/** @param {{label: string, value: number}[]} values */
function shortened(values) {
  if (values.length <= MOST_BARS) return values;
  const rest = values.slice(MOST_BARS - 1);
  const value = rest.reduce((sum, one) => sum + one.value, 0);
  return [...values.slice(0, MOST_BARS - 1), { label: `${rest.length} others`, value }];
}

/**
 * @param {number} value
 * @param {number | null} share
 * @param {Measure} measure
 */
function text(value, share, measure) {
  return `${written[measure](value)} · ${written.share(share)}`;
}
