// Server-sent events (HTML Standard, section 9.2) as they come out of a stream of bytes.

import { isAborted, Problem } from "./http.js";

/** @typedef {{event: string, data: string}} Message */

/**
 * Every message of the stream until it ends; what is incomplete then is no message. Throws a
 * Problem when the connection is lost.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Message, void, void>}
 */
export async function* messagesOf(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder(); // which takes a byte order mark away
  const parser = createParser();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(lost);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    void reader.cancel().catch(() => {}); // whoever stops listening closes the connection
  }
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function lost(error) {
  if (isAborted(error)) throw error;
  throw new Problem(0, { title: "The connection was lost" });
}

/** Takes text in pieces that end anywhere. */
export function createParser() {
  let rest = "";
  let afterReturn = false;
  let event = "";
  /** @type {string[]} */
  let data = [];

  /**
   * The messages that this piece completes.
   * @param {string} text
   * @returns {Message[]}
   */
  function push(text) {
    if (text === "") return [];
    // CR LF is one end of a line, also when a piece ends between the two.
    const more = afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    afterReturn = text.endsWith("\r");
    const lines = (rest + more).split(/\r\n|\r|\n/);
    rest = lines.pop() ?? "";
    return lines.flatMap((line) => take(line) ?? []);
  }

  /**
   * @param {string} line
   * @returns {Message | null}
   */
  function take(line) {
    if (line === "") return complete();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon); // empty: a comment
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") event = value;
    if (name === "data") data.push(value);
    return null;
  }

  function complete() {
    const message = data.length ? { event: event || "message", data: data.join("\n") } : null;
    event = "";
    data = [];
    return message;
  }

  return { push };
}
