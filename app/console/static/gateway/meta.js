// Facebook pages, and what an audience can be narrowed to.

import { path } from "../http.js";
import { all } from "./lists.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {import("./campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {{id: string, name: string | null}} MetaPage */
/** @typedef {"location" | "locale" | "interest" | "behavior" | "educationSchool" | "educationMajor"
 *            | "workEmployer" | "workPosition" | "familyStatus" | "lifeEvent" | "industry"
 *            | "income"} TargetingType */
/** @typedef {{id: string, name: string, type: string | null, countryCode: string | null,
 *             region: string | null, path: string[] | null,
 *             audienceSize: number | null}} TargetingOption */

/**
 * @param {AccountOfTeam} account
 * @returns {Promise<Answer<MetaPage[]>>}
 */
export const listMetaPages = ({ teamId, adAccountId }) =>
  all(path`/teams/${teamId}/meta/pages`, { adAccountId });

/**
 * @param {AccountOfTeam} account
 * @param {{type: TargetingType, query: string}} wanted
 * @param {AbortSignal} signal
 * @returns {Promise<Answer<TargetingOption[]>>}
 */
export const searchTargeting = ({ teamId, adAccountId }, wanted, signal) =>
  all(path`/teams/${teamId}/meta/targeting`, { adAccountId, ...wanted }, { signal });
