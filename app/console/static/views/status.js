// Whether a campaign delivers, and the button that changes it.

import { html } from "../elements.js";
import { setCampaignStatus } from "../gateway.js";
import { Problem } from "../http.js";
import { complain, hush, say } from "../notices.js";
import { worded } from "../words.js";

/** @typedef {import("../gateway.js").AccountOfTeam} AccountOfTeam */
/** @typedef {{id: string, name: string, status: string | null}} Named */

const READ_ONLY =
  "You may look at this ad account, but not change it. " +
  "An admin of the team can give you the permission.";

/** @type {Map<string | null, {tone: string, verb: string, other: "ACTIVE" | "PAUSED"}>} */
const STATUSES = new Map([
  ["ACTIVE", { tone: "good", verb: "Pause", other: "PAUSED" }],
  ["PAUSED", { tone: "rest", verb: "Resume", other: "ACTIVE" }],
]);

/**
 * A badge and a button that follow each other; no button for a status that is not ours to change.
 * @param {AccountOfTeam} account
 * @param {Named} campaign
 */
export function createStatus(account, campaign) {
  const badge = html("span", {});
  const button = html("button", { type: "button", click: () => void change() });
  let status = campaign.status;
  show();
  return { badge, button };

  function show() {
    const known = STATUSES.get(status);
    badge.className = `badge ${known?.tone ?? "other"}`;
    badge.replaceChildren(worded(status) || "Unknown");
    button.hidden = known === undefined;
    const name = html("span", { class: "unseen" }, ` ${campaign.name}`);
    button.replaceChildren(known?.verb ?? "", name);
  }

  async function change() {
    const known = STATUSES.get(status);
    if (!known || button.hasAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true"); // `disabled` would take the focus away
    status = (await changed(account, campaign, known.other)) ?? status;
    button.removeAttribute("aria-disabled");
    show();
  }
}

/**
 * The new status, null when it was not changed.
 * @param {AccountOfTeam} account
 * @param {Named} campaign
 * @param {"ACTIVE" | "PAUSED"} wanted
 */
async function changed(account, { id, name }, wanted) {
  hush();
  try {
    const { data } = await setCampaignStatus(account, id, wanted);
    say(`“${name}” is ${data.status === "PAUSED" ? "paused" : "running"}.`);
    return data.status;
  } catch (error) {
    const refused = error instanceof Problem && error.code === "forbidden";
    complain(error, refused ? READ_ONLY : undefined);
    return null;
  }
}
