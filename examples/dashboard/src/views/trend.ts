/** The course of one figure: a chart for the eye, and the same as a table. */

import type { TrendPart, TrendPoint } from "@ads-bff/client";
import uPlot from "uplot";

import { byId, fill, offer, within } from "../elements.js";
import { inWords } from "../period.js";
import { mark } from "../section.js";
import { type Figure, nameOf, written } from "../words.js";

const MEASURES: Figure[] = ["spend", "impressions", "clicks", "ctr", "purchases", "roas"];
const HEIGHT = 260;

const day = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const dayOf = (seconds: number) => day.format(new Date(seconds * 1000));

const section = byId("trend", HTMLElement);
const choice = byId("measure", HTMLSelectElement);
const frame = within(section, ".chart", HTMLElement);
const table = within(section, "table", HTMLTableElement);
let part: TrendPart | null | undefined;
let chart: uPlot | null = null;

export function startTrend(): void {
  offer(choice, MEASURES.map((one) => [one, nameOf(one)]), "spend");
  choice.addEventListener("change", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  new ResizeObserver(() => {
    if (chart && frame.clientWidth !== chart.width) {
      chart.setSize({ width: frame.clientWidth, height: HEIGHT });
    }
  }).observe(frame);
}

export function showTrend(told: TrendPart | null | undefined): void {
  part = told;
  show();
}

function show(): void {
  const measure = MEASURES.find((one) => one === choice.value) ?? "spend";
  const points = part?.data?.points ?? [];
  mark(section, [["The figures over time", part]]);
  section.hidden = part?.status === "omitted"; // the period is too long for one
  chart?.destroy();
  chart = points.length ? draw(points, measure) : null;
  frame.hidden = chart === null;
  frame.setAttribute("aria-label", summary(points, measure));
  const rows = points.map((point) => [
    inWords(point),
    written(measure, point.figures?.[measure]),
    point.status === "failed" ? "could not be read" : point.status === "stale" ? "older" : "",
  ]);
  fill(table, [part?.data?.step === "week" ? "Week" : "Day", nameOf(measure), "Remark"], rows);
}

/** Days without figures are gaps, not zeros. */
function draw(points: TrendPoint[], measure: Figure): uPlot {
  const colour = (name: string) => getComputedStyle(section).getPropertyValue(name).trim();
  const [line, ink, grid] = [colour("--accent"), colour("--quiet"), colour("--line")];
  const value = (_: uPlot, raw: number | null) => written(measure, raw);
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const x = points.map(({ startDate }) => Date.parse(startDate) / 1000);
  const y = points.map(({ figures }) => figures?.[measure] ?? null);
  return new uPlot(
    {
      width: frame.clientWidth || 320,
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { y: { range: { min: { soft: 0, mode: 1 }, max: { pad: 0.1 } } } },
      series: [
        { label: "Day", value: (_, at: number | null) => (at === null ? "" : dayOf(at)) },
        { label: nameOf(measure), stroke: line, width: 2, value, points: { show: true, size: 5 } },
      ],
      axes: [
        { ...axis, values: (_, ticks) => ticks.map(dayOf) },
        { ...axis, size: 76, values: (_, ticks) => ticks.map((tick) => written(measure, tick)) },
      ],
    },
    [x, y],
    frame,
  );
}

function summary(points: TrendPoint[], measure: Figure): string {
  const known = points.flatMap(({ figures, startDate, endDate }) => {
    const value = figures?.[measure];
    return value === null || value === undefined ? [] : [{ value, startDate, endDate }];
  });
  const most = known.reduce((one, two) => (two.value > one.value ? two : one), known[0]!);
  if (!most) return `${nameOf(measure)}: no figures`;
  return `${nameOf(measure)}, ${known.length} points, most of it ${inWords(most)}: ${written(measure, most.value)}`;
}
