// What a team has connected, and the ad accounts that came with it.

import { path, send } from "../http.js";
import { all } from "./lists.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {{adAccountId: string, name: string | null}} AdAccount */
/** @typedef {{id: string, platform: string, adAccounts: AdAccount[]}} Connection */

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
