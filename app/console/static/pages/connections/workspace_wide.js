// For the workspace's admin: what all teams of the workspace have connected.

import { html } from "../../elements.js";
import { listAdAccounts, listConnections } from "../../gateway/connections.js";
import { createPanel } from "../../panel.js";
import { linkTo } from "../../place.js";
import { worded } from "../../words.js";

/** @typedef {import("../../gateway/connections.js").TeamConnection} TeamConnection */
/** @typedef {import("../../gateway/connections.js").AdAccountStatus} AdAccountStatus */
/** @typedef {import("../page.js").Context<"team">} Context */

export function createWorkspaceWide() {
  const connections = createPanel({ id: "all-connections", title: "Connections of all teams" });
  const accounts = createPanel({ id: "all-accounts", title: "Ad accounts of all teams" });
  const panels = [connections, accounts];
  const elements = panels.map((one) => one.element);
  const forget = () => panels.forEach((one) => one.forget());

  /** @param {Context} context */
  function show({ scope }) {
    const { enterprise, team, teams } = scope;
    for (const one of elements) one.hidden = !team.workspaceAdmin;
    if (!team.workspaceAdmin) return forget();
    const names = new Map(teams.map((one) => [one.id, one.name]));
    void connections.load(
      enterprise,
      () => listConnections(enterprise),
      (listed) => connectionTable(listed, names),
    );
    void accounts.load(enterprise, () => listAdAccounts(enterprise), accountTable);
  }

  return { elements, show, forget };
}

/**
 * @param {TeamConnection[]} listed
 * @param {ReadonlyMap<string, string>} names
 */
function connectionTable(listed, names) {
  if (!listed.length) return [nothing("No team has connected anything yet.")];
  const rows = listed.map(({ teamId, platform, adAccounts }) => {
    const href = linkTo({ team: teamId, account: "" });
    const team = html("a", { href }, names.get(teamId) ?? teamId);
    const accounts = adAccounts.map(({ name, adAccountId }) => name ?? adAccountId).join(", ");
    return [team, worded(platform), accounts || "None"];
  });
  return [table(["Team", "Platform", "Ad accounts"], rows)];
}

/** @param {AdAccountStatus[]} listed */
function accountTable(listed) {
  if (!listed.length) return [nothing("There is no ad account yet.")];
  const rows = listed.map(({ name, adAccountId, platform, connected }) => [
    html("span", {}, name ?? adAccountId, html("span", { class: "small quiet" }, adAccountId)),
    worded(platform),
    status(connected),
  ]);
  return [table(["Ad account", "Platform", "Status"], rows)];
}

/** @param {boolean | null} connected */
function status(connected) {
  if (connected === null) return html("span", { class: "badge plainly" }, "Not told");
  return connected
    ? html("span", { class: "badge good" }, "Connected")
    : html("span", { class: "badge rest" }, "Not connected");
}

/**
 * @param {string[]} columns
 * @param {(Node | string)[][]} rows whose first cell names them
 */
function table(columns, rows) {
  const head = columns.map((one) => html("th", { scope: "col" }, one));
  const body = rows.map(([first, ...cells]) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, first),
      ...cells.map((one) => html("td", {}, one)),
    ),
  );
  return html(
    "table",
    { class: "wide-list" },
    html("thead", {}, html("tr", {}, ...head)),
    html("tbody", {}, ...body),
  );
}

/** @param {string} words */
function nothing(words) {
  return html("p", { class: "quiet" }, words);
}
