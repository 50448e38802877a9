// Sending the same thing once more, after nobody knows what became of it, must not do it twice: it
// carries the same key (Idempotency-Key) until an answer came.

import { Problem } from "./http.js";

export function createAttempts() {
  let kept = { what: "", key: "" };

  /**
   * @template T
   * @param {string} what all that is sent; anything else is another attempt
   * @param {(key: string) => Promise<T>} send
   * @returns {Promise<T>}
   */
  async function attempt(what, send) {
    if (kept.what !== what) kept = { what, key: unique() };
    try {
      const answer = await send(kept.key);
      kept = { what: "", key: "" };
      return answer;
    } catch (error) {
      if (isVerdict(error)) kept = { what: "", key: "" };
      throw error;
    }
  }

  return { attempt };
}

/**
 * Whether it may have been done nevertheless.
 * @param {unknown} error
 */
export function isUnknown(error) {
  if (!(error instanceof Problem)) return false;
  return error.status === 0 || ["outcome-unknown", "write-pending"].includes(error.code);
}

/**
 * Whether it was refused for what it is, and not for the moment.
 * @param {unknown} error
 */
function isVerdict(error) {
  if (!(error instanceof Problem) || error.code === "write-pending") return false;
  return error.status >= 400 && error.status < 500 && ![401, 429].includes(error.status);
}

/** `crypto.randomUUID` is not there without TLS, e.g. in a network of developers. */
function unique() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
