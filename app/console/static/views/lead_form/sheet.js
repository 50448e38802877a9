// The fields of a lead form in groups; those that do not apply just now are not there.

import { checkboxes, selectField, textArea, textField } from "../../fields.js";
import { html } from "../../elements.js";
import { group } from "../draft/sheet.js";
import { ADDRESS, COUNTRY, TELEPHONE } from "../rules.js";
import { applies } from "./body.js";
import { questionsField } from "./questions.js";

/** @typedef {import("./body.js").Entered} Entered */

const LANGUAGES = [
  { value: "EN_US", words: "English (US)" },
  { value: "AR_AR", words: "Arabic" },
];
const BUTTONS = [
  { value: "VIEW_WEBSITE", words: "Leads to a website" },
  { value: "CALL_BUSINESS", words: "Calls you" },
  { value: "WHATSAPP", words: "Opens WhatsApp" },
];
const INTRO = [{ value: "yes", words: "Say something before the questions" }];

/** The sheet is one field of the form; its value is everything, its parts are what applies. */
export function createSheet() {
  const about = {
    pageId: selectField({
      name: "pageId",
      label: "Facebook page",
      required: true,
      options: [{ value: "", words: "Choose a page" }],
    }),
    name: textField({
      name: "name",
      label: "Name of the form",
      hint: "Only your team sees it.",
      required: true,
      maxlength: 200,
    }),
    language: selectField({
      name: "language",
      label: "Language",
      hint: "Of what Meta itself writes on the form.",
      required: true,
      options: LANGUAGES,
    }),
    intro: checkboxes({ name: "intro", label: "Before the questions", options: INTRO }),
    introTitle: textField({
      name: "introTitle",
      pointer: "/body/introPage/title",
      label: "Title",
      required: true,
      maxlength: 1000,
    }),
    introContent: textArea({
      name: "introContent",
      pointer: "/body/introPage/content",
      label: "Points",
      hint: "One a line, at most 20.",
      required: true,
      rows: 3,
    }),
  };
  const asked = { questions: questionsField() };
  const privacy = {
    privacyPolicyName: textField({
      name: "privacyPolicyName",
      label: "Words of the link",
      required: true,
      maxlength: 1000,
      value: "Privacy policy",
    }),
    privacyPolicyUrl: address("privacyPolicyUrl", "/body/privacyPolicyUrl", "Where it leads"),
  };
  const thanks = {
    thankTitle: thank("title", { name: "thankTitle", label: "Title", maxlength: 1000 }),
    thankBody: textArea({
      name: "thankBody",
      pointer: "/body/thankYouPage/body",
      label: "Text",
      required: true,
      rows: 2,
      maxlength: 1000,
    }),
    buttonText: thank("buttonText", { name: "buttonText", label: "Button", maxlength: 60 }),
    buttonType: selectField({
      name: "buttonType",
      pointer: "/body/thankYouPage/buttonType",
      label: "What the button does",
      required: true,
      options: BUTTONS,
    }),
    websiteUrl: address("websiteUrl", "/body/thankYouPage/websiteUrl", "Where it leads"),
    countryCode: thank("countryCode", {
      name: "countryCode",
      label: "Country of the number",
      hint: "Two letters, e.g. DE.",
      maxlength: 2,
      rule: COUNTRY,
    }),
    businessPhoneNumber: thank("businessPhoneNumber", {
      name: "businessPhoneNumber",
      label: "Telephone number",
      hint: "E.g. +49 30 123456.",
      maxlength: 31,
      rule: TELEPHONE,
    }),
  };
  const fields = { ...about, ...asked, ...privacy, ...thanks };
  const names = /** @type {(keyof typeof fields)[]} */ (Object.keys(fields));
  const element = html(
    "div",
    { class: "stack" },
    group("The form", about),
    group("What is asked", asked),
    group("Privacy policy", privacy),
    group("When it was sent", thanks),
  );
  arrange();

  /** @returns {Entered} */
  function value() {
    const pairs = names.map((name) => [name, fields[name].value()]);
    return Object.fromEntries(pairs);
  }

  /** Shows what applies to what is entered now. */
  function arrange() {
    const entered = value();
    for (const name of names) fields[name].element.hidden = !applies(name, entered);
  }

  function parts() {
    const entered = value();
    return names.filter((name) => applies(name, entered)).map((name) => fields[name]);
  }

  /** @type {import("../../fields.js").Field<Entered>} */
  const sheet = {
    name: "leadForm",
    pointer: "/", // nowhere: what belongs to no part is told above the form
    element,
    value,
    set: () => {},
    check: () => "",
    fault: () => {},
    focus: () => fields.name.focus(),
    parts,
  };
  return { sheet, fields, arrange };
}

/**
 * @param {string} name
 * @param {string} pointer
 * @param {string} label
 */
function address(name, pointer, label) {
  const given = { name, pointer, label, required: true, maxlength: 2000, rule: ADDRESS };
  return textField({ ...given, type: "url", placeholder: "https://" });
}

/**
 * A text of the page that thanks.
 * @param {string} below
 * @param {{name: string, label: string, hint?: string, maxlength: number,
 *          rule?: import("../../fields.js").Rule}} given
 */
function thank(below, given) {
  return textField({ ...given, pointer: `/body/thankYouPage/${below}`, required: true });
}
