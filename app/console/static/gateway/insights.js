// The figures of an ad account.

import { path } from "../http.js";
import { all } from "./lists.js";

/** @typedef {import("./campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {{startDate: string, endDate: string}} Period */
/** @typedef {{actionType: string, value: number}} Action */
/** @typedef {{campaignId: string | null, campaignName: string | null,
 *             breakdown: {name: string, value: string} | null, impressions: number | null,
 *             clicks: number | null, spend: number | null, actions: Action[] | null}} Row */

/**
 * @param {AccountOfTeam} account
 * @param {Period} period
 * @param {{level: "campaign" | "account", breakdown?: string}} shape
 * @returns {Promise<import("../http.js").Answer<Row[]>>}
 */
export const getMetaInsights = ({ teamId, adAccountId }, { startDate, endDate }, shape) =>
  all(path`/teams/${teamId}/meta/insights`, { adAccountId, startDate, endDate, ...shape });
