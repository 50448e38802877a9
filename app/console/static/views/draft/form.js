// The form that creates a campaign, and what it says about how that went.

import { createAttempts, isUnknown } from "../../attempts.js";
import { html } from "../../elements.js";
import { createForm } from "../../forms.js";
import { createCampaign } from "../../gateway/campaigns.js";
import { Problem } from "../../http.js";
import { linkTo } from "../../place.js";
import { READ_ONLY } from "../status.js";
import { bodyOf } from "./body.js";
import { createFormChoices, createPageChoices } from "./choices.js";
import { createSheet } from "./sheet.js";

/** @typedef {import("./rules.js").Entered} Entered */
/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../../gateway/campaigns.js").NewCampaign} NewCampaign */

const UNKNOWN =
  "The campaign may have been created, or not: no answer tells. " +
  "Look at the campaigns before you send it again, or there may be two.";
const AGAIN = "I have looked: send it again";

/** @param {(entered: Entered, ids: NewCampaign) => void} created */
export function createDraftForm(created) {
  /** @type {AccountOfTeam | null} */
  let account = null;
  let touched = false;
  let sending = false;
  let unknown = false;
  const attempts = createAttempts();
  const { sheet, fields, arrange } = createSheet(() => account);
  const pages = createPageChoices(fields.pageId);
  const forms = createFormChoices(fields.leadFormId);
  const link = html("a", { href: "#" }, "Look at the campaigns");
  const stays = " (what you typed stays here).";
  const aside = html("p", { class: "card look", hidden: true }, link, stays);
  const form = createForm({
    label: "New campaign",
    class: "form draft",
    fields: { draft: sheet },
    content: [sheet.element, aside],
    submit: "Create paused campaign",
    act: ({ draft }) => sent(draft),
    message: refusalWords,
  });

  form.element.addEventListener("input", () => (touched = true));
  form.element.addEventListener("change", () => {
    arrange();
    if (account) void offerForms(account);
    setUnknown(false);
  });

  /** @param {Entered} entered */
  async function sent(entered) {
    const target = account;
    if (!target) return;
    const body = bodyOf(entered);
    const what = JSON.stringify([target, entered.kind, body]);
    sending = true;
    form.rename("Creating…");
    try {
      const { data } = await attempts.attempt(what, (key) =>
        createCampaign(target, entered.kind, body, key),
      );
      touched = false;
      created(entered, data);
    } catch (error) {
      unknown = isUnknown(error);
      throw error;
    } finally {
      sending = false;
      setUnknown(unknown);
    }
  }

  /** @param {boolean} wanted */
  function setUnknown(wanted) {
    unknown = wanted;
    aside.hidden = !unknown;
    link.href = linkTo({ page: "campaigns" });
    if (!sending) form.rename(unknown ? AGAIN : actionWords(sheet.value()));
  }

  /** @param {AccountOfTeam} present */
  async function offerForms(present) {
    const { kind, pageId } = sheet.value();
    if (kind === "leads") await forms.load(present, pageId);
  }

  /**
   * @param {AccountOfTeam} present
   * @returns {Promise<unknown>} what went wrong with the pages, if anything did
   */
  async function show(present) {
    account = present;
    const error = await pages.load(present);
    await offerForms(present);
    return error;
  }

  function forget() {
    pages.forget();
    forms.forget();
  }

  return { element: form.element, show, forget, unsent: () => touched };
}

/** @param {Entered} entered */
function actionWords({ status }) {
  return status === "ACTIVE" ? "Create campaign and start it" : "Create paused campaign";
}

/** @param {unknown} error */
function refusalWords(error) {
  if (isUnknown(error)) return UNKNOWN;
  return error instanceof Problem && error.code === "forbidden" ? READ_ONLY : undefined;
}
