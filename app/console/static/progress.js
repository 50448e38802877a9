// Progress: what takes longer than 300 ms is seen to be under way, and before that nothing flashes.
// The wait is in the styles (`late`), so that it needs no clock here.

import { byId, html } from "./elements.js";
import { CALLED, CALLING } from "./http.js";

/** The thin bar above everything, for as long as the reader waits for any call. */
export function createProgress() {
  const bar = byId("progress", HTMLElement);
  let under = 0;
  for (const [name, step] of /** @type {const} */ ([[CALLING, 1], [CALLED, -1]])) {
    window.addEventListener(name, (event) => {
      if (!(event instanceof CustomEvent) || event.detail.background) return;
      under += step;
      bar.hidden = under === 0;
    });
  }
}

/**
 * Marks a part of the page as busy until the returned function is called; an empty one says so.
 * @param {HTMLElement} part
 * @param {HTMLElement} [body] where the words go when it is empty
 */
export function busy(part, body = part) {
  part.setAttribute("aria-busy", "true");
  const words = body.hasChildNodes() ? null : html("p", { class: "quiet late" }, "Loading…");
  if (words) body.append(words);
  return () => {
    part.removeAttribute("aria-busy");
    words?.remove();
  };
}
