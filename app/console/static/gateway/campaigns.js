// The campaigns of an ad account.

import { path, send } from "../http.js";
import { all } from "./lists.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {{teamId: string, adAccountId: string}} AccountOfTeam */
/** @typedef {{id: string, name: string | null, status: string | null,
 *             objective: string | null}} Campaign */

/**
 * @param {AccountOfTeam} account
 * @returns {Promise<Answer<Campaign[]>>}
 */
export const listCampaigns = ({ teamId, adAccountId }) =>
  all(path`/teams/${teamId}/meta/campaigns`, {
    adAccountId,
    fields: ["name", "status", "objective"],
  });

/**
 * @param {AccountOfTeam} account
 * @param {string} campaignId
 * @param {"ACTIVE" | "PAUSED"} status
 * @returns {Promise<Answer<{id: string, status: string}>>}
 */
export const setCampaignStatus = ({ teamId, adAccountId }, campaignId, status) =>
  send("PATCH", path`/teams/${teamId}/meta/campaigns/${campaignId}`, {
    query: { adAccountId },
    body: { status },
  });
