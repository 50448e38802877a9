// One call to the gateway: what came, and where it came from. Every call of the console is made
// here, and the window hears of each, so that the strip at the bottom can show it.

/** What the window hears when the gateway does not know the reader any more. */
export const SIGNED_OUT = "signedout";
/** What the window hears when a call begins (`detail`: {background})… */
export const CALLING = "calling";
/** …and when it has ended (`detail`: {background, call}, the Call being null when called off). */
export const CALLED = "called";

/** What could not be done. Members as in RFC 9457, plus the gateway's own `code` and `requestId`. */
export class Problem extends Error {
  /**
   * @param {number} status 0 when no answer came at all
   * @param {{title?: string, detail?: string, code?: string, requestId?: string,
   *          errors?: Fault[]}} document
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

/** @typedef {{pointer: string, message: string}} Fault  where in the request (RFC 6901), and what */
/** @typedef {"cache" | "stale" | "platform" | "partial" | "gateway"} SourceKind  `partial` lacks what could not be read */
/** @typedef {{kind: SourceKind, age: number, milliseconds: number}} Source */
/**
 * @template T
 * @typedef {{data: T, source: Source}} Answer
 */
/** @typedef {Record<string, string | number | null | undefined | readonly string[]>} Query */
/** @typedef {string | {href: string, route: string}} Address  with the ids, and without them */
/**
 * `background`: the page asks by itself, which must not keep a session alive that nobody uses.
 * @typedef {{background?: boolean, signal?: AbortSignal}} How
 */
/**
 * `key` names the change, so that sending it once more is not a second one (Idempotency-Key).
 * @typedef {How & {query?: Query, body?: object, key?: string}} Options
 */
/**
 * `status` is 0 when no answer came; `operation` and `upstream` are null when the gateway does not
 * explain itself, `upstream` being how often it asked the platform; `source` is null without an
 * answer.
 * @typedef {{method: string, route: string, operation: string | null, status: number,
 *            source: Source | null, milliseconds: number, upstream: number | null,
 *            background: boolean, at: Date}} Call
 */

/**
 * Rejects with a Problem for everything but success, and with an AbortError when called off.
 * @param {string} method
 * @param {Address} address
 * @param {Options} [options]
 * @returns {Promise<Answer<any>>}
 */
export async function send(method, address, options = {}) {
  const called = begun(method, address, options);
  try {
    const response = await reach(method, address, "application/json", options);
    const data = await document(response);
    const source = called.answered(response);
    if (!response.ok) throw refusal(response, data);
    return { data, source };
  } finally {
    called.over();
  }
}

/**
 * The body of an answer that goes on, e.g. server-sent events; it ends with the signal.
 * @param {Address} address
 * @param {How & {query?: Query}} options
 * @returns {Promise<ReadableStream<Uint8Array>>}
 */
export async function listen(address, options) {
  const called = begun("GET", address, options);
  try {
    const response = await reach("GET", address, "text/event-stream", options);
    called.answered(response);
    if (!response.ok || !response.body) throw refusal(response, await document(response));
    return response.body;
  } finally {
    called.over();
  }
}

/**
 * An address in which every id is encoded: path`/teams/${id}`.
 * @param {TemplateStringsArray} parts
 * @param {...string} ids
 * @returns {{href: string, route: string}}
 */
export function path(parts, ...ids) {
  const href = "/api/v1" + String.raw({ raw: parts }, ...ids.map(encodeURIComponent));
  return { href, route: parts.join("…") };
}

/**
 * Whether that is just what was called off.
 * @param {unknown} error
 */
export function isAborted(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/**
 * @param {string} method
 * @param {Address} address
 * @param {string} accept
 * @param {Options} options
 */
async function reach(method, address, accept, { query = {}, body, key, background, signal }) {
  const href = typeof address === "string" ? address : address.href;
  try {
    return await fetch(href + written(query), {
      method,
      headers: {
        Accept: accept,
        "X-BFF": "1",
        "X-BFF-Explain": "1", // whoever may not ask for it gets none
        ...(background && { "X-BFF-Background": "1" }),
        ...(body && { "Content-Type": "application/json" }),
        ...(key && { "Idempotency-Key": key }),
      },
      body: body && JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      signal,
    });
  } catch (error) {
    if (isAborted(error)) throw error;
    const detail = "No answer came. Check the connection and try again.";
    throw new Problem(0, { title: "The gateway cannot be reached", detail });
  }
}

/**
 * Tells the window that a call began, and later how it went.
 * @param {string} method
 * @param {Address} address
 * @param {How} how
 */
function begun(method, address, { background = false, signal }) {
  const started = performance.now();
  /** @type {Call} */
  const call = {
    method,
    route: typeof address === "string" ? address : address.route,
    operation: null,
    status: 0,
    source: null,
    milliseconds: 0,
    upstream: null,
    background,
    at: new Date(),
  };
  window.dispatchEvent(new CustomEvent(CALLING, { detail: { background } }));

  /** @param {Response} response */
  function answered({ status, headers }) {
    const trail = headers.get("X-BFF-Trail") ?? "";
    const asked = /\bupstream=(\d+)/.exec(trail);
    const source = sourceOf(headers, performance.now() - started);
    call.status = status;
    call.source = source;
    call.operation = /\broute=([A-Za-z]+)/.exec(trail)?.[1] ?? null;
    call.upstream = asked && Number(asked[1]);
    return source;
  }

  function over() {
    call.milliseconds = performance.now() - started;
    const detail = signal?.aborted && call.status === 0 ? null : call;
    window.dispatchEvent(new CustomEvent(CALLED, { detail: { background, call: detail } }));
  }

  return { answered, over };
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
 * Read off Cache-Status (RFC 9211) and Age; an answer without them is the gateway's own.
 * @param {Headers} headers
 * @param {number} milliseconds
 * @returns {Source}
 */
function sourceOf(headers, milliseconds) {
  const status = headers.get("Cache-Status") ?? "";
  const hit = /;\s*hit\b/.test(status);
  if (!status) return { kind: "gateway", age: 0, milliseconds };
  const detail = /;\s*detail=(stale|partial)\b/.exec(status)?.[1];
  const kind = /** @type {SourceKind} */ (detail ?? (hit ? "cache" : "platform"));
  return { kind, age: Number(headers.get("Age") ?? 0), milliseconds };
}
