// Follows a stream for as long as somebody looks: opens it again when it was lost, and not while
// the window is hidden.

import { isAborted, Problem } from "./http.js";
import { messagesOf } from "./sse.js";

/** @typedef {import("./gateway/dashboard.js").Bye} Bye */
/** @typedef {"connecting" | "live" | "reconnecting" | "away"} Connection */

const SECOND = 1000;
const LONGEST_PAUSE = 30 * SECOND;
const HIDDEN = 60 * SECOND;
// The gateway breaks its silence three times as often.
const SILENCE = 45 * SECOND;

/**
 * `open` asks for the stream, and `hear` gets what it tells. `tell` hears of the connection, with
 * the problem when that is why there is none. `bye` and `refused` end it: the stream's own word, or
 * the answer in place of a stream.
 * @param {{open: (how: import("./http.js").How) => Promise<ReadableStream<Uint8Array>>,
 *          hear: (event: string, data: any) => void,
 *          tell: (connection: Connection, problem?: unknown) => void,
 *          bye: (bye: Bye) => void, refused: (error: unknown) => void}} with
 */
export function createFollower({ open, hear, tell, bye, refused }) {
  let following = new AbortController();
  let wanted = false;
  let away = false;
  let hiding = 0;

  function start() {
    wanted = true;
    away = false;
    begin(false);
    look();
  }

  function stop() {
    wanted = false;
    clearTimeout(hiding);
    following.abort();
  }

  /** @param {boolean} background whether the page does it by itself */
  function begin(background) {
    following.abort();
    following = new AbortController();
    tell("connecting");
    void follow(following.signal, background);
  }

  /**
   * @param {AbortSignal} signal
   * @param {boolean} background
   */
  async function follow(signal, background) {
    let failures = 0;
    for (; !signal.aborted; background = true) {
      const line = createLine(signal);
      let problem;
      try {
        const stream = await open({ signal: line.signal, background });
        for await (const { event, data } of messagesOf(line.over(stream))) {
          if (signal.aborted) return;
          const said = JSON.parse(data);
          if (event === "bye" && said.reason !== "drain") return bye(said);
          if (event === "scope") tell("live");
          if (event === "parts") failures = 0;
          hear(event, said);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) return refused(error);
        problem = error;
      } finally {
        line.close();
      }
      if (signal.aborted) return;
      tell("reconnecting", problem);
      await pause(failures++, signal);
    }
  }

  /** A window that was hidden for a minute needs no stream; one that is seen again does. */
  function look() {
    clearTimeout(hiding);
    if (!wanted) return;
    if (document.visibilityState === "hidden") hiding = window.setTimeout(goAway, HIDDEN);
    else if (away) {
      away = false;
      begin(true);
    }
  }

  function goAway() {
    away = true;
    following.abort();
    tell("away");
  }

  document.addEventListener("visibilitychange", look);
  return { start, stop };
}

/**
 * One connection, given up when it has been silent for too long, or the network is gone: nobody
 * else would tell.
 * @param {AbortSignal} signal ends it as well
 */
function createLine(signal) {
  const own = new AbortController();
  const cut = () => own.abort();
  let watch = 0;
  window.addEventListener("offline", cut);
  heard();

  function heard() {
    clearTimeout(watch);
    watch = window.setTimeout(cut, SILENCE);
  }

  /** @param {ReadableStream<Uint8Array>} stream */
  function over(stream) {
    /** @type {TransformStream<Uint8Array, Uint8Array>} */
    const through = new TransformStream({
      transform(chunk, to) {
        heard();
        to.enqueue(chunk);
      },
    });
    return stream.pipeThrough(through);
  }

  function close() {
    clearTimeout(watch);
    window.removeEventListener("offline", cut);
  }

  return { signal: AbortSignal.any([signal, own.signal]), over, close };
}

/**
 * Whether asking again may help: nobody answered, too often, or the server's own trouble.
 * @param {unknown} error
 */
function isPassing(error) {
  if (!(error instanceof Problem)) return isAborted(error);
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

/**
 * Longer after each failure, and not all windows at once; shorter when the network comes back.
 * @param {number} failures
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(failures, signal) {
  const most = Math.min(LONGEST_PAUSE, SECOND * 2 ** failures);
  const milliseconds = most * (0.5 + Math.random() / 2);
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);

    function done() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
