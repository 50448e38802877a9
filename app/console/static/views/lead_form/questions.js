// The questions of a lead form: a list to add to, to take from, and to put in order.

import { html } from "../../elements.js";
import { edited, notesFor, selectField, textArea, textField } from "../../fields.js";

/** @typedef {import("./body.js").Question} Question */
/** @typedef {ReturnType<typeof createQuestion>} Row */

const MOST = 50;
const CUSTOM = "CUSTOM";
const TYPES = [
  { value: "EMAIL", words: "Email address" },
  { value: "FULL_NAME", words: "Full name" },
  { value: "FIRST_NAME", words: "First name" },
  { value: "LAST_NAME", words: "Last name" },
  { value: "WHATSAPP_NUMBER", words: "WhatsApp number" },
  { value: "CITY", words: "City" },
  { value: "COUNTRY", words: "Country" },
  { value: "COMPANY_NAME", words: "Company" },
  { value: "JOB_TITLE", words: "Job title" },
  { value: "WEBSITE", words: "Website" },
  { value: "DOB", words: "Date of birth" },
  { value: "GENDER", words: "Gender" },
  { value: "EDUCATION_LEVEL", words: "Level of education" },
  { value: CUSTOM, words: "A question of your own" },
];

/** @returns {import("../../fields.js").Field<Question[]>} */
export function questionsField() {
  const { hint, fault, describedBy } = notesFor({
    name: "questions",
    label: "Questions",
    hint: "People answer them in this order.",
  });
  const list = html("ol", { class: "questions" });
  const add = html("button", { type: "button", click: () => added() }, "Add a question");
  const said = html("p", { class: "unseen", role: "status" });
  const element = html(
    "fieldset",
    { class: "field checks", "aria-describedby": describedBy },
    html("legend", {}, "Questions"),
    hint,
    list,
    html("p", {}, add),
    said,
    fault,
  );
  /** @type {Row[]} */
  let rows = [];
  insert();

  function insert() {
    const row = createQuestion({ up: () => move(row, -1), down: () => move(row, 1), remove });
    rows = [...rows, row];
    place();
    return row;

    function remove() {
      const at = rows.indexOf(row);
      rows = rows.filter((one) => one !== row);
      place();
      edited(element);
      say(`Question ${at + 1} is removed.`);
      const next = rows[Math.min(at, rows.length - 1)];
      (next ?? { focus: () => add.focus() }).focus();
    }
  }

  function added() {
    insert().focus();
    edited(element);
  }

  /**
   * @param {Row} row
   * @param {-1 | 1} step
   */
  function move(row, step) {
    const at = rows.indexOf(row);
    const others = rows.filter((one) => one !== row);
    rows = others.toSpliced(at + step, 0, row);
    place();
    edited(element);
    say(`The question is number ${at + step + 1} now.`);
    row.focusMove(step);
  }

  /** Everybody where he belongs now. */
  function place() {
    rows.forEach((row, n) => row.place(n, rows.length));
    list.replaceChildren(...rows.map((row) => row.element));
    add.hidden = rows.length >= MOST;
  }

  /** @param {string} words */
  function say(words) {
    said.replaceChildren(words);
  }

  return {
    name: "questions",
    pointer: "/body/questions",
    element,
    value: () => rows.map((row) => row.value()),
    set: () => {},
    check: () => (rows.length ? "" : "Ask at least one question."),
    fault(words) {
      fault.replaceChildren(words);
      fault.hidden = words === "";
    },
    focus: () => add.focus(),
    parts: () => rows.flatMap((row) => row.parts()),
  };
}

/**
 * One question with its buttons; its fields know their place in the body.
 * @param {{up: () => void, down: () => void, remove: () => void}} act
 */
function createQuestion(act) {
  let at = 0;
  const type = selectField({
    name: "type",
    label: "What is asked",
    required: true,
    options: TYPES,
  });
  const label = textField({
    name: "label",
    label: "Words",
    required: true,
    maxlength: 1000,
    value: TYPES[0].words,
  });
  const choices = textArea({
    name: "choices",
    label: "Choices",
    hint: "One a line. Without any, people write what they like.",
    rows: 3,
  });
  let usual = TYPES[0].words;
  const number = html("strong", {});
  const up = html("button", { type: "button", click: act.up });
  const down = html("button", { type: "button", click: act.down });
  const remove = html("button", { type: "button", class: "plain", click: act.remove });
  const element = html(
    "li",
    { class: "question" },
    html("div", { class: "question-head" }, number, html("span", {}, up, down, remove)),
    html("div", { class: "fields" }, type.element, label.element, choices.element),
  );
  type.element.addEventListener("change", arrange);
  arrange();

  /** The usual words follow the type, until somebody writes his own. */
  function arrange() {
    const isCustom = type.value() === CUSTOM;
    const next = isCustom ? "" : (TYPES.find(({ value }) => value === type.value())?.words ?? "");
    if (label.value() === usual) label.set(next);
    usual = next;
    choices.element.hidden = !isCustom;
  }

  /**
   * @param {number} n
   * @param {number} count
   */
  function place(n, count) {
    at = n;
    number.replaceChildren(`Question ${n + 1}`);
    named(up, "↑", `Move question ${n + 1} up`);
    named(down, "↓", `Move question ${n + 1} down`);
    named(remove, "Remove", `Remove question ${n + 1}`);
    up.disabled = n === 0;
    down.disabled = n === count - 1;
  }

  /** @param {-1 | 1} step */
  function focusMove(step) {
    const [wanted, other] = step < 0 ? [up, down] : [down, up];
    (wanted.disabled ? other : wanted).focus();
  }

  return {
    element,
    place,
    focusMove,
    focus: () => type.focus(),
    value: () => ({ type: type.value(), label: label.value(), choices: choices.value() }),
    parts: () => [below(type, "type"), below(label, "label"), below(choices, "options")],
  };

  /**
   * @template V
   * @param {import("../../fields.js").Field<V>} field
   * @param {string} name
   */
  function below(field, name) {
    return { ...field, pointer: `/body/questions/${at}/${name}` };
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} words
 * @param {string} name
 */
function named(button, words, name) {
  button.replaceChildren(words);
  button.setAttribute("aria-label", name);
}
