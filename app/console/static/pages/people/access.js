// Who may do what with the ad account: what the gateway remembers, one line for each person.

import { html } from "../../elements.js";
import { listAdAccountAccess } from "../../gateway/permissions.js";
import { createPanel } from "../../panel.js";
import { manages } from "../rights.js";
import { createPermission, remembered } from "./permission.js";

/** @typedef {import("../../gateway/permissions.js").Remembered} Remembered */
/** @typedef {import("../page.js").Context<"team">} Context */

export function createAccess() {
  const note = html(
    "p",
    { class: "quiet small" },
    "The ads platform does not tell who has which permission. Here is what this gateway remembers, " +
      "because it was set through it; a permission that was given elsewhere may exist all the same.",
  );
  const panel = createPanel({ id: "access", title: "Permissions", tools: note });
  const title = panel.element.querySelector("h2");

  /** @param {Context} context */
  async function show(context) {
    const { team, account } = context.scope;
    panel.element.hidden = !account || !manages(team);
    if (!account || panel.element.hidden) return panel.forget();
    title?.replaceChildren(`Permissions on ${account.name}`);
    panel.element.tabIndex = -1;
    const inside = panel.element.contains(document.activeElement);
    const of = { teamId: team.id, adAccountId: account.id };
    await panel.load(
      JSON.stringify(of),
      () => listAdAccountAccess(of),
      (entries) => [lines(entries, context)],
    );
    if (inside && document.activeElement === document.body) panel.element.focus();
  }

  return {
    element: panel.element,
    show: (/** @type {Context} */ context) => void show(context),
    forget: panel.forget,
  };
}

/**
 * @param {Remembered[]} entries
 * @param {Context} context
 */
function lines(entries, context) {
  const { members } = context.scope.team;
  const known = new Map(entries.map((one) => [one.externalUserId, one]));
  const listed = members.map(({ externalUserId: user, role }) => {
    if (role === "ADMIN") return line(user, "Manages every ad account of the team, as its admin.");
    return createPermission(user, known.get(user) ?? null, context);
  });
  const names = new Set(members.map((one) => one.externalUserId));
  const others = entries.filter(({ externalUserId }) => !names.has(externalUserId));
  const gone = others.map((one) => line(one.externalUserId, `Not in the team. ${remembered(one)}`));
  return html("ul", { class: "rows permissions" }, ...listed, ...gone);
}

/**
 * @param {string} user
 * @param {string} words
 */
function line(user, words) {
  const name = html("span", { class: "who-is" }, user);
  return html("li", {}, html("div", {}, name, html("p", { class: "quiet small" }, words)));
}
