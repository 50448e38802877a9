// One figure split by one thing, with each part's share of the total.

import { barChart } from "../../charts/bars.js";
import { html } from "../../elements.js";
import { KINDS, MEASURES, nameOf, ratio, tick, written } from "../../figures.js";
import { oneOf } from "../../place.js";
import { createFigure } from "../../views/figure.js";
import { figureTable } from "../../views/figure_table.js";
import { createSelect } from "../../views/select.js";
import { SPLIT_WORDS, valueWorded, worded } from "../../words.js";
import { createPart } from "./part.js";

/** @typedef {import("../../gateway/dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../gateway/dashboard.js").Figures} Figures */
/** @typedef {import("../../gateway/dashboard.js").Measure} Measure */
/** @typedef {import("../../gateway/dashboard.js").Segment} Segment */
/** @typedef {import("../../gateway/dashboard.js").Split} Split */
/** @typedef {{label: string, value: number | null, share: number | null}} Bar */

/** @type {readonly Split[]} */
const SPLITS = ["age", "gender", "country", "publisherPlatform", "impressionDevice"];
const MOST_BARS = 12;

export function createBreakdown() {
  const words = Object.fromEntries(SPLITS.map((one) => [one, worded(SPLIT_WORDS[one])]));
  const options = Object.fromEntries(MEASURES.map((one) => [one, nameOf(one)]));
  const measures = createSelect("measure", "Figure", options);
  const splits = createSelect("by", "Split by", words);
  const figure = createFigure("the breakdown");
  const tools = html("div", { class: "line" }, measures.element, splits.element, figure.toggle);
  const part = createPart({ id: "breakdown", title: "Breakdown", tools }, () =>
    html("div", { class: "skeleton block", "aria-hidden": "true" }),
  );
  /** @type {Measure} */
  let measure = "spend";
  /** @type {Split} */
  let by = "age";
  let shown = "";
  /** @type {Dashboard} */
  let known = {};

  function empty() {
    known = {};
    shown = "";
    part.empty();
  }

  /**
   * What the address chooses. Nothing has to be asked for it.
   * @param {Record<string, string>} filters
   */
  function choose(filters) {
    by = oneOf(SPLITS, filters.by);
    measure = oneOf(MEASURES, filters.measure);
    splits.select.value = by;
    measures.select.value = measure;
    draw(known);
  }

  /** @param {Dashboard} now */
  function draw(now) {
    const split = now.breakdowns?.[by];
    const same = split === known.breakdowns?.[by] && now.totals === known.totals;
    known = now;
    if (!split || (same && shown === measure + by)) return;
    shown = measure + by;
    part.show(split, ({ items }) => {
      if (!items.length)
        return [html("p", { class: "quiet" }, "Nothing was delivered in this period.")];
      const content = contentOf(barsOf(items, now.totals?.data ?? null, measure, by), measure, by);
      queueMicrotask(() => figure.show(content)); // when it stands in the page and has a width
      return [figure.element];
    });
  }

  return { element: part.element, empty, wait: part.wait, choose, show: draw };
}

/**
 * The largest first; ages have an order of their own.
 * @param {Segment[]} items
 * @param {Figures | null} totals
 * @param {Measure} measure
 * @param {Split} by
 * @returns {Bar[]}
 */
function barsOf(items, totals, measure, by) {
  const whole = totals && KINDS[measure].adds ? totals[measure] : null;
  const bars = items.map(({ value: name, figures }) => {
    const value = figures[measure];
    return { label: valueWorded(by, name), value, share: ratio(value, whole) };
  });
  if (by === "age") return bars;
  return bars.sort((one, other) => (other.value ?? -1) - (one.value ?? -1));
}

/**
 * @param {Bar[]} bars
 * @param {Measure} measure
 * @param {Split} by
 * @returns {import("../../views/figure.js").Content}
 */
function contentOf(bars, measure, by) {
  const shares = KINDS[measure].adds;
  const sentence = inOneSentence(bars, measure, by);
  return {
    sentence,
    table: () =>
      figureTable(
        [worded(SPLIT_WORDS[by]), nameOf(measure), ...(shares ? ["Share of the total"] : [])],
        bars.map(({ label, value, share }) => [
          label,
          written[measure](value),
          ...(shares ? [written.share(share)] : []),
        ]),
      ),
    chart: (width) =>
      barChart({
        bars: bars.slice(0, MOST_BARS).map(({ label, value, share }) => ({
          label,
          value: value ?? 0,
          text: [written[measure](value), ...(shares ? [written.share(share)] : [])].join(" · "),
        })),
        title: sentence,
        width,
        tick: (value) => tick(measure, value),
      }),
  };
}

/**
 * @param {Bar[]} bars
 * @param {Measure} measure
 * @param {Split} by
 */
function inOneSentence(bars, measure, by) {
  const first = bars.reduce((most, one) => ((one.value ?? -1) > (most.value ?? -1) ? one : most));
  const title = `${nameOf(measure)} by ${SPLIT_WORDS[by]}`;
  if (first.value === null) return `${title}: nothing was reported.`;
  const share = first.share === null ? "" : `, ${written.share(first.share)} of the total`;
  const verb = KINDS[measure].better === "down" ? "is highest" : "leads";
  const rest = bars.length > MOST_BARS ? ` The table has all ${bars.length}.` : "";
  return `${title}: ${first.label} ${verb} with ${written[measure](first.value)}${share}.${rest}`;
}
