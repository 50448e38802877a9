// Where the reader is, kept in the address after `#`, so that reload, back and bookmarks work.

import { isDay, lastDays } from "./period.js";

/** @typedef {"spend" | "impressions" | "clicks" | "purchases"} Measure */
/** @typedef {"campaign" | "age" | "gender" | "country" | "publisherPlatform" | "impressionDevice"} Split */
/** @typedef {{workspace: string, team: string, account: string, days: number, from: string,
 *             to: string, measure: Measure, by: Split}} Place  empty text: not chosen */

/** @type {readonly Measure[]} */
const MEASURES = ["spend", "impressions", "clicks", "purchases"];
/** @type {readonly Split[]} */
const SPLITS = ["campaign", "age", "gender", "country", "publisherPlatform", "impressionDevice"];
const DAYS = [28, 7, 90];
const KEPT = "place";

/** @returns {Place} */
export function here() {
  const written = new URLSearchParams(location.hash.slice(1));
  const text = (/** @type {string} */ name) => written.get(name) ?? "";
  const custom = isDay(text("from")) && isDay(text("to"));
  return {
    workspace: text("workspace"),
    team: text("team"),
    account: text("account"),
    days: oneOf(DAYS, Number(text("days"))),
    from: custom ? text("from") : "",
    to: custom ? text("to") : "",
    measure: oneOf(MEASURES, text("measure")),
    by: oneOf(SPLITS, text("by")),
  };
}

/**
 * The reader chose something: a new step that “back” undoes.
 * @param {Partial<Place>} change
 */
export function go(change) {
  location.hash = written({ ...here(), ...change });
}

/**
 * The console chose something for the reader: not a step of his.
 * @param {Partial<Place>} change
 */
export function settle(change) {
  history.replaceState(null, "", `#${written({ ...here(), ...change })}`);
}

/**
 * @param {Place} place
 * @returns {import("./gateway.js").Period}
 */
export function periodOf({ from, to, days }) {
  return from ? { startDate: from, endDate: to } : lastDays(days);
}

/** Keep the place while the browser is elsewhere, e.g. at a sign-in page. */
export function keep() {
  sessionStorage.setItem(KEPT, location.hash);
}

/** Come back to the kept place, unless the address names one; what was in the query goes. */
export function restore() {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  history.replaceState(null, "", location.pathname + (location.hash || kept || ""));
}

/** Leave nothing behind for whoever signs in next. */
export function leave() {
  sessionStorage.removeItem(KEPT);
  history.replaceState(null, "", location.pathname);
}

/** @param {Place} place */
function written({ workspace, team, account, days, from, to, measure, by }) {
  const period = from ? { from, to } : { days: String(days) };
  const pairs = Object.entries({ workspace, team, account, ...period, measure, by });
  return String(new URLSearchParams(pairs.filter(([, value]) => value)));
}

/**
 * The value when it is one of those known, else the first of them.
 * @template {string | number} V
 * @param {readonly V[]} known
 * @param {string | number} value
 * @returns {V}
 */
function oneOf(known, value) {
  return known.find((one) => one === value) ?? known[0];
}
