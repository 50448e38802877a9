// One figure over time, by day or by week.

import { html } from "../../elements.js";
import { MEASURES, nameOf, tick, written } from "../../figures.js";
import { inWords, lengthOf } from "../../period.js";
import { oneOf } from "../../place.js";
import { createFigure } from "../../views/figure.js";
import { figureTable } from "../../views/figure_table.js";
import { createSelect } from "../../views/select.js";
import { readable } from "../../charts/reader.js";
import { lineChart } from "../../charts/line.js";
import { createPart } from "./part.js";

/** @typedef {import("../../gateway/dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../gateway/dashboard.js").Measure} Measure */
/** @typedef {import("../../gateway/dashboard.js").Point} Point */
/** @typedef {import("../../gateway/dashboard.js").Step} Step */
/** @typedef {import("../../gateway/dashboard.js").Trend} Trend */
/** @typedef {import("../../period.js").Period} Period */

// As many as the gateway gives.
const MOST_POINTS = 31;
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

/**
 * The step that the reader wants where there is room for it; null where not even weeks fit.
 * @param {Period} period
 * @param {string | undefined} wanted
 * @returns {Step | null}
 */
export function stepFor(period, wanted) {
  const days = lengthOf(period);
  if (days > (MOST_POINTS - 1) * 7) return null; // a week more when it is cut at both ends
  if (days > MOST_POINTS) return "week";
  return wanted === "week" ? "week" : "day";
}

export function createTrend() {
  const options = Object.fromEntries(MEASURES.map((one) => [one, nameOf(one)]));
  const measures = createSelect("trend", "Trend of", options);
  const steps = createSelect("step", "Step", { day: "Daily", week: "Weekly" });
  const figure = createFigure("the trend");
  const tools = html("div", { class: "line" }, measures.element, steps.element, figure.toggle);
  const part = createPart({ id: "trend", title: "Trend", tools }, () =>
    html("div", { class: "skeleton block", "aria-hidden": "true" }),
  );
  const memory = { at: MOST_POINTS };
  /** @type {Measure} */
  let measure = "spend";
  /** @type {Dashboard["trend"]} */
  let shown;

  function empty() {
    shown = undefined;
    part.empty();
  }

  /**
   * What the address chooses.
   * @param {Period} period
   * @param {Record<string, string>} filters
   * @returns {Step | null}
   */
  function choose(period, filters) {
    const step = stepFor(period, filters.step);
    const before = measure;
    measure = oneOf(MEASURES, filters.trend);
    measures.select.value = measure;
    steps.select.value = step ?? "week";
    steps.select.disabled = lengthOf(period) > MOST_POINTS;
    steps.select.title = steps.select.disabled ? `Days are shown of up to ${MOST_POINTS}.` : "";
    if (shown?.data && measure !== before) figure.show(contentOf(shown.data, measure, memory));
    return step;
  }

  /**
   * @param {Dashboard} known
   * @param {Step | null} step
   */
  function show({ trend }, step) {
    if (step === null)
      return part.explain("This period is too long for a trend: choose one of at most 30 weeks.");
    if (!trend || trend === shown) return;
    shown = trend;
    part.show(trend, (data) => {
      const content = contentOf(data, measure, memory);
      queueMicrotask(() => figure.show(content)); // when it stands in the page and has a width
      return [figure.element];
    });
  }

  return { element: part.element, empty, wait: part.wait, choose, show };
}

/**
 * @param {Trend} trend
 * @param {Measure} measure
 * @param {{at: number}} memory
 * @returns {import("../../views/figure.js").Content}
 */
function contentOf({ step, points }, measure, memory) {
  const title = `${nameOf(measure)} per ${step}`;
  const sentence = inOneSentence({ step, points }, measure, title);
  const texts = points.map((point) => ({ name: inWords(point), text: textOf(point, measure) }));
  return {
    sentence,
    table: () =>
      figureTable(
        [step === "day" ? "Day" : "Week", nameOf(measure)],
        texts.map(({ name, text }) => [name, text]),
      ),
    chart: (width) => {
      const chart = lineChart({
        dots: points.map((point) => ({
          label: DAY.format(new Date(point.startDate)),
          value: point.figures?.[measure] ?? null,
        })),
        title,
        description: sentence,
        width,
        tick: (value) => tick(measure, value),
      });
      return readable(chart, `Points of ${title.toLowerCase()}`, texts, memory);
    },
  };
}

/**
 * @param {Point} point
 * @param {Measure} measure
 */
function textOf({ status, figures }, measure) {
  const value = figures?.[measure] ?? null;
  if (value !== null) return written[measure](value);
  return status === "failed" ? "not available" : "not reported";
}

/**
 * @param {Trend} trend
 * @param {Measure} measure
 * @param {string} title
 */
function inOneSentence({ step, points }, measure, title) {
  const known = points.flatMap((point) => {
    const value = point.figures?.[measure] ?? null;
    return value === null ? [] : [{ value, name: inWords(point) }];
  });
  if (!known.length) return `${title}: nothing was reported.`;
  const most = known.reduce((first, one) => (one.value > first.value ? one : first));
  const least = known.reduce((first, one) => (one.value < first.value ? one : first));
  const gaps = points.length - known.length;
  const short = step === "week" && points.some((point) => lengthOf(point) < 7);
  const ends = short ? " A week at either end may be cut off." : "";
  const without = gaps === 0 ? "" : ` Without a figure: ${gaps} of ${points.length}.`;
  return (
    `${title}, highest ${written[measure](most.value)} (${most.name}), ` +
    `lowest ${written[measure](least.value)} (${least.name}).${without}${ends}`
  );
}
