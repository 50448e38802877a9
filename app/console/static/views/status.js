// Whether a campaign delivers, and the button that changes it.

import { html } from "../elements.js";
import { setCampaignStatus } from "../gateway/campaigns.js";
import { Problem } from "../http.js";
import { say } from "../notices.js";
import { atOnce } from "../optimistic.js";
import { worded } from "../words.js";

/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {{id: string, name: string, status: string | null}} Named */

export const READ_ONLY =
  "You may look at this ad account, but not change it. " +
  "An admin of the team can give you the permission.";

/** @type {Map<string | null, {tone: string, verb: string, other: "ACTIVE" | "PAUSED"}>} */
const STATUSES = new Map([
  ["ACTIVE", { tone: "good", verb: "Pause", other: "PAUSED" }],
  ["PAUSED", { tone: "rest", verb: "Resume", other: "ACTIVE" }],
]);

/**
 * A badge and a button that follow each other; no button for a status that is not ours to change.
 * `changed` hears of every status that is shown, the first one too.
 * @param {AccountOfTeam} account
 * @param {Named} campaign
 * @param {(status: string | null) => void} [changed]
 */
export function createStatus(account, campaign, changed) {
  const badge = html("span", {});
  const button = html("button", { type: "button", click: () => void change() });
  let status = campaign.status;
  show(status);
  return { badge, button, update };

  /** @param {string | null} next */
  function show(next) {
    status = next;
    changed?.(status);
    const known = STATUSES.get(status);
    badge.className = `badge ${toneOf(status)}`;
    badge.replaceChildren(worded(status) || "Unknown");
    button.hidden = known === undefined;
    const name = html("span", { class: "unseen" }, ` ${campaign.name}`);
    button.replaceChildren(known?.verb ?? "", name);
  }

  /**
   * What became of it elsewhere; a change that is under way goes first.
   * @param {string | null} next
   */
  function update(next) {
    if (next !== status && !button.hasAttribute("aria-disabled")) show(next);
  }

  async function change() {
    const wanted = STATUSES.get(status)?.other;
    if (!wanted || button.hasAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true"); // `disabled` would take the focus away
    const ask = async () => (await setCampaignStatus(account, campaign.id, wanted)).data.status;
    const done = await atOnce({ present: status, wanted, show, ask, words: refusal });
    if (done) say(`“${campaign.name}” is ${status === "PAUSED" ? "paused" : "running"}.`);
    button.removeAttribute("aria-disabled");
  }
}

/**
 * A badge that nothing changes.
 * @param {string | null} status
 */
export function statusBadge(status) {
  return html("span", { class: `badge ${toneOf(status)}` }, worded(status) || "Unknown");
}

/** @param {string | null} status */
function toneOf(status) {
  return STATUSES.get(status)?.tone ?? "other";
}

/** @param {unknown} error */
function refusal(error) {
  return error instanceof Problem && error.code === "forbidden" ? READ_ONLY : undefined;
}
