/** The figures by age, gender and so on, as bars and as numbers. */

import type { BreakdownsUpdate } from "@ads-bff/client";

import { byId, element, fill, offer, within } from "../elements.js";
import { mark } from "../section.js";
import { nameOf, plain, written } from "../words.js";

type By = keyof BreakdownsUpdate;

const NAMES: [By, string][] = [
  ["age", "Age"],
  ["gender", "Gender"],
  ["country", "Country"],
  ["publisherPlatform", "Platform"],
  ["impressionDevice", "Device"],
];
const SVG = "http://www.w3.org/2000/svg";

const section = byId("breakdown", HTMLElement);
const table = within(section, "table", HTMLTableElement);
const choice = byId("by", HTMLSelectElement);
let known: BreakdownsUpdate = {};

export function startBreakdown(): void {
  offer(choice, NAMES, "age");
  choice.addEventListener("change", show);
}

export function showBreakdown(breakdowns: BreakdownsUpdate | null | undefined): void {
  known = breakdowns ?? {};
  show();
}

function show(): void {
  const [by, name] = NAMES.find(([one]) => one === choice.value) ?? (["age", "Age"] as const);
  const part = known[by];
  mark(section, [[`The figures by ${name.toLowerCase()}`, part]]);
  const items = part?.data?.items ?? [];
  const most = Math.max(...items.map(({ figures }) => figures.spend ?? 0), 0);
  const rows = items.map(({ value, figures }) => [
    by === "age" || by === "country" ? value : plain(value),
    bar(figures.spend ?? 0, most),
    written("spend", figures.spend),
    written("impressions", figures.impressions),
    written("clicks", figures.clicks),
    written("ctr", figures.ctr),
  ]);
  const figures = (["spend", "impressions", "clicks", "ctr"] as const).map(nameOf);
  fill(table, [name, "Share", ...figures], rows);
}

/** For the eye only: the number stands beside it. */
function bar(value: number, most: number): HTMLElement {
  const drawing = document.createElementNS(SVG, "svg");
  const filled = document.createElementNS(SVG, "rect");
  filled.setAttribute("width", `${most > 0 ? Math.max(0, (100 * value) / most) : 0}%`);
  filled.setAttribute("height", "100%");
  drawing.append(filled);
  return element("span", { class: "bar", "aria-hidden": "true" }, drawing);
}
