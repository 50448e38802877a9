// What was chosen, as the body of a campaign takes it. Nothing here touches the page.

/** @typedef {import("../../gateway/meta.js").TargetingOption} TargetingOption */
/** @typedef {import("../../gateway/meta.js").TargetingType} TargetingType */
/** @typedef {{type: TargetingType, option: TargetingOption}} Chosen */

/** @type {Record<TargetingType, {words: string, field: string}>} */
export const TYPES = {
  location: { words: "Location", field: "geoLocations" },
  interest: { words: "Interest", field: "interests" },
  behavior: { words: "Behaviour", field: "behaviors" },
  lifeEvent: { words: "Life event", field: "lifeEvents" },
  familyStatus: { words: "Family status", field: "familyStatuses" },
  income: { words: "Income", field: "income" },
  industry: { words: "Industry", field: "industries" },
  workEmployer: { words: "Employer", field: "workEmployers" },
  workPosition: { words: "Position", field: "workPositions" },
  educationSchool: { words: "School", field: "educationSchools" },
  educationMajor: { words: "Field of study", field: "educationMajors" },
  locale: { words: "Language", field: "locales" },
};

/** Everything but places. */
export const NARROWING = /** @type {TargetingType[]} */ (
  Object.keys(TYPES).filter((type) => type !== "location")
);

/**
 * The members of `targeting`, only those of which something was chosen.
 * @param {readonly Chosen[]} chosen
 * @returns {Record<string, unknown[]>}
 */
export function audienceOf(chosen) {
  const fields = new Map(Object.entries(TYPES).map(([type, { field }]) => [type, field]));
  /** @type {Record<string, unknown[]>} */
  const audience = {};
  for (const one of chosen) (audience[fields.get(one.type) ?? ""] ??= []).push(written(one));
  return audience;
}

/** @param {Chosen} chosen */
function written({ type, option: { id, name, type: kind } }) {
  if (type === "location") return { type: kind, id };
  if (type === "locale") return Number(id);
  return { id, name };
}

/**
 * Whether a campaign can take it: of places, it takes countries, regions and cities.
 * @param {Chosen} chosen
 */
export function isUsable({ type, option }) {
  return type !== "location" || ["country", "region", "city"].includes(option.type ?? "");
}
