// What came of a new campaign.

import { html } from "../../elements.js";
import { linkTo } from "../../place.js";

/** @typedef {import("../../gateway/campaigns.js").NewCampaign} NewCampaign */

const NO_IDS = "Its ids are not known yet; the list of campaigns has them.";

/**
 * @param {import("./rules.js").Entered} entered
 * @param {NewCampaign} ids
 * @param {() => void} another
 */
export function createdCard({ campaignName, status }, ids, another) {
  const heading = html("h2", { tabindex: "-1" }, `“${campaignName}” is created`);
  const state =
    status === "ACTIVE"
      ? "It delivers as soon as Meta has approved it."
      : "It is paused: nothing is spent until somebody resumes it.";
  const element = html(
    "section",
    { class: "card created", "aria-label": "Created" },
    heading,
    html("p", {}, state),
    listed(ids),
    html(
      "p",
      { class: "line" },
      html("a", { class: "button", href: linkTo({ page: "campaigns" }) }, "Look at the campaigns"),
      html("button", { type: "button", click: another }, "Create another"),
    ),
  );
  return { element, heading };
}

/** @param {NewCampaign} ids */
function listed({ campaignId, adSetId, adId }) {
  const known = Object.entries({ Campaign: campaignId, "Ad set": adSetId, Ad: adId });
  if (known.every(([, id]) => id === null)) return html("p", { class: "quiet" }, NO_IDS);
  const pairs = known.flatMap(([words, id]) => [
    html("dt", {}, words),
    html("dd", {}, id ? html("code", {}, id) : "not known yet"),
  ]);
  return html("dl", { class: "ids" }, ...pairs);
}
