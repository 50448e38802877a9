// Looking around in what an audience can be narrowed to, and taking it along as JSON.

import { html } from "../elements.js";
import { say } from "../notices.js";
import { audienceOf, isUsable, NARROWING } from "../views/targeting/audience.js";
import { createChips } from "../views/targeting/chips.js";
import { isSame } from "../views/targeting/field.js";
import { createTargetingSearch } from "../views/targeting/search.js";

/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */

/** @returns {import("./page.js").PageOf<"account">} */
export function createTargetingPage() {
  /** @type {AccountOfTeam | null} */
  let account = null;
  const chips = createChips({
    label: "Chosen",
    empty: "Nothing chosen yet. What you add is collected here.",
    removed: changed,
    last: () => search.input.focus(),
  });
  const search = createTargetingSearch({
    label: "Find",
    types: ["location", ...NARROWING],
    placeholder: "e.g. hiking",
    account: () => account,
    fits: isUsable,
    isChosen: (one) => chips.value().some((other) => isSame(one, other)),
    choose(one) {
      chips.set([...chips.value(), one]);
      changed();
    },
  });
  const json = html("pre", { tabindex: "0", role: "region", "aria-label": "As JSON" });
  const copy = html("button", { type: "button", click: () => void copied() }, "Copy as JSON");
  const clear = html("button", { type: "button", class: "plain", click: cleared }, "Remove all");
  const tools = html("div", {}, json, html("p", { class: "line" }, copy, clear));
  const element = html(
    "div",
    { class: "columns audience" },
    card("search-title", "Search", search.element),
    card("chosen-title", "Chosen", chips.element, tools),
  );
  changed();

  function changed() {
    tools.hidden = chips.value().length === 0;
    json.replaceChildren(JSON.stringify(audienceOf(chips.value()), null, 2));
    search.refresh();
  }

  function cleared() {
    chips.set([]);
    changed();
    search.input.focus();
  }

  async function copied() {
    try {
      await navigator.clipboard.writeText(json.textContent ?? "");
      say("Copied. It is the targeting of a campaign’s body.");
    } catch {
      // Without TLS, or without the permission, there is no clipboard to write to.
      getSelection()?.selectAllChildren(json);
      say("The browser does not let this page copy. It is selected: copy it with the keyboard.");
    }
  }

  return {
    title: "Targeting",
    needs: "account",
    element,
    show({ scope }) {
      account = { teamId: scope.team.id, adAccountId: scope.account.id };
    },
  };
}

/**
 * @param {string} id
 * @param {string} title
 * @param {...HTMLElement} content
 */
function card(id, title, ...content) {
  const heading = html("h2", { id }, title);
  return html("section", { class: "card", "aria-labelledby": id }, heading, ...content);
}
