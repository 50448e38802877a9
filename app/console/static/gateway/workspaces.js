// Workspaces, and the teams in them.

import { path, send } from "../http.js";
import { all } from "./lists.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {{enterpriseId: string | null, name: string, adminExternalUserId: string | null,
 *             createdAt: string}} Workspace */
/** @typedef {{id: string, name: string, isDefault: boolean}} ListedTeam */

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
 * @param {string} enterpriseId
 * @param {string} name
 * @returns {Promise<Answer<Workspace>>}
 */
export const updateWorkspace = (enterpriseId, name) =>
  send("PATCH", path`/workspaces/${enterpriseId}`, { body: { name } });

/**
 * @param {string} enterpriseId
 * @param {string} externalUserId
 */
export const changeWorkspaceAdmin = (enterpriseId, externalUserId) =>
  send("PUT", path`/workspaces/${enterpriseId}/admin`, { body: { externalUserId } });

/** @param {string} enterpriseId */
export const deleteWorkspace = (enterpriseId) =>
  send("DELETE", path`/workspaces/${enterpriseId}`);
