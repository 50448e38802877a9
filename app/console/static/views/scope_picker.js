// The three choices that everything else hangs from, as lists to pick from.

import { byId, html } from "../elements.js";
import { go } from "../place.js";

/** @typedef {import("../scope.js").Choice} Choice */

export function createScopePicker() {
  const workspaces = byId("workspace", HTMLSelectElement);
  const teams = byId("team", HTMLSelectElement);
  const accounts = byId("account", HTMLSelectElement);

  byId("scope", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
  workspaces.addEventListener("change", () =>
    go({ workspace: workspaces.value, team: "", account: "" }),
  );
  teams.addEventListener("change", () => go({ team: teams.value, account: "" }));
  accounts.addEventListener("change", () => go({ account: accounts.value }));

  /** @param {import("../scope.js").Scope} scope */
  function show(scope) {
    fill(workspaces, scope.workspaces, scope.enterprise);
    fill(teams, scope.teams, scope.team?.id);
    fill(accounts, scope.accounts, scope.account?.id);
  }

  return { show };
}

/**
 * @param {HTMLSelectElement} select
 * @param {Choice[]} choices
 * @param {string | undefined} chosen
 */
function fill(select, choices, chosen) {
  const options = choices.map(({ id, name }) =>
    html("option", { value: id, selected: id === chosen }, name),
  );
  select.replaceChildren(...(options.length ? options : [html("option", { value: "" }, "None")]));
  select.disabled = options.length === 0;
}
