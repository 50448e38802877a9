// A bar chart in SVG, drawn for the width that there is: labels beside the bars, or above them.

import { svg } from "../elements.js";
import { ticks } from "./ticks.js";

/** @typedef {{label: string, value: number, text: string}} Bar */

const ROW = { wide: 34, narrow: 46 };
const BAR = 16;
const AXIS = 26;
const NARROW = 520;
const TEXT_SPACE = 132;
const LETTER = 7.2;

/**
 * The names are in `title`; a table beside it holds the same for those who cannot see it.
 * @param {{bars: Bar[], title: string, width: number, tick: (value: number) => string}} chart
 */
export function barChart({ bars, title, width, tick }) {
  const narrow = width < NARROW;
  const row = narrow ? ROW.narrow : ROW.wide;
  const longest = Math.max(0, ...bars.map((bar) => bar.label.length));
  const left = narrow ? 0 : Math.min(240, Math.ceil(longest * LETTER) + 16);
  const right = narrow ? 8 : TEXT_SPACE;
  const height = bars.length * row + AXIS;
  const steps = ticks(Math.max(0, ...bars.map((bar) => bar.value)));
  const scale = (/** @type {number} */ value) =>
    (value / steps[steps.length - 1]) * (width - left - right);
  return svg(
    "svg",
    {
      class: "chart",
      role: "img",
      "aria-label": title,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
    },
    ...steps.map((value) =>
      gridLine(left + scale(value), { width, height, first: value === 0 }, tick(value)),
    ),
    ...bars.map((bar, n) => barOf(bar, n * row, { narrow, left, width, length: scale(bar.value) })),
  );
}

/**
 * @param {Bar} bar
 * @param {number} top
 * @param {{narrow: boolean, left: number, width: number, length: number}} place
 */
function barOf({ label, value, text }, top, { narrow, left, width, length }) {
  const y = narrow ? top + 22 : top + (ROW.wide - BAR) / 2;
  const line = narrow ? top + 15 : y + BAR - 4;
  const end = narrow ? { x: width, "text-anchor": "end" } : { x: left + length + 8 };
  const space = narrow ? width - text.length * LETTER - 16 : left - 12;
  return svg(
    "g",
    {},
    svg("title", {}, `${label}: ${text}`),
    svg(
      "text",
      {
        class: "label",
        x: narrow ? 0 : left - 12,
        y: line,
        "text-anchor": narrow ? "start" : "end",
      },
      short(label, space),
    ),
    svg("rect", {
      class: "bar",
      x: left,
      y,
      width: value > 0 ? Math.max(2, length) : 0,
      height: BAR,
      rx: 3,
    }),
    svg("text", { class: "value", y: line, ...end }, text),
  );
}

/**
 * @param {number} x
 * @param {{width: number, height: number, first: boolean}} place
 * @param {string} text
 */
function gridLine(x, { width, height, first }, text) {
  const crisp = Math.round(x) + 0.5;
  const anchor = first ? "start" : crisp > width - 2 * LETTER ? "end" : "middle";
  return svg(
    "g",
    { class: first ? "grid first" : "grid" },
    svg("line", { x1: crisp, x2: crisp, y1: 0, y2: height - AXIS + 4 }),
    svg("text", { x: crisp, y: height - 6, "text-anchor": anchor }, text),
  );
}

/**
 * @param {string} text
 * @param {number} space
 */
function short(text, space) {
  const most = Math.max(4, Math.floor(space / LETTER));
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
