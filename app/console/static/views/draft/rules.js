// Which fields of a new campaign apply, which of them are needed, and what there is to choose, by
// what else was entered. Nothing here touches the page.

/** @typedef {import("../../gateway/campaigns.js").Kind} Kind */
/** @typedef {import("../targeting/audience.js").Chosen} Chosen */
/** @typedef {import("../../fields.js").Option} Option */

/**
 * What the form gives; texts are empty when nothing was entered.
 * @typedef {{kind: Kind, status: string, campaignName: string, adSetName: string,
 *            budget: number | null, startDate: string, endDate: string,
 *            specialAdCategories: string[], specialAdCountry: Chosen[],
 *            places: Chosen[], excluded: Chosen[], ageMin: number | null, ageMax: number | null,
 *            genders: string, narrowing: Chosen[], audienceId: string,
 *            pageId: string, instagramActorId: string, primaryText: string, headline: string,
 *            description: string, url: string, callToAction: string, shows: string,
 *            imageUrl: string, videoId: string, thumbnailUrl: string,
 *            conversionLocation: string, appId: string, objectStoreUrl: string,
 *            optimizationGoal: string, engagementType: string, leadFormId: string,
 *            pixelId: string, conversionEvent: string, catalogId: string, productSetId: string,
 *            customConversionId: string}} Entered
 */

/** @type {readonly Kind[]} */
const CONVERTING = ["sales", "awareness", "engagement"];
/** @type {readonly Kind[]} */
const LOCATED = ["traffic", "sales", "engagement"];

/** @param {Entered} entered */
const converts = ({ kind }) => CONVERTING.includes(kind);
/** @param {Entered} entered */
const isApp = ({ kind, conversionLocation }) => kind === "traffic" && conversionLocation === "APP";

/**
 * A field that is not here always applies.
 * @type {Partial<Record<keyof Entered, (entered: Entered) => boolean>>}
 */
const APPLIES = {
  specialAdCountry: ({ specialAdCategories }) => specialAdCategories.length > 0,
  imageUrl: ({ shows }) => shows === "image",
  videoId: ({ shows }) => shows === "video",
  thumbnailUrl: ({ shows }) => shows === "video",
  conversionLocation: ({ kind }) => LOCATED.includes(kind),
  appId: isApp,
  objectStoreUrl: isApp,
  optimizationGoal: ({ kind }) => kind !== "leads",
  engagementType: ({ kind }) => kind === "engagement",
  leadFormId: ({ kind }) => kind === "leads",
  pixelId: converts,
  conversionEvent: converts,
  catalogId: converts,
  productSetId: converts,
  customConversionId: converts,
};

/**
 * The fields whose need depends on the kind.
 * @type {Record<"url" | "pixelId" | "conversionEvent", (entered: Entered) => boolean>}
 */
export const NEEDS = {
  url: ({ kind }) => kind !== "engagement",
  pixelId: ({ kind }) => kind === "sales",
  conversionEvent: ({ kind }) => kind === "sales",
};

/**
 * @param {keyof Entered} name
 * @param {Entered} entered
 */
export function applies(name, entered) {
  return APPLIES[name]?.(entered) ?? true;
}

/** @type {Option} */
const LEFT = { value: "", words: "Left to the platform" };

/** @type {Record<Kind, readonly Option[]>} */
export const LOCATIONS = {
  traffic: [LEFT, ...named({ WEBSITE: "Website", APP: "App", MESSENGER: "Messenger" })],
  // An app would need fields that the gateway knows for traffic only.
  sales: [LEFT, ...named({ WEBSITE: "Website", MESSENGER: "Messenger" })],
  engagement: [LEFT, ...named({ ON_AD: "On the ad", WEBSITE: "Website", MESSENGER: "Messenger" })],
  leads: [LEFT],
  awareness: [LEFT],
};

/** @type {Record<Kind, readonly Option[]>} */
export const GOALS = {
  traffic: [
    LEFT,
    ...named({ LINK_CLICKS: "Link clicks", LANDING_PAGE_VIEWS: "Landing page views" }),
  ],
  sales: [LEFT, ...named({ OFFSITE_CONVERSIONS: "Conversions", LINK_CLICKS: "Link clicks" })],
  awareness: [LEFT, ...named({ REACH: "Reach", IMPRESSIONS: "Impressions" })],
  engagement: [LEFT, ...named({ POST_ENGAGEMENT: "Post engagement", REACH: "Reach" })],
  leads: [LEFT],
};

/**
 * @param {Record<string, string>} words by value
 * @returns {Option[]}
 */
function named(words) {
  return Object.entries(words).map(([value, said]) => ({ value, words: said }));
}
