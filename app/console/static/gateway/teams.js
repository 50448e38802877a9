// One team and its members.

import { path, send } from "../http.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {"ADMIN" | "MEMBER"} Role */
/** @typedef {{externalUserId: string, role: Role}} Member */
/** @typedef {{id: string, name: string, isDefault: boolean, enterpriseId: string,
 *             members: Member[], myRole: Role | null, workspaceAdmin: boolean}} Team */
/** @typedef {{assigned: Member[], failed: {externalUserId: string, reason: string}[]}} Assigned */

/**
 * @param {string} teamId
 * @returns {Promise<Answer<Team>>}
 */
export const getTeam = (teamId) => send("GET", path`/teams/${teamId}`);

/**
 * @param {string} enterpriseId
 * @param {string} name
 * @returns {Promise<Answer<{id: string, name: string}>>}
 */
export const createTeam = (enterpriseId, name) =>
  send("POST", path`/workspaces/${enterpriseId}/teams`, { body: { name } });

/**
 * @param {string} teamId
 * @param {string} name
 * @returns {Promise<Answer<{id: string, name: string}>>}
 */
export const renameTeam = (teamId, name) =>
  send("PATCH", path`/teams/${teamId}`, { body: { name } });

/** @param {string} teamId */
export const deleteTeam = (teamId) => send("DELETE", path`/teams/${teamId}`);

/**
 * @param {string} teamId
 * @param {Member[]} members
 * @returns {Promise<Answer<Assigned>>} who could not be assigned does not stop the others
 */
export const assignTeamMembers = (teamId, members) =>
  send("POST", path`/teams/${teamId}/members`, { body: { members } });

/**
 * @param {string} teamId
 * @param {string} externalUserId
 */
export const removeTeamMember = (teamId, externalUserId) =>
  send("DELETE", path`/teams/${teamId}/members`, { query: { externalUserId } });
