// Figures: what they are called, and how they are written for people. The gateway adds them up and
// makes rates of them. What is not known is null, never 0.

/** @typedef {import("./gateway/dashboard.js").Measure} Measure */
/**
 * `short` is its usual abbreviation; `better` says which way is good news, null when neither is.
 * `adds`: the parts of a whole add up to it.
 * @typedef {{words: string, short?: string, note?: string, better: "up" | "down" | null,
 *            adds: boolean}} Kind
 */

const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
// No currency: the platform does not say which one an account has.
const MONEY = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const PERCENT = new Intl.NumberFormat(undefined, { style: "percent", minimumFractionDigits: 2 });
const CHANGE = new Intl.NumberFormat(undefined, {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const SHARE = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 2 });
const UNKNOWN = "–";
const CURRENCY = "in the account’s currency";

/** @type {Readonly<Record<Measure, Kind>>} */
export const KINDS = {
  spend: { words: "Spend", note: CURRENCY, better: null, adds: true },
  impressions: { words: "Impressions", better: null, adds: true },
  clicks: { words: "Clicks", better: "up", adds: true },
  ctr: {
    words: "Click rate",
    short: "CTR",
    note: "clicks per 100 impressions",
    better: "up",
    adds: false,
  },
  cpc: { words: "Cost per click", short: "CPC", note: CURRENCY, better: "down", adds: false },
  cpm: {
    words: "Cost per 1,000",
    short: "CPM",
    note: "spend per 1,000 impressions",
    better: "down",
    adds: false,
  },
  purchases: { words: "Purchases", better: "up", adds: true },
  purchaseValue: { words: "Purchase value", note: CURRENCY, better: "up", adds: true },
  roas: {
    words: "Return on spend",
    short: "ROAS",
    note: "purchase value per unit spent",
    better: "up",
    adds: false,
  },
};
/** @type {readonly Measure[]} */
export const MEASURES = [
  "spend",
  "impressions",
  "clicks",
  "ctr",
  "cpc",
  "cpm",
  "purchases",
  "purchaseValue",
  "roas",
];

/** How each figure is written. */
export const written = {
  impressions: as(WHOLE),
  clicks: as(WHOLE),
  spend: as(MONEY),
  ctr: as(PERCENT, 100),
  cpc: as(MONEY),
  cpm: as(MONEY),
  purchases: as(WHOLE),
  purchaseValue: as(MONEY),
  roas: as(MONEY),
  change: as(CHANGE),
  share: as(SHARE),
};

/**
 * In as little space as an axis has.
 * @param {Measure} measure
 * @param {number} value
 */
export function tick(measure, value) {
  const short = COMPACT.format(value);
  return measure === "ctr" ? `${short}%` : short;
}

/**
 * In full, e.g. “Click rate (CTR)”.
 * @param {Measure} measure
 */
export function nameOf(measure) {
  const { words, short } = KINDS[measure];
  return short ? `${words} (${short})` : words;
}

/**
 * @param {number | null} part
 * @param {number | null} whole
 */
export function ratio(part, whole) {
  return part === null || !whole ? null : part / whole;
}

/**
 * @param {Intl.NumberFormat} format
 * @param {number} [per] what the figure is a number of, e.g. 100 for percent
 */
function as(format, per = 1) {
  return (/** @type {number | null} */ value) =>
    value === null ? UNKNOWN : format.format(value / per);
}
