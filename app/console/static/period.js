// Periods: two inclusive days, written YYYY-MM-DD, in the calendar of whoever looks.

/** @typedef {{startDate: string, endDate: string}} Period */

const DAY = 86_400_000;

/** @param {string | null} text */
export function isDay(text) {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The calendar day that it is here. */
export function today() {
  const now = new Date();
  return dayOf(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
}

/**
 * @param {string} day
 * @param {number} by
 */
export function shifted(day, by) {
  return dayOf(Date.parse(day) + by * DAY);
}

/**
 * The last whole days, up to yesterday: today's figures still grow.
 * @param {number} days
 * @returns {Period}
 */
export function lastDays(days) {
  const endDate = shifted(today(), -1);
  return { startDate: shifted(endDate, 1 - days), endDate };
}

/** @param {Period} period */
export function lengthOf({ startDate, endDate }) {
  return (Date.parse(endDate) - Date.parse(startDate)) / DAY + 1;
}

/**
 * For people, e.g. “1 – 28 May 2026”.
 * @param {Period} period
 */
export function inWords({ startDate, endDate }) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
  return format.formatRange(new Date(startDate), new Date(endDate));
}

/** @param {number} time */
function dayOf(time) {
  return new Date(time).toISOString().slice(0, 10);
}
