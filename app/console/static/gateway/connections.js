// What a team has connected, and the ad accounts that came with it.

import { path, send } from "../http.js";
import { all } from "./lists.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {{adAccountId: string, name: string | null}} AdAccount */
/** @typedef {{id: string, platform: string, adAccounts: AdAccount[]}} Connection */
/** @typedef {Connection & {teamId: string}} TeamConnection */
/**
 * `connected` is null where the platform does not tell.
 * @typedef {AdAccount & {platform: string, connected: boolean | null}} AdAccountStatus
 */

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
 * @param {string} teamId
 * @param {string} connectionId
 */
export const disconnect = (teamId, connectionId) =>
  send("DELETE", path`/teams/${teamId}/connections/${connectionId}`);

/**
 * @param {string} teamId
 * @param {string} adAccountId
 */
export const removeAdAccount = (teamId, adAccountId) =>
  send("DELETE", path`/teams/${teamId}/ad-accounts/${adAccountId}`);

/**
 * @param {string} teamId
 * @param {string} adAccountId
 */
export const importMetaAccount = (teamId, adAccountId) =>
  send("POST", path`/teams/${teamId}/meta/import`, { query: { adAccountId } });

/**
 * @param {string} enterpriseId
 * @returns {Promise<Answer<TeamConnection[]>>} those of all its teams
 */
export const listConnections = (enterpriseId) => all(path`/workspaces/${enterpriseId}/connections`);

/**
 * @param {string} enterpriseId
 * @returns {Promise<Answer<AdAccountStatus[]>>} those of all its teams, each once
 */
export const listAdAccounts = (enterpriseId) => all(path`/workspaces/${enterpriseId}/ad-accounts`);
