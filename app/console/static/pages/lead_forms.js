// The lead forms of an ad account's pages, and a new one.

import { html } from "../elements.js";
import { selectField } from "../fields.js";
import { listLeadForms } from "../gateway/lead_forms.js";
import { Problem } from "../http.js";
import { say } from "../notices.js";
import { createPanel } from "../panel.js";
import { go } from "../place.js";
import { createChoices } from "../views/draft/choices.js";
import { listMetaPages } from "../gateway/meta.js";
import { createLeadFormForm } from "../views/lead_form/form.js";

/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../gateway/lead_forms.js").LeadForm} LeadForm */

const EVERY = "All pages";

/** @returns {import("./page.js").PageOf<"account">} */
export function createLeadFormsPage() {
  const filter = selectField({
    name: "of",
    label: "Forms of",
    required: true,
    options: [{ value: "", words: EVERY }],
  });
  const pages = createChoices(filter);
  const tools = html("div", { class: "line filters" }, filter.element);
  const panel = createPanel({ id: "lead-forms", title: "Lead forms", tools });
  const start = html("button", { type: "button", class: "primary", click: open }, "New lead form");
  const heading = html("h2", { tabindex: "-1" }, "New lead form");
  const close = html("button", { type: "button", click: shut }, "Close");
  const place = html("div", {});
  const drawer = html(
    "section",
    { class: "stack", "aria-label": "New lead form", hidden: true },
    html("div", { class: "panel-head" }, heading, close),
    place,
  );
  const element = html("div", { class: "stack" }, panel.element, drawer);
  /** @type {{account: AccountOfTeam, refused: (error: unknown) => void} | null} */
  let shown = null;
  let form = begin();

  filter.element.addEventListener("change", () => go({ filters: { of: filter.value() } }));

  /** A new form, with nothing in it. */
  function begin() {
    const made = createLeadFormForm(({ name }, id) => {
      form = begin();
      shut();
      panel.forget();
      if (shown) list(shown);
      say(`“${name}” is created.${id ? "" : " Its id is not known yet; the list will have it."}`);
    });
    place.replaceChildren(made.element);
    return made;
  }

  function open() {
    drawer.hidden = false;
    if (shown) void form.show(shown.account);
    heading.focus();
  }

  /** What was typed stays for the next time. */
  function shut() {
    drawer.hidden = true;
    if (element.isConnected) start.focus();
  }

  /** @param {{account: AccountOfTeam, refused: (error: unknown) => void}} present */
  function list({ account, refused }) {
    const pageId = filter.value();
    void panel.load(JSON.stringify([account, pageId]), ask, listed);

    async function ask() {
      try {
        return await listLeadForms(account, pageId);
      } catch (error) {
        if (error instanceof Problem && error.status === 403) refused(error);
        throw error;
      }
    }
  }

  return {
    title: "Lead forms",
    needs: "account",
    element,
    controls: start,
    async show({ scope, place: { filters }, refused }) {
      const account = { teamId: scope.team.id, adAccountId: scope.account.id };
      const present = { account, refused };
      shown = present;
      if (!drawer.hidden) void form.show(account);
      await pages.load(account.adAccountId, EVERY, () => listMetaPages(account));
      if (shown !== present) return;
      filter.set(filters.of ?? "");
      if (!filter.value()) filter.set(""); // a page that the account does not have
      list(present);
    },
    forget() {
      pages.forget();
      panel.forget();
      form.forget();
    },
    unsent: () => form.unsent(),
  };
}

/** @param {LeadForm[]} forms */
function listed(forms) {
  if (!forms.length) return [html("p", { class: "quiet" }, "There are no lead forms yet.")];
  const rows = forms.map(({ id, name }) =>
    html("li", {}, html("span", {}, name ?? "Without a name"), id && html("code", {}, id)),
  );
  return [html("ul", { class: "rows" }, ...rows)];
}
