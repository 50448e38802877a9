// One call to the gateway: what came, and where it came from.

/** What the window hears when the gateway does not know the reader any more. */
export const SIGNED_OUT = "signedout";

/** What could not be done. Members as in RFC 9457, plus the gateway's own `code` and `requestId`. */
export class Problem extends Error {
  /**
   * @param {number} status 0 when no answer came at all
   * @param {{title?: string, detail?: string, code?: string, requestId?: string,
   *          errors?: {pointer: string, message: string}[]}} document
   */
  constructor(status, document) {
    super(document.title ?? "Something went wrong");
    this.status = status;
    this.title = this.message;
    this.detail = document.detail ?? "";
    this.code = document.code ?? "";
    this.requestId = document.requestId ?? "";
    this.errors = document.errors ?? [];
  }

  /** Whether the session was not there; that is told by SIGNED_OUT, once for all parts. */
  get isSignedOut() {
    return this.status === 401;
  }
}

/** @typedef {{kind: "cache" | "stale" | "platform", age: number, milliseconds: number}} Source */
/**
 * @template T
 * @typedef {{data: T, source: Source}} Answer
 */
/** @typedef {Record<string, string | number | null | undefined | readonly string[]>} Query */

/**
 * Rejects with a Problem for everything but success.
 * @param {string} method
 * @param {string} path
 * @param {{query?: Query, body?: object}} [options]
 * @returns {Promise<Answer<any>>}
 */
export async function send(method, path, { query = {}, body } = {}) {
  const started = performance.now();
  const response = await reach(path + written(query), {
    method,
    headers: {
      Accept: "application/json",
      "X-BFF": "1",
      ...(body && { "Content-Type": "application/json" }),
    },
    body: body && JSON.stringify(body),
    credentials: "same-origin",
    redirect: "error",
  });
  const source = sourceOf(response.headers, performance.now() - started);
  const data = await document(response);
  if (!response.ok) throw refusal(response, data);
  return { data, source };
}

/**
 * A path in which every id is encoded: path`/teams/${id}`.
 * @param {TemplateStringsArray} parts
 * @param {...string} ids
 */
export function path(parts, ...ids) {
  return "/api/v1" + String.raw({ raw: parts }, ...ids.map(encodeURIComponent));
}

/**
 * @param {string} address
 * @param {RequestInit} request
 */
async function reach(address, request) {
  try {
    return await fetch(address, request);
  } catch {
    const detail = "No answer came. Check the connection and try again.";
    throw new Problem(0, { title: "The gateway cannot be reached", detail });
  }
}

/**
 * @param {Response} response
 * @param {any} data
 */
function refusal(response, data) {
  const problem = new Problem(response.status, data ?? { title: response.statusText });
  if (problem.isSignedOut) window.dispatchEvent(new Event(SIGNED_OUT));
  return problem;
}

/** @param {Response} response */
async function document(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** @param {Query} query */
function written(query) {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value == null ? [] : [value].flat().map((one) => [name, String(one)]),
  );
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

/**
 * Read off Cache-Status (RFC 9211) and Age.
 * @param {Headers} headers
 * @param {number} milliseconds
 * @returns {Source}
 */
function sourceOf(headers, milliseconds) {
  const status = headers.get("Cache-Status") ?? "";
  const hit = /;\s*hit\b/.test(status);
  const kind = !hit ? "platform" : /detail=stale/.test(status) ? "stale" : "cache";
  return { kind, age: Number(headers.get("Age") ?? 0), milliseconds };
}
