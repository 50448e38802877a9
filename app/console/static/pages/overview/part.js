// One part of the dashboard: what it shows, how that came about, and why it is missing.

import { fill, html } from "../../elements.js";
import { Problem } from "../../http.js";
import { problemWords } from "../../notices.js";
import { panelFrame } from "../../panel.js";

/** @typedef {import("../../gateway/dashboard.js").Status} Status */
/**
 * @template T
 * @typedef {import("../../gateway/dashboard.js").Part<T>} Part
 */

const TONES = { ok: "cache", stale: "stale", failed: "bad", omitted: "gateway" };
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const CALENDAR = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/**
 * `skeleton` stands where the content will, as high as it.
 * @param {import("../../panel.js").Head} head
 * @param {() => Node} skeleton
 */
export function createPart(head, skeleton) {
  const { section, source, body } = panelFrame(head);
  empty();

  /** Nothing is known yet. */
  function empty() {
    section.hidden = false;
    source.replaceChildren();
    body.replaceChildren(html("p", { class: "unseen" }, "Loading…"), skeleton());
    wait();
  }

  /** Another answer is on its way; until then what is shown stays. */
  function wait() {
    section.setAttribute("aria-busy", "true");
  }

  /**
   * @template T
   * @param {Part<T>} part
   * @param {(data: T) => Node[]} draw also what there is of a part that failed
   */
  function show(part, draw) {
    section.removeAttribute("aria-busy");
    section.hidden = part.status === "omitted";
    fill(source, sourceOf(part));
    fill(body, [...missing(part), ...(part.data === null ? [] : draw(part.data))]);
  }

  /** @param {string} sentence why there is nothing to show */
  function explain(sentence) {
    section.removeAttribute("aria-busy");
    source.replaceChildren();
    fill(body, [html("p", { class: "quiet" }, sentence)]);
  }

  return { element: section, empty, wait, show, explain };
}

/**
 * Why a part is missing, and that nobody has to do anything about it.
 * @param {Part<unknown>} part
 * @returns {Node[]}
 */
function missing({ status, problem, data }) {
  if (status !== "failed" || !problem) return [];
  const { title, detail } = problem;
  const words = problemWords(
    new Problem(problem.status, { title, detail: detail ?? undefined, code: problem.code }),
  );
  const rest = data === null ? "" : " What there is of it stands below.";
  words.append(html("p", { class: "quiet small" }, `It is tried again by itself.${rest}`));
  words.classList.add("missing");
  return [words];
}

/**
 * @param {Part<unknown>} part
 * @returns {Node[]}
 */
function sourceOf({ status, asOf }) {
  if (status === "omitted" || (asOf === null && status !== "failed")) return [];
  const words = { ok: "", stale: ", being refreshed", failed: ", incomplete", omitted: "" }[status];
  return [
    html("span", { class: `dot ${TONES[status]}`, "aria-hidden": "true" }),
    asOf === null
      ? html("span", {}, "Not available")
      : html("span", {}, "as of ", html("time", { datetime: asOf }, momentWords(asOf)), words),
  ];
}

/**
 * The time of day, and the day too unless it is today.
 * @param {string} moment
 */
function momentWords(moment) {
  const then = new Date(moment);
  const today = then.toDateString() === new Date().toDateString();
  return (today ? CLOCK : CALENDAR).format(then);
}
