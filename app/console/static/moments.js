// Points in time and lengths of time, in words.

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param {string} at RFC 3339 */
export function moment(at) {
  return WHEN.format(new Date(at));
}

/**
 * `5400` → “2 hours”: rounded to what a person would say.
 * @param {number} seconds
 */
export function lasting(seconds) {
  if (seconds < MINUTE) return "less than a minute";
  if (seconds < 1.5 * HOUR) return unit(seconds / MINUTE, "minute");
  return seconds < 2 * DAY ? unit(seconds / HOUR, "hour") : unit(seconds / DAY, "day");
}

/**
 * @param {number} value
 * @param {string} name
 */
function unit(value, name) {
  const given = { style: "unit", unitDisplay: "long", unit: name };
  return new Intl.NumberFormat("en", /** @type {Intl.NumberFormatOptions} */ (given)).format(
    Math.round(value),
  );
}
