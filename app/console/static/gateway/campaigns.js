// The campaigns of an ad account.

import { path, send } from "../http.js";
import { all } from "./lists.js";

const EVERYTHING = [
  "name",
  "status",
  "effectiveStatus",
  "objective",
  "dailyBudget",
  "lifetimeBudget",
  "startTime",
  "stopTime",
];
/** @type {Record<Kind, (teamId: string) => import("../http.js").Address>} */
const CREATION = {
  traffic: (teamId) => path`/teams/${teamId}/meta/campaigns/traffic`,
  sales: (teamId) => path`/teams/${teamId}/meta/campaigns/sales`,
  leads: (teamId) => path`/teams/${teamId}/meta/campaigns/leads`,
  awareness: (teamId) => path`/teams/${teamId}/meta/campaigns/awareness`,
  engagement: (teamId) => path`/teams/${teamId}/meta/campaigns/engagement`,
};

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {{teamId: string, adAccountId: string}} AccountOfTeam */
/** @typedef {{id: string, name: string | null, status: string | null,
 *             objective: string | null}} Campaign */
/** @typedef {Campaign & {effectiveStatus: string | null, dailyBudget: number | null,
 *             lifetimeBudget: number | null, startTime: string | null,
 *             stopTime: string | null}} CampaignInFull */
/** @typedef {"traffic" | "sales" | "leads" | "awareness" | "engagement"} Kind */
/** @typedef {{campaignId: string | null, adSetId: string | null,
 *             adId: string | null}} NewCampaign */

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
 * @returns {Promise<Answer<CampaignInFull[]>>}
 */
export const listCampaignsInFull = ({ teamId, adAccountId }) =>
  all(path`/teams/${teamId}/meta/campaigns`, { adAccountId, fields: EVERYTHING });

/**
 * @param {AccountOfTeam} account
 * @param {Kind} kind
 * @param {object} body
 * @param {string} key
 * @returns {Promise<Answer<NewCampaign>>}
 */
export const createCampaign = ({ teamId, adAccountId }, kind, body, key) =>
  send("POST", CREATION[kind](teamId), { query: { adAccountId }, body, key });

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
