// What a campaign consists of.

import { path } from "../http.js";
import { all } from "./lists.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {import("./campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {{id: string, name: string | null, status: string | null,
 *             optimizationGoal: string | null, dailyBudget: number | null}} AdSet */
/** @typedef {{id: string, name: string | null, status: string | null,
 *             adSetId: string | null}} Ad */

/**
 * @param {AccountOfTeam} account
 * @param {string} campaignId
 * @returns {Promise<Answer<AdSet[]>>}
 */
export const listAdSets = ({ teamId, adAccountId }, campaignId) =>
  all(path`/teams/${teamId}/meta/ad-sets`, {
    adAccountId,
    campaignId,
    fields: ["name", "status", "optimizationGoal", "dailyBudget"],
  });

/**
 * @param {AccountOfTeam} account
 * @param {string} campaignId
 * @returns {Promise<Answer<Ad[]>>}
 */
export const listAds = ({ teamId, adAccountId }, campaignId) =>
  all(path`/teams/${teamId}/meta/ads`, { adAccountId, campaignId, fields: ["name", "status"] });
