// A line over time in SVG, drawn for the width that there is. Where nothing is known it has a gap.

import { svg } from "../elements.js";
import { ticks } from "./ticks.js";

/** @typedef {{label: string, value: number | null}} Dot */
/** @typedef {{x: number, y: number | null}} Spot */

const HEIGHT = { wide: 260, narrow: 210 };
const NARROW = 520;
const TOP = 10;
const AXIS = 28;
const EDGE = 12;
const LETTER = 7.2;

let drawn = 0;

/**
 * `title` says what it shows and `description` what is to be seen; a table beside it has the same.
 * `nearest` is the dot at that place across, and `mark` points one out, or none.
 * @param {{dots: Dot[], title: string, description: string, width: number,
 *          tick: (value: number) => string}} chart
 */
export function lineChart({ dots, title, description, width, tick }) {
  const height = width < NARROW ? HEIGHT.narrow : HEIGHT.wide;
  const steps = ticks(Math.max(0, ...dots.map(({ value }) => value ?? 0)));
  const left = Math.ceil(Math.max(...steps.map((value) => tick(value).length)) * LETTER) + 12;
  const bottom = height - AXIS;
  const across = width - left - 2 * EDGE;
  const top = steps[steps.length - 1];
  const up = (/** @type {number} */ value) => bottom - (value / top) * (bottom - TOP);
  const spots = dots.map(({ value }, n) => ({
    x: left + EDGE + (dots.length > 1 ? (n / (dots.length - 1)) * across : across / 2),
    y: value === null ? null : up(value),
  }));
  const cursor = svg("line", { class: "cursor", y1: TOP, y2: bottom, visibility: "hidden" });
  const ring = svg("circle", { class: "ring", r: 5, visibility: "hidden" });
  const names = { title: `line-${++drawn}-title`, description: `line-${drawn}-description` };

  const element = svg(
    "svg",
    {
      class: "chart line-chart",
      role: "img",
      "aria-labelledby": names.title,
      "aria-describedby": names.description,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
    },
    svg("title", { id: names.title }, title),
    svg("desc", { id: names.description }, description),
    ...steps.map((value) => gridLine(up(value), { left, width, first: value === 0 }, tick(value))),
    ...dates(dots, spots, { left, width, height }),
    ...runsOf(spots).flatMap((run) => stretch(run, bottom)),
    cursor,
    ring,
  );

  /** @param {number} x */
  function nearest(x) {
    const distances = spots.map((spot) => Math.abs(spot.x - x));
    return distances.indexOf(Math.min(...distances));
  }

  /** @param {number | null} n */
  function mark(n) {
    const spot = n === null ? undefined : spots[n];
    cursor.setAttribute("visibility", spot ? "visible" : "hidden");
    ring.setAttribute("visibility", spot && spot.y !== null ? "visible" : "hidden");
    if (!spot) return;
    cursor.setAttribute("x1", String(spot.x));
    cursor.setAttribute("x2", String(spot.x));
    ring.setAttribute("cx", String(spot.x));
    ring.setAttribute("cy", String(spot.y ?? bottom));
  }

  return { element, nearest, mark };
}

/**
 * What follows each other without a gap.
 * @param {Spot[]} spots
 * @returns {{x: number, y: number}[][]}
 */
function runsOf(spots) {
  /** @type {{x: number, y: number}[][]} */
  const runs = [[]];
  for (const { x, y } of spots) {
    if (y === null) runs.push([]);
    else runs[runs.length - 1].push({ x, y });
  }
  return runs.filter((run) => run.length > 0);
}

/**
 * @param {{x: number, y: number}[]} run
 * @param {number} bottom
 */
function stretch(run, bottom) {
  const [{ x: cx, y: cy }] = run;
  if (run.length === 1) return [svg("circle", { class: "alone", cx, cy, r: 3 })];
  const line = run.map(({ x, y }) => `${round(x)} ${round(y)}`).join("L");
  const [from, to] = [run[0].x, run[run.length - 1].x];
  return [
    svg("path", { class: "area", d: `M${line}L${round(to)} ${bottom}L${round(from)} ${bottom}Z` }),
    svg("path", { class: "curve", d: `M${line}` }),
  ];
}

/**
 * @param {number} y
 * @param {{left: number, width: number, first: boolean}} place
 * @param {string} text
 */
function gridLine(y, { left, width, first }, text) {
  const crisp = Math.round(y) + 0.5;
  return svg(
    "g",
    { class: first ? "grid first" : "grid" },
    svg("line", { x1: left, x2: width, y1: crisp, y2: crisp }),
    svg("text", { x: left - 8, y: crisp + 4, "text-anchor": "end" }, text),
  );
}

/**
 * As many labels as there is room for, the last one always.
 * @param {Dot[]} dots
 * @param {Spot[]} spots
 * @param {{left: number, width: number, height: number}} place
 */
function dates(dots, spots, { left, width, height }) {
  const longest = Math.max(0, ...dots.map(({ label }) => label.length)) * LETTER + 20;
  const room = Math.max(1, Math.floor((width - left) / longest));
  const every = Math.ceil(dots.length / room);
  const last = dots.length - 1;
  return dots.flatMap(({ label }, n) => {
    if ((last - n) % every !== 0) return [];
    const half = (label.length * LETTER) / 2;
    const x = Math.min(Math.max(spots[n].x, left + half - EDGE), width - half);
    const text = svg("text", { x, y: height - 8, "text-anchor": "middle" }, label);
    return [svg("g", { class: "grid" }, text)];
  });
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
