// One person's permission on the ad account: three choices, of which one is pressed.

import { html } from "../../elements.js";
import {
  changeAdAccountAccess,
  grantAdAccountAccess,
  revokeAdAccountAccess,
} from "../../gateway/permissions.js";
import { Problem } from "../../http.js";
import { say } from "../../notices.js";
import { atOnce } from "../../optimistic.js";
import { moment } from "../../moments.js";
import { isOutdated, lostWords } from "../rights.js";

/** @typedef {import("../../gateway/permissions.js").Permission} Permission */
/** @typedef {import("../../gateway/permissions.js").Remembered} Remembered */
/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../page.js").Context<"team">} Context */
/** @typedef {{permission: Permission | "REVOKED" | null, words: string}} State */

/** @type {[Permission | "REVOKED", string, string][]} */
const CHOICES = [
  ["MANAGER", "Manage", "may manage"],
  ["VIEWER", "View only", "may only view"],
  ["REVOKED", "No access", "has no access to"],
];

/**
 * @param {string} user
 * @param {Remembered | null} entry
 * @param {Context} context
 */
export function createPermission(user, entry, { scope, refresh }) {
  const account = { teamId: scope.team.id, adAccountId: scope.account?.id ?? "" };
  const accountName = scope.account?.name ?? "";
  const note = html("p", { class: "quiet small" });
  const buttons = CHOICES.map(([wanted, words]) =>
    html("button", { type: "button", class: "small", click: () => void choose(wanted) }, words),
  );
  const label = `What ${user} may do with ${accountName}`;
  const element = html(
    "li",
    {},
    html("div", {}, html("span", { class: "who-is" }, user), note),
    html("div", { class: "acts choices", role: "group", "aria-label": label }, ...buttons),
  );
  /** @type {State} */
  let state = { permission: entry?.permission ?? null, words: remembered(entry) };
  show(state);
  return element;

  /** @param {State} next */
  function show(next) {
    state = next;
    note.replaceChildren(state.words);
    buttons.forEach((button, n) => {
      button.setAttribute("aria-pressed", String(CHOICES[n][0] === state.permission));
    });
  }

  /**
   * Also for what is pressed already: the platform may have it differently.
   * @param {Permission | "REVOKED"} permission
   */
  async function choose(permission) {
    if (buttons[0].hasAttribute("aria-disabled")) return;
    buttons.forEach((button) => button.setAttribute("aria-disabled", "true"));
    const wanted = { permission, words: "Set by you, just now." };
    let outdated = false;
    const before = state.permission;
    const ask = async () => {
      await set(account, user, before, permission);
      return wanted;
    };
    const words = (/** @type {unknown} */ error) => {
      const alone = error instanceof Problem && error.code === "not-a-member";
      outdated = alone || isOutdated(error);
      return alone ? `${user} has left the team. Add ${user} to it first.` : lostWords(error);
    };
    const done = await atOnce({ present: state, wanted, show, ask, words });
    buttons.forEach((button) => button.removeAttribute("aria-disabled"));
    const means = CHOICES.find(([one]) => one === permission)?.[2];
    if (done) say(`${user} ${means} ${accountName}.`);
    if (outdated) refresh();
  }
}

/** @param {Remembered | null} entry */
export function remembered(entry) {
  if (!entry) return "Nothing is remembered; the platform decides.";
  const what = entry.permission === "REVOKED" ? "Taken away" : "Set";
  return `${what} by ${entry.setBy}, ${moment(entry.setAt)}.`;
}

/**
 * The platform grants what is not there and changes what is. It never tells which, and what the
 * gateway remembers may be wrong: then the other way is the right one.
 * @param {AccountOfTeam} account
 * @param {string} user
 * @param {Permission | "REVOKED" | null} present
 * @param {Permission | "REVOKED"} wanted
 */
async function set(account, user, present, wanted) {
  if (wanted === "REVOKED") return revokeAdAccountAccess(account, user);
  const grant = () => grantAdAccountAccess(account, user, wanted);
  const change = () => changeAdAccountAccess(account, user, wanted);
  const granted = present === "MANAGER" || present === "VIEWER";
  const [likely, other] = granted ? [change, grant] : [grant, change];
  try {
    return await likely();
  } catch (first) {
    if (!isMisjudged(first)) throw first;
    try {
      return await other();
    } catch (second) {
      throw isMisjudged(second) ? first : second;
    }
  }
}

/** @param {unknown} error */
function isMisjudged(error) {
  return error instanceof Problem && (error.code === "invalid" || error.code === "not-found");
}
