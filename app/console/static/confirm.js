// Asks before something that cannot be undone. The browser's own <dialog> keeps the focus inside,
// closes with Escape, and gives the focus back to what opened it.

import { html } from "./elements.js";
import { textField } from "./fields.js";
import { createForm } from "./forms.js";
import { isAborted, SIGNED_OUT } from "./http.js";
import { complain } from "./notices.js";

/**
 * `words` say what will be lost; `verb` is the button that does it. `typed`: what must be written
 * out first, under that label. With `act` it is done while the dialog stays open, so that a refusal
 * is read where it was asked for; `message` may say in a sentence of its own what a refusal means.
 * `signal` takes the question away, e.g. when the reader leaves the page.
 * @typedef {{title: string, words: readonly string[], verb: string,
 *            typed?: {label: string, value: string}, act?: () => Promise<unknown>,
 *            message?: (error: unknown) => string | undefined, signal?: AbortSignal}} Question
 */

let count = 0;

/**
 * @param {Question} question
 * @returns {Promise<boolean>} whether it was confirmed, and with `act` done
 */
export function confirm({ title, words, verb, typed, act, message, signal }) {
  const id = `confirm-${(count += 1)}`;
  let running = false;
  let done = false;
  const form = createForm({
    class: "form",
    label: verb,
    fields: typed ? { typed: written(typed) } : {},
    submit: verb,
    message,
    async act() {
      running = true;
      try {
        await act?.();
        done = true;
        dialog.close();
      } catch (error) {
        if (dialog.open) throw error;
        complain(error, message?.(error));
      } finally {
        running = false;
        if (!dialog.open) settled();
      }
    },
  });
  // The harmless button comes first, and has the focus unless there is something to write.
  const cancel = html("button", { type: "button", click: () => dialog.close() }, "Cancel");
  form.element.querySelector(".submit")?.prepend(cancel);
  const said = html("div", { id: `${id}-words` }, ...words.map((one) => html("p", {}, one)));
  const heading = html("h2", { id: `${id}-title` }, title);
  const named = { "aria-labelledby": heading.id, "aria-describedby": said.id };
  const dialog = html("dialog", { class: "confirm", ...named }, heading, said, form.element);
  /** @type {(confirmed: boolean) => void} */
  let answer;
  const ended = () => dialog.close();

  function settled() {
    answer(done);
  }

  dialog.addEventListener("close", () => {
    signal?.removeEventListener("abort", ended);
    window.removeEventListener(SIGNED_OUT, ended);
    dialog.remove();
    if (!running) settled(); // what is under way is waited for, and its end is told
  });
  signal?.addEventListener("abort", ended);
  window.addEventListener(SIGNED_OUT, ended);
  document.body.append(dialog);
  dialog.showModal();
  if (!typed) cancel.focus();
  return new Promise((resolve) => void (answer = resolve));
}

/** @param {{label: string, value: string}} typed */
function written({ label, value }) {
  const field = textField({ name: "typed", label, required: true });
  const check = () => (field.value() === value ? "" : `Write “${value}”, exactly like this.`);
  return { ...field, check };
}
