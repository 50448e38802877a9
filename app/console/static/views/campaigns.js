// The campaigns of an ad account with their figures and what can be done with each.

import { html } from "../elements.js";
import { figuresOf, rated, total, written } from "../figures.js";
import { worded } from "../words.js";
import { createStatus } from "./status.js";

/** @typedef {import("../gateway/campaigns.js").Campaign} Campaign */
/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../figures.js").Rated} Rated */

/** @type {readonly {name: keyof Rated, words: string}[]} */
const COLUMNS = [
  { name: "spend", words: "Spend" },
  { name: "impressions", words: "Impressions" },
  { name: "clicks", words: "Clicks" },
  { name: "ctr", words: "Click rate" },
  { name: "cpc", words: "Cost per click" },
  { name: "purchases", words: "Purchases" },
];
/**
 * Highest spend first, campaigns without figures last.
 * @param {Campaign[]} campaigns
 * @param {import("../gateway/insights.js").Row[]} rows
 * @param {AccountOfTeam} account
 * @returns {Node[]}
 */
export function campaignTable(campaigns, rows, account) {
  if (!campaigns.length)
    return [html("p", { class: "quiet" }, "This ad account has no campaigns yet.")];
  const listed = campaigns
    .map((campaign) => ({ campaign, figures: figuresIn(rows, campaign.id) }))
    .sort((one, other) => (other.figures.spend ?? -1) - (one.figures.spend ?? -1));
  const body = listed.map(({ campaign, figures }) => row(campaign, figures, account));
  // On a narrow screen rows become cards; the roles keep it a table for those who listen.
  return [
    html(
      "table",
      { role: "table", class: "stacked", "aria-labelledby": "campaigns-title" },
      html("thead", { role: "rowgroup" }, html("tr", { role: "row" }, ...headings())),
      html("tbody", { role: "rowgroup" }, ...body),
    ),
  ];
}

function headings() {
  const figures = COLUMNS.map(({ words }) =>
    html("th", { role: "columnheader", class: "number", scope: "col" }, words),
  );
  const others = ["Campaign", "Status"].map((words) =>
    html("th", { role: "columnheader", scope: "col" }, words),
  );
  const last = html(
    "th",
    { role: "columnheader", scope: "col" },
    html("span", { class: "unseen" }, "Change"),
  );
  return [...others, ...figures, last];
}

/**
 * @param {Campaign} campaign
 * @param {Rated} figures
 * @param {AccountOfTeam} account
 */
function row(campaign, figures, account) {
  const name = campaign.name ?? campaign.id;
  const objective = html("span", { class: "quiet small" }, worded(campaign.objective));
  const { badge, button } = createStatus(account, { ...campaign, name });
  return html(
    "tr",
    { role: "row", "data-campaign": campaign.id },
    html("th", { role: "rowheader", scope: "row" }, name, objective),
    html("td", { role: "cell", class: "status" }, badge),
    ...COLUMNS.map((column) => cell(column.words, written[column.name](figures[column.name]))),
    html("td", { role: "cell", class: "action" }, button),
  );
}

/**
 * @param {string} label what the column's heading says, for where there is no heading
 * @param {string} figure
 */
function cell(label, figure) {
  return html("td", { role: "cell", class: "number", "data-label": label }, figure);
}

/**
 * @param {import("../gateway/insights.js").Row[]} rows
 * @param {string} campaignId
 */
function figuresIn(rows, campaignId) {
  return rated(total(rows.filter((one) => one.campaignId === campaignId).map(figuresOf)));
}
