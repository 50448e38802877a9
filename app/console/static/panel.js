// A part of a page that asks for something and shows it, and says how old it is.

import { html } from "./elements.js";
import { isAborted } from "./http.js";
import { problemWords } from "./notices.js";
import { busy } from "./progress.js";
import { sourceWords } from "./source.js";

/** @typedef {import("./http.js").Source} Source */

/**
 * `tools` stand between the heading and what is shown.
 * @typedef {{id: string, title: string, card?: boolean, tools?: HTMLElement}} Head
 */

/**
 * The part without a content yet.
 * @param {Head} head
 */
export function panelFrame({ id, title, card = true, tools }) {
  const source = html("p", { class: "source" });
  const body = html("div", { class: "body" });
  const section = html(
    "section",
    { id, class: card ? "panel card" : "panel", "aria-labelledby": `${id}-title` },
    html("header", { class: "panel-head" }, html("h2", { id: `${id}-title` }, title), source),
    tools,
    body,
  );
  return { section, source, body };
}

/** @param {Head} head */
export function createPanel(head) {
  const { section, source, body } = panelFrame(head);
  let shown = "";
  let done = () => {};

  /**
   * Nothing happens when the same is shown already; an answer that was overtaken is dropped.
   * @template T
   * @param {string} key
   * @param {() => Promise<{data: T, source: Source}>} ask
   * @param {(data: T) => Node[]} draw
   */
  async function load(key, ask, draw) {
    if (key === shown) return;
    shown = key;
    done();
    done = busy(section, body);
    try {
      const answer = await ask();
      if (shown === key) show(draw(answer.data), sourceWords(answer.source));
    } catch (error) {
      if (shown !== key) return;
      if (!isAborted(error)) show([problemWords(error)], []);
      done();
      shown = "";
    }
  }

  /**
   * @param {Node[]} content
   * @param {Node[]} origin
   */
  function show(content, origin) {
    done();
    body.replaceChildren(...content);
    source.replaceChildren(...origin);
  }

  /** What is shown may be out of date: the next load asks again. */
  function forget() {
    shown = "";
    done();
  }

  return { element: section, load, forget };
}
