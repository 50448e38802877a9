// Names of the wire as words for people.

/** @typedef {import("./gateway/dashboard.js").Split} Split */

/** @type {Record<Split, string>} */
export const SPLIT_WORDS = {
  age: "age",
  gender: "gender",
  country: "country",
  publisherPlatform: "placement",
  impressionDevice: "device",
};

/**
 * `OUTCOME_SALES` → “Sales”, `audience_network` → “Audience network”.
 * @param {string | null} name
 */
export function worded(name) {
  const words = (name ?? "")
    .replace(/^OUTCOME_/, "")
    .replaceAll("_", " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * The value of a breakdown.
 * @param {Split} by
 * @param {string} value
 */
export function valueWorded(by, value) {
  if (by === "age") return value;
  return by === "country" ? countryWorded(value) : worded(value);
}

/** @param {string} code */
export function countryWorded(code) {
  try {
    return new Intl.DisplayNames(undefined, { type: "region" }).of(code) ?? code;
  } catch {
    return code; // not every value is a country, e.g. “unknown”
  }
}
