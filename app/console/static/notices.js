// What the reader must know: said to all senses, and gone when dismissed.

import { byId, html } from "./elements.js";
import { isAborted, Problem } from "./http.js";

/**
 * Replaces what was said before.
 * @param {string} text
 */
export function say(text) {
  region().replaceChildren(notice("good", html("p", {}, text)));
}

/**
 * Silent about the end of the session, which is told elsewhere, and about what was called off.
 * @param {unknown} error
 * @param {string} [sentence] what it means here, when that is clearer than the problem's own words
 */
export function complain(error, sentence) {
  if ((error instanceof Problem && error.isSignedOut) || isAborted(error)) return;
  region().replaceChildren(notice("bad", problemWords(error, sentence)));
}

export function hush() {
  region().replaceChildren();
}

/**
 * A problem for people: what happened, what to do, and the id that finds it in the log.
 * @param {unknown} error
 * @param {string} [sentence]
 * @param {import("./http.js").Fault[]} [errors] those of its faults that are not said elsewhere
 */
export function problemWords(error, sentence, errors) {
  const problem = error instanceof Problem ? error : unexpected(error);
  const faults = (errors ?? problem.errors).map(({ pointer, message }) =>
    html("li", {}, html("code", {}, pointer), " ", message),
  );
  return html(
    "div",
    { class: "problem" },
    html("p", {}, html("strong", {}, problem.title)),
    html("p", {}, sentence ?? problem.detail),
    faults.length > 0 && html("ul", {}, ...faults),
    problem.requestId &&
      html("p", { class: "small" }, "Request ", html("code", {}, problem.requestId)),
  );
}

function region() {
  return byId("notices", HTMLElement);
}

/**
 * @param {"good" | "bad"} tone
 * @param {HTMLElement} words
 */
function notice(tone, words) {
  const role = tone === "bad" ? "alert" : null;
  const shown = html("div", { class: `notice ${tone}`, role }, words);
  shown.append(
    html("button", { type: "button", class: "plain", click: () => shown.remove() }, "Dismiss"),
  );
  return shown;
}

/** @param {unknown} error */
function unexpected(error) {
  console.error(error);
  return new Problem(0, { title: "This page made a mistake", detail: "Reload it and try again." });
}
