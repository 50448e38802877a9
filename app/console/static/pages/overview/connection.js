// Whether what is shown follows what happens, said quietly.

import { html } from "../../elements.js";

/** @typedef {import("../../live.js").Connection} Connection */

/** @type {Record<Connection, {words: string, tone: string}>} */
const WORDS = {
  connecting: { words: "Connecting…", tone: "gateway" },
  live: { words: "Live", tone: "cache" },
  reconnecting: { words: "Reconnecting…", tone: "stale" },
  away: { words: "Paused", tone: "gateway" },
};

export function createConnection() {
  const dot = html("span", { "aria-hidden": "true" });
  const words = html("span", {});
  const element = html("p", { class: "connection source", "aria-live": "polite" }, dot, words);

  /** @param {Connection} connection */
  function show(connection) {
    const { words: said, tone } = WORDS[connection];
    dot.className = `dot ${tone}`;
    words.replaceChildren(said);
  }

  return { element, show };
}
