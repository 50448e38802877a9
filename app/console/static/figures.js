// Figures: added up, made into rates, and written for people. What is not known is null, never 0.

/** @typedef {import("./gateway/insights.js").Row} Row */
/** @typedef {{impressions: number | null, clicks: number | null, spend: number | null,
 *             purchases: number | null}} Figures */
/** @typedef {Figures & {ctr: number | null, cpc: number | null}} Rated */

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
  signDisplay: "exceptZero",
});
const COMPACT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const UNKNOWN = "–";

/** How each figure is written. */
export const written = {
  impressions: as(WHOLE),
  clicks: as(WHOLE),
  spend: as(MONEY),
  purchases: as(WHOLE),
  ctr: as(PERCENT),
  cpc: as(MONEY),
  change: as(CHANGE),
  share: as(new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 })),
  tick: as(COMPACT),
};

/**
 * @param {Row} row
 * @returns {Figures}
 */
export function figuresOf({ impressions, clicks, spend, actions }) {
  return { impressions, clicks, spend, purchases: purchasesOf(actions) };
}

/**
 * @param {Figures[]} parts
 * @returns {Figures}
 */
export function total(parts) {
  return {
    impressions: sum(parts.map((one) => one.impressions)),
    clicks: sum(parts.map((one) => one.clicks)),
    spend: sum(parts.map((one) => one.spend)),
    purchases: sum(parts.map((one) => one.purchases)),
  };
}

/**
 * Rates come from sums, as averages of rates would be wrong.
 * @param {Figures} figures
 * @returns {Rated}
 */
export function rated(figures) {
  const { impressions, clicks, spend } = figures;
  return { ...figures, ctr: ratio(clicks, impressions), cpc: ratio(spend, clicks) };
}

/**
 * @param {number | null} part
 * @param {number | null} whole
 */
export function ratio(part, whole) {
  return part === null || !whole ? null : part / whole;
}

/** @param {(number | null)[]} values */
function sum(values) {
  return values.reduce((all, one) => (one === null ? all : (all ?? 0) + one), null);
}

/**
 * Purchases on all channels where the platform counts them, else those on the site; never both.
 * A list without either says that there were none.
 * @param {import("./gateway/insights.js").Action[] | null} actions
 */
function purchasesOf(actions) {
  if (actions === null) return null;
  const named = (/** @type {string} */ type) => actions.find((one) => one.actionType === type);
  return (named("omni_purchase") ?? named("purchase"))?.value ?? 0;
}

/** @param {Intl.NumberFormat} format */
function as(format) {
  return (/** @type {number | null} */ value) => (value === null ? UNKNOWN : format.format(value));
}
