/** The lists from which workspace, team, ad account and period are chosen. */

import { byId, offer } from "./elements.js";
import { go, periodOf, type Place } from "./place.js";
import type { Scope } from "./scope.js";

const OWN_DAYS = "own";

const form = byId("picker", HTMLFormElement);
const workspace = byId("workspace", HTMLSelectElement);
const team = byId("team", HTMLSelectElement);
const account = byId("account", HTMLSelectElement);
const period = byId("period", HTMLSelectElement);
const days = byId("days", HTMLFieldSetElement);
const from = byId("from", HTMLInputElement);
const to = byId("to", HTMLInputElement);

/** `moved` is called after each choice of the reader. */
export function startPicker(moved: () => void): void {
  const choose = (change: Partial<Place>) => {
    go(change);
    moved();
  };
  workspace.addEventListener("change", () =>
    choose({ workspace: workspace.value, team: "", account: "" }),
  );
  team.addEventListener("change", () => choose({ team: team.value, account: "" }));
  account.addEventListener("change", () => choose({ account: account.value }));
  period.addEventListener("change", () => {
    days.hidden = period.value !== OWN_DAYS;
    if (days.hidden) choose({ days: Number(period.value), from: "", to: "" });
    else from.focus();
  });
  from.addEventListener("change", () => (to.min = from.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!days.hidden) choose({ from: from.value, to: to.value });
  });
}

export function showPicker(scope: Scope, place: Place): void {
  offer(workspace, scope.workspaces, scope.workspace);
  offer(team, scope.teams, scope.team);
  offer(account, scope.accounts, scope.account);
  period.value = place.from ? OWN_DAYS : String(place.days);
  days.hidden = !place.from;
  const { startDate, endDate } = periodOf(place);
  from.value = startDate;
  to.value = endDate;
  to.min = startDate;
}
