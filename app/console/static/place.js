// Where the reader is, kept in the address after `#`, so that reload, back and bookmarks work.

import { isDay, lastDays } from "./period.js";

/**
 * Empty text: not chosen. `page` is a name of pages/list.js. `filters` are the page's own choices;
 * they come from the address, so a page takes of them only what it knows (`oneOf`), and they are
 * left behind with the page.
 * @typedef {{page: string, workspace: string, team: string, account: string, days: number,
 *            from: string, to: string, filters: Record<string, string>}} Place
 */
/** @typedef {import("./period.js").Period} Period */

const DAYS = [28, 7, 90];
const FIRST = "overview";
const KEPT = "place";

/** @returns {Place} */
export function here() {
  const { page, workspace, team, account, days, from, to, ...filters } = Object.fromEntries(
    new URLSearchParams(location.hash.slice(1)),
  );
  const custom = isDay(from ?? null) && isDay(to ?? null);
  return {
    page: page || FIRST,
    workspace: workspace ?? "",
    team: team ?? "",
    account: account ?? "",
    days: oneOf(DAYS, Number(days)),
    from: custom ? from : "",
    to: custom ? to : "",
    filters,
  };
}

/**
 * The reader chose something: a new step that “back” undoes. Filters that are not named stay.
 * @param {Partial<Place>} change
 */
export function go(change) {
  location.hash = written(changed(change));
}

/**
 * The console chose something for the reader: not a step of his.
 * @param {Partial<Place>} change
 */
export function settle(change) {
  history.replaceState(null, "", `#${written(changed(change))}`);
}

/**
 * Where a link leads that goes somewhere else from here.
 * @param {Partial<Place>} change
 */
export function linkTo(change) {
  return `#${written(changed(change))}`;
}

/**
 * @param {Place} place
 * @returns {Period}
 */
export function periodOf({ from, to, days }) {
  return from ? { startDate: from, endDate: to } : lastDays(days);
}

/**
 * The value when it is one of those known, else the first of them.
 * @template {string | number} V
 * @param {readonly V[]} known
 * @param {string | number | undefined} value
 * @returns {V}
 */
export function oneOf(known, value) {
  return known.find((one) => one === value) ?? known[0];
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

/**
 * @param {Partial<Place>} change
 * @returns {Place}
 */
function changed(change) {
  const now = here();
  const kept = (change.page ?? now.page) === now.page ? now.filters : {};
  return { ...now, ...change, filters: { ...kept, ...change.filters } };
}

/** @param {Place} place */
function written({ page, workspace, team, account, days, from, to, filters }) {
  const period = from ? { from, to } : { days: String(days) };
  const pairs = Object.entries({ ...filters, page, workspace, team, account, ...period });
  return String(new URLSearchParams(pairs.filter(([, value]) => value)));
}
