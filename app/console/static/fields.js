// The fields of forms: a label, a hint, the control, and room for what is wrong with it.

import { html } from "./elements.js";

/** @typedef {{value: string, words: string}} Option */
/** @typedef {{pattern: string, words: string}} Rule  the pattern as HTML has it: of the whole text */
/**
 * `pointer` is where the request carries it (RFC 6901), `/body/<name>` unless told; faults below it
 * are its own too.
 * @typedef {{name: string, label: string, hint?: string, pointer?: string,
 *            required?: boolean}} Named
 */
/**
 * `fault` shows what is wrong, or with an empty text that nothing is; `check` gives what the
 * browser itself objects to. `parts` are the fields that one consists of just now, e.g. the rows of
 * a list: faults within it are theirs first.
 * @template V
 * @typedef {{name: string, pointer: string, element: HTMLElement, value: () => V,
 *            set: (value: V) => void, check: () => string, fault: (words: string) => void,
 *            focus: () => void, parts?: () => Field<any>[]}} Field
 */
/**
 * `demand` makes it required, or optional again.
 * @template V
 * @typedef {Field<V> & {demand: (required: boolean) => void}} Single
 */

let count = 0;

/**
 * `rule` is how it must be written, and the words for when it is not.
 * @param {Named & {value?: string, maxlength?: number, autocomplete?: string, type?: "text" | "url",
 *                  placeholder?: string, rule?: Rule}} text
 * @returns {Single<string>} without the spaces around it
 */
export function textField({ value = "", maxlength, autocomplete = "off", type, ...text }) {
  const { required, placeholder, rule } = text;
  const given = { type: type ?? "text", maxlength, autocomplete, required, placeholder, value };
  const control = html("input", { name: text.name, pattern: rule?.pattern, ...given });
  const isUnruly = () => control.validity.patternMismatch;
  const field = single(text, control, () => control.value.trim());
  return { ...field, check: () => (rule && isUnruly() ? rule.words : field.check()) };
}

/**
 * @param {Named & {value?: string, rows?: number, maxlength?: number}} area
 * @returns {Single<string>} without the spaces around it
 */
export function textArea({ value = "", rows = 4, maxlength, ...area }) {
  const { name, required } = area;
  const control = html("textarea", { name, rows, maxlength, required }, value);
  return single(area, control, () => control.value.trim());
}

/**
 * @param {Named & {value?: number, min?: number, max?: number, step?: number | "any"}} number
 * @returns {Single<number | null>} null when empty
 */
export function numberField({ value, min, max, step = "any", ...number }) {
  const { name, required } = number;
  const given = { type: "number", inputmode: "decimal", min, max, step, required, value };
  const control = html("input", { name, ...given });
  return single(
    number,
    control,
    () => (control.value === "" ? null : control.valueAsNumber),
    (wanted) => void (control.value = wanted === null ? "" : String(wanted)),
  );
}

/**
 * @param {Named & {value?: string, min?: string, max?: string}} date
 * @returns {Single<string>} YYYY-MM-DD, empty when none is chosen
 */
export function dateField({ value = "", min, max, ...date }) {
  const { name, required } = date;
  const control = html("input", { name, type: "date", min, max, required, value });
  return single(date, control, () => control.value);
}

/**
 * @param {Named & {value?: string, options: readonly Option[]}} select
 * @returns {Single<string> & {offer: (options: readonly Option[]) => void}} `offer` replaces what
 *   there is to choose; what was chosen stays so where it is still there
 */
export function selectField({ value = "", options, ...select }) {
  const { name, required } = select;
  const control = html("select", { name, required });

  /** @param {readonly Option[]} wanted */
  function offer(wanted) {
    const chosen = control.value || value;
    const listed = wanted.map((one) => html("option", { value: one.value }, one.words));
    control.replaceChildren(...listed);
    control.value = wanted.some((one) => one.value === chosen) ? chosen : (wanted[0]?.value ?? "");
  }

  offer(options);
  return { ...single(select, control, () => control.value), offer };
}

/**
 * @param {Named & {value?: readonly string[], options: readonly Option[]}} group
 * @returns {Field<string[]>} what is checked, in the order of the options
 */
export function checkboxes({ value = [], options, ...group }) {
  const boxes = options.map((one) =>
    html("input", {
      type: "checkbox",
      name: group.name,
      value: one.value,
      checked: value.includes(one.value),
    }),
  );
  const listed = boxes.map((box, n) => html("label", { class: "check" }, box, options[n].words));
  const { hint, fault, describedBy } = notesFor(group);
  const element = html(
    "fieldset",
    { class: "field checks", "aria-describedby": describedBy },
    html("legend", {}, group.label, group.required ? "" : optional()),
    hint,
    ...listed,
    fault,
  );
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return {
    ...called(group),
    element,
    value: chosen,
    set: (wanted) => boxes.forEach((box) => void (box.checked = wanted.includes(box.value))),
    check: () => (group.required && chosen().length === 0 ? "Choose at least one." : ""),
    fault(words) {
      boxes.forEach((box) => mark(box, words));
      fault.replaceChildren(words);
      fault.hidden = words === "";
    },
    focus: () => boxes[0]?.focus(),
  };
}

/**
 * A field of one control.
 * @template V
 * @param {Named} named
 * @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} control
 * @param {() => V} value
 * @param {(value: V) => void} [set]
 * @returns {Single<V>}
 */
function single(named, control, value, set) {
  const { hint, fault, describedBy } = notesFor(named);
  const may = optional();
  control.setAttribute("aria-describedby", describedBy);
  const element = html(
    "div",
    { class: "field" },
    html("label", {}, named.label, !named.required && may, control),
    hint,
    fault,
  );
  return {
    ...called(named),
    element,
    value,
    set: set ?? ((wanted) => void (control.value = String(wanted))),
    check: () => control.validationMessage,
    fault(words) {
      mark(control, words);
      fault.replaceChildren(words);
      fault.hidden = words === "";
    },
    focus: () => control.focus(),
    demand(required) {
      control.required = required;
      if (required) may.remove();
      else control.before(may);
    },
  };
}

/** @param {Named} named */
function called({ name, pointer = `/body/${name}` }) {
  return { name, pointer };
}

/**
 * The hint and the place for what is wrong, and the ids of both for `aria-describedby`.
 * @param {Named} named
 */
export function notesFor({ hint, name }) {
  const id = `${name}-${(count += 1)}`;
  const fault = html("p", { id: `${id}-fault`, class: "fault", hidden: true });
  const said = hint ? html("p", { id: `${id}-hint`, class: "quiet small" }, hint) : null;
  return { fault, hint: said, describedBy: [said?.id, fault.id].filter(Boolean).join(" ") };
}

/**
 * Tells the form that something was changed by other means than a control.
 * @param {HTMLElement} element
 */
export function edited(element) {
  for (const name of ["input", "change"])
    element.dispatchEvent(new Event(name, { bubbles: true }));
}

/** The word beside the label of what may be left out. */
export function optional() {
  return html("span", { class: "optional" }, " (optional)");
}

/**
 * @param {HTMLElement} control
 * @param {string} words
 */
function mark(control, words) {
  if (words) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}
