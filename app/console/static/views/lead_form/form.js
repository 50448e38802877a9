// The form that creates a lead form.

import { createAttempts, isUnknown } from "../../attempts.js";
import { createForm } from "../../forms.js";
import { createLeadForm } from "../../gateway/lead_forms.js";
import { Problem } from "../../http.js";
import { createPageChoices } from "../draft/choices.js";
import { READ_ONLY } from "../status.js";
import { bodyOf } from "./body.js";
import { createSheet } from "./sheet.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("./body.js").Entered} Entered */

const UNKNOWN =
  "The form may have been created, or not: no answer tells. " +
  "Look at the list above before you send it again, or there may be two.";
const SUBMIT = "Create lead form";

/** @param {(entered: Entered, id: string | null) => void} created */
export function createLeadFormForm(created) {
  /** @type {AccountOfTeam | null} */
  let account = null;
  let touched = false;
  const attempts = createAttempts();
  const { sheet, fields, arrange } = createSheet();
  const pages = createPageChoices(fields.pageId);
  const form = createForm({
    label: "New lead form",
    class: "form draft",
    fields: { leadForm: sheet },
    submit: SUBMIT,
    act: ({ leadForm }) => sent(leadForm),
    message: refusalWords,
  });

  form.element.addEventListener("input", () => (touched = true));
  form.element.addEventListener("change", () => {
    arrange();
    form.rename(SUBMIT);
  });

  /** @param {Entered} entered */
  async function sent(entered) {
    const target = account;
    if (!target) return;
    const body = bodyOf(entered);
    const what = JSON.stringify([target, body]);
    form.rename("Creating…");
    let next = SUBMIT;
    try {
      const send = (/** @type {string} */ key) => createLeadForm(target, body, key);
      const { data } = await attempts.attempt(what, send);
      touched = false;
      created(entered, data.id);
    } catch (error) {
      if (isUnknown(error)) next = "I have looked: send it again";
      throw error;
    } finally {
      form.rename(next);
    }
  }

  return {
    element: form.element,
    /** @param {AccountOfTeam} present */
    show(present) {
      account = present;
      return pages.load(present);
    },
    forget: pages.forget,
    unsent: () => touched,
  };
}

/** @param {unknown} error */
function refusalWords(error) {
  if (isUnknown(error)) return UNKNOWN;
  return error instanceof Problem && error.code === "forbidden" ? READ_ONLY : undefined;
}
