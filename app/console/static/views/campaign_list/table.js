// The campaigns of an account as they are set up, each with what it consists of.

import { html } from "../../elements.js";
import { worded } from "../../words.js";
import { createStatus } from "../status.js";
import { createParts } from "./parts.js";

/** @typedef {import("../../gateway/campaigns.js").CampaignInFull} Campaign */
/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */

const COLUMNS = ["Campaign", "Status", "Delivery", "Budget", "Dates"];
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const FIGURE = new Intl.NumberFormat();

/**
 * @param {Campaign[]} campaigns
 * @param {AccountOfTeam} account
 * @param {Set<string>} unfolded the ids of those that are open; kept up to date
 */
export function campaignRows(campaigns, account, unfolded) {
  const headings = [...COLUMNS.map(heading), heading(html("span", { class: "unseen" }, "Change"))];
  const rows = campaigns.flatMap((one) => pair(one, account, unfolded));
  // On a narrow screen rows become cards; the roles keep it a table for those who listen.
  return html(
    "table",
    { role: "table", class: "stacked", "aria-labelledby": "campaigns-title" },
    html("thead", { role: "rowgroup" }, html("tr", { role: "row" }, ...headings)),
    html("tbody", { role: "rowgroup" }, ...rows),
  );
}

/** @param {string | Node} words */
function heading(words) {
  return html("th", { role: "columnheader", scope: "col" }, words);
}

/**
 * The campaign's row, and the one below it that unfolds.
 * @param {Campaign} campaign
 * @param {AccountOfTeam} account
 * @param {Set<string>} unfolded
 */
function pair(campaign, account, unfolded) {
  const name = campaign.name ?? campaign.id;
  const delivery = cell("Delivery", "");
  const { badge, button } = createStatus(account, { ...campaign, name }, (status) => {
    // Since somebody changed the status, what the platform made of it is not known.
    if (status !== campaign.status) campaign.effectiveStatus = null;
    campaign.status = status;
    delivery.replaceChildren(worded(campaign.effectiveStatus) || "–");
  });
  const below = details(campaign, account);
  const toggle = html("button", { type: "button", class: "plain fold" }, name);
  toggle.addEventListener("click", () => {
    if (unfolded.delete(campaign.id)) return show();
    unfolded.add(campaign.id);
    show();
  });
  const row = html(
    "tr",
    { role: "row", "data-campaign": campaign.id },
    html("th", { role: "rowheader", scope: "row" }, toggle, objective(campaign)),
    html("td", { role: "cell", class: "status" }, badge),
    delivery,
    cell("Budget", budgetOf(campaign)),
    cell("Dates", datesOf(campaign)),
    html("td", { role: "cell", class: "action" }, button),
  );
  show();
  return [row, below.row];

  function show() {
    const open = unfolded.has(campaign.id);
    toggle.setAttribute("aria-expanded", String(open));
    below.row.hidden = !open;
    if (open) void below.load();
  }
}

/**
 * @param {Campaign} campaign
 * @param {AccountOfTeam} account
 */
function details(campaign, account) {
  const parts = createParts(account, campaign.id);
  const cells = html("td", { role: "cell", colspan: COLUMNS.length + 1 }, parts.element);
  const row = html("tr", { role: "row", class: "below", hidden: true }, cells);
  return { row, load: parts.load };
}

/** @param {Campaign} campaign */
function objective(campaign) {
  return html("span", { class: "quiet small" }, worded(campaign.objective) || "Unknown objective");
}

/**
 * @param {string} label what the column's heading says, for where there is no heading
 * @param {string} words
 */
function cell(label, words) {
  return html("td", { role: "cell", "data-label": label }, words);
}

/**
 * As the ads network writes it, which does not tell the unit; 0 is how it writes “none”.
 * @param {Campaign} campaign
 */
function budgetOf({ dailyBudget, lifetimeBudget }) {
  if (dailyBudget) return `${FIGURE.format(dailyBudget)} a day`;
  return lifetimeBudget ? `${FIGURE.format(lifetimeBudget)} in all` : "–";
}

/** @param {Campaign} campaign */
function datesOf({ startTime, stopTime }) {
  const start = startTime && DAY.format(new Date(startTime));
  const stop = stopTime && DAY.format(new Date(stopTime));
  if (start && stop) return `${start} – ${stop}`;
  if (start) return `From ${start}`;
  return stop ? `Until ${stop}` : "–";
}
