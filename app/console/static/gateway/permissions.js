// Who may do what on an ad account, as far as it was set through the gateway.

import { path, send } from "../http.js";
import { all } from "./lists.js";

/** @typedef {import("./campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {"MANAGER" | "VIEWER"} Permission */
/** @typedef {{externalUserId: string, permission: Permission | "REVOKED", setBy: string,
 *             setAt: string}} Remembered */

/**
 * @param {AccountOfTeam} account
 * @returns {Promise<import("../http.js").Answer<Remembered[]>>}
 */
export const listAdAccountAccess = ({ teamId, adAccountId }) =>
  all(path`/teams/${teamId}/ad-accounts/${adAccountId}/permissions`);

/**
 * @param {AccountOfTeam} account
 * @param {string} externalUserId
 * @param {Permission} permission
 */
export const grantAdAccountAccess = ({ teamId, adAccountId }, externalUserId, permission) =>
  send("POST", path`/teams/${teamId}/ad-accounts/${adAccountId}/permissions`, {
    body: { externalUserId, permission },
  });

/**
 * @param {AccountOfTeam} account
 * @param {string} externalUserId
 * @param {Permission} permission
 */
export const changeAdAccountAccess = ({ teamId, adAccountId }, externalUserId, permission) =>
  send("PATCH", path`/teams/${teamId}/ad-accounts/${adAccountId}/permissions/${externalUserId}`, {
    body: { permission },
  });

/**
 * @param {AccountOfTeam} account
 * @param {string} externalUserId
 */
export const revokeAdAccountAccess = ({ teamId, adAccountId }, externalUserId) =>
  send("DELETE", path`/teams/${teamId}/ad-accounts/${adAccountId}/permissions/${externalUserId}`);
