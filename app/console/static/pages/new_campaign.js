// One form for campaigns of all kinds.

import { html } from "../elements.js";
import { Problem } from "../http.js";
import { say } from "../notices.js";
import { createDraftForm } from "../views/draft/form.js";
import { createdCard } from "../views/draft/created.js";
import { manages } from "./rights.js";

/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */

const NOTE =
  "If you may only look at this ad account, the gateway says so when you send. " +
  "Admins of the team give the permission to change it.";

/** @returns {import("./page.js").PageOf<"account">} */
export function createNewCampaignPage() {
  const note = html("p", { class: "quiet" }, NOTE);
  const place = html("div", {});
  const element = html("div", { class: "stack" }, note, place);
  /** @type {AccountOfTeam | null} */
  let account = null;
  let form = begin();

  /** A new form, with nothing in it. */
  function begin() {
    const made = createDraftForm((entered, ids) => {
      form = begin();
      if (account) void form.show(account);
      if (!element.isConnected) return say(`“${entered.campaignName}” is created.`);
      const card = createdCard(entered, ids, another);
      place.replaceChildren(card.element);
      card.heading.focus();
    });
    return made;
  }

  function another() {
    place.replaceChildren(form.element);
    form.element.querySelector("input")?.focus();
  }

  return {
    title: "New campaign",
    needs: "account",
    element,
    async show({ scope, refused }) {
      account = { teamId: scope.team.id, adAccountId: scope.account.id };
      note.hidden = manages(scope.team);
      if (!place.hasChildNodes()) place.replaceChildren(form.element);
      const error = await form.show(account);
      if (error instanceof Problem && error.status === 403) refused(error);
    },
    leave() {
      // What was said of the last one is read.
      if (!place.contains(form.element)) place.replaceChildren(form.element);
    },
    forget: () => form.forget(),
    unsent: () => form.unsent(),
  };
}
