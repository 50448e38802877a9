// Who is signed in, and where else.

import { send } from "../http.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/**
 * `idleSecondsLeft` is null where the session does not end unused.
 * @typedef {{user: string, name: string | null, enterprises: string[],
 *            idleSecondsLeft: number | null, absoluteSecondsLeft: number}} Session
 */
/** @typedef {{id: string, createdAt: string, lastSeenAt: string, current: boolean,
 *             how: string}} SessionEntry */

/**
 * @param {import("../http.js").How} [how]
 * @returns {Promise<Answer<Session>>}
 */
export const getSession = (how) => send("GET", "/auth/session", how);

/** @returns {Promise<Answer<{logoutUrl: string | null}>>} */
export const logout = () => send("POST", "/auth/logout");

/** @returns {Promise<Answer<{items: SessionEntry[]}>>} */
export const listSessions = () => send("GET", "/auth/sessions");

/** @param {string} id as listed */
export const endSession = (id) =>
  send("DELETE", { href: `/auth/sessions/${encodeURIComponent(id)}`, route: "/auth/sessions/…" });

export const endOtherSessions = () => send("DELETE", "/auth/sessions");
