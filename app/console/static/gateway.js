// The gateway's operations that the console uses, by their names in the API document.

import { path, send } from "./http.js";

/** @typedef {import("./http.js").Source} Source */
/**
 * @template T
 * @typedef {import("./http.js").Answer<T>} Answer
 */

/** @typedef {{user: string, name: string | null, enterprises: string[]}} Session */
/** @typedef {{enterpriseId: string | null, name: string}} Workspace */
/** @typedef {{id: string, name: string, isDefault: boolean}} ListedTeam */
/** @typedef {"ADMIN" | "MEMBER"} Role */
/** @typedef {{externalUserId: string, role: Role}} Member */
/** @typedef {{id: string, name: string, enterpriseId: string, members: Member[],
 *             myRole: Role | null, workspaceAdmin: boolean}} Team */
/** @typedef {{adAccountId: string, name: string | null}} AdAccount */
/** @typedef {{id: string, platform: string, adAccounts: AdAccount[]}} Connection */
/** @typedef {{id: string, name: string | null, status: string | null,
 *             objective: string | null}} Campaign */
/** @typedef {{actionType: string, value: number}} Action */
/** @typedef {{campaignId: string | null, campaignName: string | null,
 *             breakdown: {name: string, value: string} | null, impressions: number | null,
 *             clicks: number | null, spend: number | null, actions: Action[] | null}} Row */
/** @typedef {{teamId: string, adAccountId: string}} AccountOfTeam */
/** @typedef {{startDate: string, endDate: string}} Period */

/** @returns {Promise<Answer<Session>>} */
export const getSession = () => send("GET", "/auth/session");

/** @returns {Promise<Answer<{logoutUrl: string | null}>>} */
export const logout = () => send("POST", "/auth/logout");

/**
 * @param {string} enterpriseId
 * @returns {Promise<Answer<Workspace>>}
 */
export const getWorkspace = (enterpriseId) => send("GET", path`/workspaces/${enterpriseId}`);

/**
 * @param {string} enterpriseId
 * @param {string} name
 * @returns {Promise<Answer<Workspace>>}
 */
export const createWorkspace = (enterpriseId, name) =>
  send("POST", path`/workspaces`, { body: { enterpriseId, name } });

/**
 * @param {string} enterpriseId
 * @returns {Promise<Answer<ListedTeam[]>>}
 */
export const listWorkspaceTeams = (enterpriseId) => all(path`/workspaces/${enterpriseId}/teams`);

/**
 * @param {string} teamId
 * @returns {Promise<Answer<Team>>}
 */
export const getTeam = (teamId) => send("GET", path`/teams/${teamId}`);

/**
 * @param {string} teamId
 * @returns {Promise<Answer<Connection[]>>}
 */
export const listTeamConnections = (teamId) => all(path`/teams/${teamId}/connections`);

/**
 * @param {string} teamId
 * @param {string} redirect where the browser comes back to
 * @returns {Promise<Answer<{authUrl: string}>>}
 */
export const createConnection = (teamId, redirect) =>
  send("POST", path`/teams/${teamId}/connections`, { body: { platform: "meta", redirect } });

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

/**
 * @param {AccountOfTeam} account
 * @param {Period} period
 * @param {{level: "campaign" | "account", breakdown?: string}} shape
 * @returns {Promise<Answer<Row[]>>}
 */
export const getMetaInsights = ({ teamId, adAccountId }, { startDate, endDate }, shape) =>
  all(path`/teams/${teamId}/meta/insights`, { adAccountId, startDate, endDate, ...shape });

/**
 * A whole list, page after page; its source is that of the first.
 * @param {string} address
 * @param {import("./http.js").Query} [query]
 * @returns {Promise<Answer<any[]>>}
 */
async function all(address, query = {}) {
  const first = await send("GET", address, { query: { ...query, limit: 200 } });
  const items = [...first.data.items];
  for (let cursor = first.data.nextCursor; cursor;) {
    const { data } = await send("GET", address, { query: { ...query, limit: 200, cursor } });
    items.push(...data.items);
    cursor = data.nextCursor;
  }
  return { data: items, source: first.source };
}
