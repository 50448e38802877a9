// Draws anew what the reader may be in the middle of: the focus stays where it was.

/**
 * The focus goes to what has the same `data-key` now, else to the place itself, so that nobody is
 * thrown back to the top.
 * @param {HTMLElement} place
 * @param {Node[]} content
 */
export function redraw(place, content) {
  const focused = document.activeElement;
  const inside = focused instanceof HTMLElement && place.contains(focused);
  const key = inside ? focused.dataset.key : undefined;
  place.replaceChildren(...content);
  if (inside) (key && keyed(place, key) || place).focus();
}

/**
 * @param {HTMLElement} place
 * @param {string} key
 */
function keyed(place, key) {
  const listed = /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-key]"));
  return [...listed].find((one) => one.dataset.key === key);
}
