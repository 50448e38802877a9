// A part of the page that asks for something and shows it, and says how old it is.

import { html } from "./elements.js";
import { problemWords } from "./notices.js";
import { sourceWords } from "./source.js";

/** @typedef {import("./http.js").Source} Source */

/** @param {HTMLElement} section with the parts `body` and `source` */
export function createPanel(section) {
  const body = part(section, "body");
  const source = part(section, "source");
  let shown = "";

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
    wait();
    try {
      const answer = await ask();
      if (shown === key) show(draw(answer.data), sourceWords(answer.source));
    } catch (error) {
      if (shown !== key) return;
      show([problemWords(error)], []);
      shown = "";
    }
  }

  function wait() {
    section.setAttribute("aria-busy", "true");
    if (!body.hasChildNodes()) body.append(html("p", { class: "quiet" }, "Loading…"));
  }

  /**
   * @param {Node[]} content
   * @param {Node[]} origin
   */
  function show(content, origin) {
    section.removeAttribute("aria-busy");
    body.replaceChildren(...content);
    source.replaceChildren(...origin);
  }

  /** What is shown may be out of date: the next load asks again. */
  function forget() {
    shown = "";
  }

  return { load, forget };
}

/**
 * @param {HTMLElement} section
 * @param {string} name
 */
function part(section, name) {
  const found = section.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new TypeError(`#${section.id} has no part ${name}`);
  return found;
}
