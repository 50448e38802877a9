// From what was entered to the body that creates the campaign. Nothing here touches the page.

import { audienceOf } from "../targeting/audience.js";
import { applies } from "./rules.js";

/** @typedef {import("./rules.js").Entered} Entered */

/** Texts and choices that the body takes as they are. */
/** @type {readonly (keyof Entered)[]} */
const PLAIN = [
  "campaignName",
  "status",
  "budget",
  "startDate",
  "endDate",
  "adSetName",
  "pageId",
  "instagramActorId",
  "conversionLocation",
  "appId",
  "objectStoreUrl",
  "optimizationGoal",
  "engagementType",
  "leadFormId",
  "pixelId",
  "conversionEvent",
  "catalogId",
  "productSetId",
  "customConversionId",
];
/** @type {readonly (keyof Entered)[]} */
const SHOWN = [
  "primaryText",
  "headline",
  "description",
  "url",
  "callToAction",
  "imageUrl",
  "videoId",
  "thumbnailUrl",
];

/**
 * Only what applies and was entered, as the gateway takes nothing that a kind does not have.
 * @param {Entered} entered
 * @returns {Record<string, unknown>}
 */
export function bodyOf(entered) {
  const special = entered.specialAdCategories;
  const audiences = listOf(entered.audienceId);
  return {
    ...picked(PLAIN, entered),
    ...(special.length > 0 && {
      specialAdCategories: special,
      specialAdCountry: entered.specialAdCountry.map(({ option }) => option.id),
    }),
    ...(audiences.length > 0 && { audienceId: audiences }),
    targeting: targetingOf(entered),
    creatives: picked(SHOWN, entered),
  };
}

/** @param {Entered} entered */
function targetingOf({ places, excluded, narrowing, ageMin, ageMax, genders }) {
  const { geoLocations: excludedGeoLocations } = audienceOf(excluded);
  return {
    ...audienceOf([...places, ...narrowing]),
    ...(excludedGeoLocations && { excludedGeoLocations }),
    ...(genders !== "0" && { genders: [Number(genders)] }), // 0 is all, which is the default
    ...(ageMin !== null && { ageMin }),
    ...(ageMax !== null && { ageMax }),
  };
}

/**
 * @param {readonly (keyof Entered)[]} names
 * @param {Entered} entered
 */
function picked(names, entered) {
  const known = names.filter((name) => applies(name, entered) && !isEmpty(entered[name]));
  return Object.fromEntries(known.map((name) => [name, entered[name]]));
}

/** @param {unknown} value */
function isEmpty(value) {
  return value === "" || value === null;
}

/**
 * Ids between commas or spaces.
 * @param {string} text
 */
function listOf(text) {
  return text.split(/[\s,]+/).filter(Boolean);
}
