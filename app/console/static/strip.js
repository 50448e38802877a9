// The strip at the bottom: how the last answers were served, as the gateway tells it. It is there
// to be looked at: no live region, which would talk with every call.

import { byId, html } from "./elements.js";
import { CALLED } from "./http.js";
import { ageWords } from "./source.js";

/** @typedef {import("./http.js").Call} Call */

const KEPT = 20;

export function createStrip() {
  const last = byId("last-call", HTMLElement);
  const history = byId("calls", HTMLElement);
  /** @type {Call[]} */
  let calls = [];

  window.addEventListener(CALLED, (event) => {
    if (!(event instanceof CustomEvent) || !event.detail.call) return;
    calls = [event.detail.call, ...calls].slice(0, KEPT);
    draw();
  });

  function draw() {
    const [newest] = calls;
    last.replaceChildren(...(newest ? inOneLine(newest) : []));
    history.replaceChildren(...calls.map(row));
  }

  function forget() {
    calls = [];
    draw();
  }

  return { forget };
}

/** @param {Call} call */
function inOneLine(call) {
  return [
    html("span", { class: `dot ${tone(call)}`, "aria-hidden": "true" }),
    html("span", { class: "operation" }, nameOf(call)),
    html("span", {}, stateOf(call)),
    html("span", { class: "upstream" }, upstreamOf(call)),
    html("span", { class: "number" }, millisecondsOf(call)),
  ];
}

/** @param {Call} call */
function row(call) {
  return html(
    "tr",
    {},
    html("td", { class: "number" }, call.at.toLocaleTimeString()),
    html("th", { scope: "row" }, nameOf(call), call.background && " (by itself)"),
    html("td", {}, stateOf(call)),
    html("td", { class: "number" }, call.upstream === null ? "–" : String(call.upstream)),
    html("td", { class: "number" }, millisecondsOf(call)),
  );
}

/**
 * `listCampaigns` → “List campaigns”; without the operation's name, method and route.
 * @param {Call} call
 */
export function nameOf({ operation, method, route }) {
  if (operation === null) return `${method} ${route}`;
  const words = operation.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {Call} call */
function stateOf({ status, source, method }) {
  if (status === 0) return "no answer";
  if (status >= 400) return `refused (${status})`;
  if (source === null || method !== "GET") return "done";
  return {
    gateway: "from the gateway itself",
    cache: `cache hit, ${ageWords(source.age)} old`,
    stale: `stale, ${ageWords(source.age)} old, being refreshed`,
    platform: "cache miss",
    partial: "cache miss, some rows left out",
  }[source.kind];
}

/** @param {Call} call */
function upstreamOf({ upstream }) {
  if (upstream === null) return "";
  if (upstream === 0) return "platform not asked";
  return upstream === 1 ? "1 platform call" : `${upstream} platform calls`;
}

/** @param {Call} call */
function millisecondsOf({ milliseconds }) {
  return `${Math.max(1, Math.round(milliseconds))} ms`;
}

/** @param {Call} call */
function tone({ status, source }) {
  return status === 0 || status >= 400 ? "bad" : (source?.kind ?? "platform");
}
