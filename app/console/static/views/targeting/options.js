// One targeting option in words.

import { countryWorded, worded } from "../../words.js";

/** @typedef {import("../../gateway/meta.js").TargetingOption} TargetingOption */

const PEOPLE = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

/**
 * What tells it from others of the same name: what kind of place it is and where, or its branch of
 * the tree.
 * @param {TargetingOption} option
 */
export function whereOf({ name, type, region, countryCode, path }) {
  if (path) return path.filter((step, n) => n < path.length - 1 || step !== name).join(" › ");
  const country = type !== "country" && countryCode ? countryWorded(countryCode) : null;
  return [worded(type), region !== name && region, country].filter(Boolean).join(", ");
}

/** @param {TargetingOption} option */
export function sizeOf({ audienceSize }) {
  return audienceSize === null ? "" : `about ${PEOPLE.format(audienceSize)} people`;
}
