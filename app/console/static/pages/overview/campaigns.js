// The campaigns of the ad account with their figures and what can be done with each.

import { fill, html } from "../../elements.js";
import { nameOf, KINDS, written } from "../../figures.js";
import { linkTo } from "../../place.js";
import { createStatus } from "../../views/status.js";
import { worded } from "../../words.js";
import { createPart } from "./part.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../../gateway/dashboard.js").CampaignFigures} CampaignFigures */
/** @typedef {import("../../gateway/dashboard.js").Campaigns} Campaigns */
/** @typedef {import("../../gateway/dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../gateway/dashboard.js").Figures} Figures */
/** @typedef {import("../../gateway/dashboard.js").Measure} Measure */
/** @typedef {{element: HTMLTableRowElement, show: (campaign: CampaignFigures) => void}} Row */

/** @type {readonly Measure[]} */
const COLUMNS = ["spend", "impressions", "clicks", "ctr", "purchases", "roas"];

export function createCampaigns() {
  const more = html("a", { class: "more" }, "All campaigns");
  const part = createPart({ id: "campaigns", title: "Campaigns" }, skeleton);
  const body = html("tbody", { role: "rowgroup" });
  // On a narrow screen rows become cards; the roles keep it a table for those who listen.
  const table = html(
    "table",
    { role: "table", class: "stacked", "aria-labelledby": "campaigns-title" },
    html("thead", { role: "rowgroup" }, html("tr", { role: "row" }, ...headings())),
    body,
  );
  /** @type {Map<string, Row>} */
  let rows = new Map();
  /** @type {Dashboard["campaigns"]} */
  let shown;

  function empty() {
    rows = new Map(); // their buttons are for the ad account that they were made for
    shown = undefined;
    part.empty();
  }

  /**
   * @param {Dashboard} known
   * @param {AccountOfTeam} account
   */
  function show({ campaigns }, account) {
    if (!campaigns || campaigns === shown) return;
    shown = campaigns;
    part.show(campaigns, (data) => {
      if (!data.items.length && !isSomething(data.other))
        return [html("p", { class: "quiet" }, "This ad account has no campaigns yet.")];
      fill(body, [...data.items.map((one) => rowOf(one, account)), ...rest(data.other)]);
      return [table, ...(hasPage() ? [html("p", { class: "small" }, more)] : [])];
    });
    more.href = linkTo({ page: "campaigns" });
  }

  /**
   * A row stays the same element, so that whoever is at its button stays there.
   * @param {CampaignFigures} campaign
   * @param {AccountOfTeam} account
   */
  function rowOf(campaign, account) {
    const row = rows.get(campaign.campaignId) ?? createRow(campaign, account);
    rows.set(campaign.campaignId, row);
    row.show(campaign);
    return row.element;
  }

  return { element: part.element, empty, wait: part.wait, show };
}

/**
 * @param {CampaignFigures} campaign
 * @param {AccountOfTeam} account
 * @returns {Row}
 */
function createRow({ campaignId: id, status, ...campaign }, account) {
  const name = campaign.name ?? id;
  const { badge, button, update } = createStatus(account, { id, name, status });
  const heading = html("th", { role: "rowheader", scope: "row" });
  const cells = COLUMNS.map(cell);
  const element = html(
    "tr",
    { role: "row", "data-campaign": id },
    heading,
    html("td", { role: "cell", class: "status" }, badge),
    ...cells.map(({ element: one }) => one),
    html("td", { role: "cell", class: "action" }, button),
  );
  return {
    element,
    show: (now) => {
      const objective = html("span", { class: "quiet small" }, worded(now.objective));
      heading.replaceChildren(now.name ?? id, objective);
      update(now.status);
      for (const one of cells) one.show(now.figures);
    },
  };
}

/**
 * Its label is what the column's heading says, for where there is no heading.
 * @param {Measure} measure
 */
function cell(measure) {
  const { words, short } = KINDS[measure];
  const label = short ?? words;
  const element = html("td", { role: "cell", class: "number", "data-label": label });
  /** @param {Figures | null} figures */
  const show = (figures) => element.replaceChildren(written[measure](figures?.[measure] ?? null));
  return { element, show };
}

/**
 * What the totals hold beyond the campaigns above, when that is anything.
 * @param {Figures | null} other
 */
function rest(other) {
  if (!isSomething(other)) return [];
  const cells = COLUMNS.map(cell);
  for (const one of cells) one.show(other);
  const note = html("span", { class: "quiet small" }, "e.g. of deleted campaigns");
  return [
    html(
      "tr",
      { role: "row", class: "rest" },
      html("th", { role: "rowheader", scope: "row" }, "Not in these campaigns", note),
      html("td", { role: "cell", class: "status" }),
      ...cells.map(({ element }) => element),
      html("td", { role: "cell", class: "action" }),
    ),
  ];
}

/** @param {Figures | null} figures */
function isSomething(figures) {
  return figures !== null && Object.values(figures).some(Boolean);
}

/** Whether the bar of links leads to a page for campaigns. */
function hasPage() {
  return document.querySelector('#pages a[href*="page=campaigns"]') !== null;
}

function headings() {
  const figures = COLUMNS.map((measure) => {
    const { words, short } = KINDS[measure];
    const title = short ? nameOf(measure) : null;
    return html(
      "th",
      { role: "columnheader", class: "number", scope: "col", title },
      short ?? words,
    );
  });
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

function skeleton() {
  const line = () => html("div", { class: "skeleton row" });
  return html("div", { "aria-hidden": "true" }, line(), line(), line(), line(), line());
}
