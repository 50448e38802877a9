// Figures drawn for the width that there is, or as a table, at the reader's choice.

import { html } from "../elements.js";

/**
 * `chart` draws for that width in pixels; `sentence` says what is to be seen.
 * @typedef {{chart: (width: number) => Element, table: () => HTMLTableElement,
 *            sentence: string}} Content
 */

/** @param {string} subject what it is a figure of, e.g. “the trend”, for the button's name */
export function createFigure(subject) {
  const words = html("span", { class: "unseen" }, ` of ${subject}`);
  const toggle = html(
    "button",
    { type: "button", class: "as-table", "aria-pressed": "false" },
    "As a table",
    words,
  );
  const place = html("div", { class: "drawing" });
  const caption = html("figcaption", { class: "quiet small" });
  const element = html("figure", {}, place, caption);
  /** @type {Content | null} */
  let shown = null;
  let table = false;
  let width = 0;

  toggle.addEventListener("click", () => {
    table = !table;
    toggle.setAttribute("aria-pressed", String(table));
    draw();
  });
  // Not at once: drawing changes the height, which would count as a change of its own.
  new ResizeObserver(() => requestAnimationFrame(resized)).observe(place);

  function resized() {
    if (!table && Math.floor(place.clientWidth) !== width) draw();
  }

  function draw() {
    width = Math.floor(place.clientWidth);
    if (!shown || !width) return;
    const reading = place.contains(document.activeElement);
    place.replaceChildren(table ? shown.table() : shown.chart(width));
    const next = reading && place.querySelector("[tabindex]");
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    caption.replaceChildren(shown.sentence);
  }

  /** @param {Content} content */
  function show(content) {
    shown = content;
    draw();
  }

  return { toggle, element, show };
}
