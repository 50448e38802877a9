// Who is signed in, and where else.

import { send } from "../http.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {{user: string, name: string | null, enterprises: string[]}} Session */
/** @typedef {{id: string, createdAt: string, lastSeenAt: string, current: boolean,
 *             how: string}} SessionEntry */

/** @returns {Promise<Answer<Session>>} */
export const getSession = () => send("GET", "/auth/session");

/** @returns {Promise<Answer<{logoutUrl: string | null}>>} */
export const logout = () => send("POST", "/auth/logout");

/** @returns {Promise<Answer<{items: SessionEntry[]}>>} */
export const listSessions = () => send("GET", "/auth/sessions");
