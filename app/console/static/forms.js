// Forms that keep what was typed: while they are sent the focus stays, and what is refused is said
// at the fields that it is about.

import { html } from "./elements.js";
import { Problem } from "./http.js";
import { problemWords } from "./notices.js";

/**
 * @template V
 * @typedef {import("./fields.js").Field<V>} Field
 */
/**
 * @template F
 * @typedef {{[K in keyof F]: F[K] extends Field<infer V> ? V : never}} Values
 */

/**
 * A form over these fields (fields.js), in this order unless `content` lays them out. `act` gets
 * their values when nothing is wrong on this side; with a Problem its faults are shown at the
 * fields, and what belongs to none of them above the form, with the id of the request. `message`
 * may say in a sentence of its own what a problem means here. `rename` changes the button's words.
 * @template {Record<string, Field<any>>} F
 * @param {{fields: F, submit: string, act: (values: Values<F>) => Promise<void> | void,
 *          content?: Node[], label?: string, class?: string,
 *          message?: (error: unknown) => string | undefined}} form
 */
export function createForm({ fields, submit, act, content, label, message, ...rest }) {
  const listed = () => Object.values(fields).flatMap(withParts);
  const summary = html("div", { class: "summary", tabindex: "-1", role: "alert", hidden: true });
  const button = html("button", { type: "submit", class: "primary" }, submit);
  const element = html(
    "form",
    { class: rest.class ?? "form", "aria-label": label, novalidate: true },
    summary,
    ...(content ?? Object.values(fields).map((field) => field.element)),
    html("p", { class: "submit" }, button),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!button.hasAttribute("aria-disabled")) void sent();
  });

  async function sent() {
    clear();
    const wrong = listed().filter((field) => field.check() !== "");
    for (const field of wrong) field.fault(field.check());
    if (wrong.length) return wrong[0].focus();
    button.setAttribute("aria-disabled", "true"); // `disabled` would take the focus away
    try {
      await act(values());
    } catch (error) {
      refused(error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  /** @param {unknown} error */
  function refused(error) {
    if (error instanceof Problem && error.isSignedOut) return; // told elsewhere
    const faults = error instanceof Problem ? error.errors : [];
    const present = listed();
    const homes = faults.map(({ pointer }) => present.find((one) => covers(one, pointer)));
    const others = faults.filter((_, n) => homes[n] === undefined);
    const wrong = present.filter((one) => {
      const own = faults.filter((_, n) => homes[n] === one);
      if (own.length) one.fault(own.map((fault) => sentence(fault.message)).join(" "));
      return own.length > 0;
    });
    summary.replaceChildren(problemWords(error, message?.(error), others));
    summary.hidden = false;
    (wrong[0] ?? summary).focus();
  }

  /** @returns {Values<F>} */
  function values() {
    const pairs = Object.entries(fields).map(([name, field]) => [name, field.value()]);
    return Object.fromEntries(pairs);
  }

  function clear() {
    summary.hidden = true;
    summary.replaceChildren();
    for (const field of listed()) field.fault("");
  }

  /** @param {string} words */
  function rename(words) {
    button.replaceChildren(words);
  }

  return { element, values, clear, rename };
}

/**
 * What a field consists of comes before it, as its faults are told there.
 * @param {Field<any>} field
 * @returns {Field<any>[]}
 */
function withParts(field) {
  return [...(field.parts?.() ?? []).flatMap(withParts), field];
}

/**
 * @param {Field<any>} field
 * @param {string} pointer
 */
function covers(field, pointer) {
  return pointer === field.pointer || pointer.startsWith(`${field.pointer}/`);
}

/**
 * The gateway's faults begin in the middle of a sentence: “must be a date”.
 * @param {string} words
 */
function sentence(words) {
  const begun = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
