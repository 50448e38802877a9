// One team and its members.

import { path, send } from "../http.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {"ADMIN" | "MEMBER"} Role */
/** @typedef {{externalUserId: string, role: Role}} Member */
/** @typedef {{id: string, name: string, enterpriseId: string, members: Member[],
 *             myRole: Role | null, workspaceAdmin: boolean}} Team */

/**
 * @param {string} teamId
 * @returns {Promise<Answer<Team>>}
 */
export const getTeam = (teamId) => send("GET", path`/teams/${teamId}`);
