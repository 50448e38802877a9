// What the reader may do, and the words for when that has just ended.

import { Problem } from "../http.js";
import { complain } from "../notices.js";

/** @typedef {import("../gateway/teams.js").Team} Team */

const LOST =
  "This is not for you any more: your role may have changed, or it is gone. " +
  "The page shows again what is for you.";

/**
 * Whether the reader manages the team: its people, connections and ad accounts.
 * @param {Team} team
 */
export function manages({ workspaceAdmin, myRole }) {
  return workspaceAdmin || myRole === "ADMIN";
}

/**
 * Whether the gateway says that this is not, or no longer, for the reader.
 * @param {unknown} error
 */
export function isLost(error) {
  return error instanceof Problem && (error.status === 403 || error.status === 404);
}

/**
 * Whether a change was sent, and nobody knows what became of it.
 * @param {unknown} error
 */
export function isUnclear(error) {
  return error instanceof Problem && error.code === "outcome-unknown";
}

/**
 * Whether what is shown may be wrong after that, and has to be asked for anew.
 * @param {unknown} error
 */
export function isOutdated(error) {
  return isLost(error) || isUnclear(error);
}

/**
 * The sentence for what was offered and is refused.
 * @param {unknown} error
 */
export function lostWords(error) {
  return isLost(error) ? LOST : undefined;
}

/**
 * Does it; where it turns out not to be for the reader any more, that is said above the page, as the
 * form that asked for it may be gone in a moment.
 * @param {{refresh: () => void}} context
 * @param {() => Promise<void>} act
 */
export async function whileAllowed({ refresh }, act) {
  try {
    await act();
  } catch (error) {
    if (isOutdated(error)) refresh();
    if (!isLost(error)) throw error;
    complain(error, lostWords(error));
  }
}
