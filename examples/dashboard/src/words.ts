/** Numbers, changes, times and parts in words. */

import type { Change, Figures, PartProblem, PartStatus } from "@ads-bff/client";

/** What the ads platform did not report is not 0. */
export const UNKNOWN = "–";

export type Figure = keyof Figures;

const count = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const money = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const percent = new Intl.NumberFormat(undefined, {
  style: "percent",
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
});
const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** No currency is known: amounts are in that of the ad account, whichever it is. */
const KINDS: Record<Figure, [name: string, written: (value: number) => string]> = {
  spend: ["Spend", (value) => money.format(value)],
  impressions: ["Impressions", (value) => count.format(value)],
  clicks: ["Clicks", (value) => count.format(value)],
  ctr: ["Click rate", (value) => `${money.format(value)} %`],
  cpc: ["Cost per click", (value) => money.format(value)],
  cpm: ["Cost per 1,000 impressions", (value) => money.format(value)],
  purchases: ["Purchases", (value) => count.format(value)],
  purchaseValue: ["Purchase value", (value) => money.format(value)],
  roas: ["Return on spend", (value) => money.format(value)],
};

export const FIGURES = Object.keys(KINDS) as Figure[];

export const nameOf = (figure: Figure): string => KINDS[figure][0];

export function written(figure: Figure, value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : KINDS[figure][1](value);
}

/** Relative where there was something before, else how much was added. */
export function changed(figure: Figure, change: Change | undefined): string {
  if (!change || change.absolute === null) return "no comparison";
  if (change.relative !== null) return `${percent.format(change.relative)} on before`;
  return `${change.absolute > 0 ? "+" : ""}${written(figure, change.absolute)} on before`;
}

/** Of the platform's words for things, e.g. OUTCOME_TRAFFIC. */
export function plain(word: string | null): string {
  if (word === null) return UNKNOWN;
  const words = word.replace(/^OUTCOME_/, "").replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export interface Part {
  status: PartStatus;
  asOf: string | null;
  problem: PartProblem | null;
}

/** What is to be said of a part beside its data; empty when nothing is. */
export function noteOn(name: string, part: Part): string {
  switch (part.status) {
    case "ok":
      return "";
    case "stale":
      return `${name}: as of ${part.asOf ? time.format(new Date(part.asOf)) : "earlier"}. Newer figures are on their way.`;
    case "failed":
      return `${name} could not be read: ${part.problem?.detail ?? part.problem?.title ?? "no reason was given"}`;
    case "omitted":
      return "";
  }
}
