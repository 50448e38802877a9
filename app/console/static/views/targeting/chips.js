// What was chosen, each with a button that takes it away again.

import { html } from "../../elements.js";
import { TYPES } from "./audience.js";
import { whereOf } from "./options.js";

/** @typedef {import("./audience.js").Chosen} Chosen */

/**
 * @param {{label: string, empty: string, removed: () => void, last: () => void}} chips `removed`
 *   when one is gone, `last` when no other one is left that could have the focus
 */
export function createChips({ label, empty, removed, last }) {
  const list = html("ul", { class: "chips", "aria-label": label });
  const none = html("p", { class: "quiet small" }, empty);
  const element = html("div", {}, list, none);
  /** @type {Chosen[]} */
  let chosen = [];
  draw();

  /** @param {Chosen[]} wanted */
  function set(wanted) {
    chosen = [...wanted];
    draw();
  }

  /** @param {Chosen} one */
  function remove(one) {
    const place = chosen.indexOf(one);
    set(chosen.filter((other) => other !== one));
    removed();
    const buttons = list.querySelectorAll("button");
    if (!buttons.length) return last();
    buttons[Math.min(place, buttons.length - 1)].focus();
  }

  function draw() {
    list.replaceChildren(...chosen.map(chip));
    list.hidden = chosen.length === 0;
    none.hidden = chosen.length > 0;
  }

  /** @param {Chosen} one */
  function chip(one) {
    const { type, option } = one;
    const kind = type === "location" ? whereOf(option) : TYPES[type].words;
    const button = html(
      "button",
      { type: "button", class: "plain", "aria-label": `Remove ${option.name} (${kind})` },
      html("span", { "aria-hidden": "true" }, "×"),
    );
    button.addEventListener("click", () => remove(one));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Delete" && event.key !== "Backspace") return;
      event.preventDefault();
      remove(one);
    });
    return html("li", {}, option.name, html("span", { class: "quiet small" }, kind), button);
  }

  return { element, set, value: () => chosen };
}
