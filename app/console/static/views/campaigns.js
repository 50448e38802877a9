// The campaigns of an ad account with their figures, and the button that pauses or resumes each.

import { html } from "../elements.js";
import { figuresOf, rated, total, written } from "../figures.js";
import { setCampaignStatus } from "../gateway.js";
import { Problem } from "../http.js";
import { complain, hush, say } from "../notices.js";
import { worded } from "../words.js";

/** @typedef {import("../gateway.js").Campaign} Campaign */
/** @typedef {import("../gateway.js").AccountOfTeam} AccountOfTeam */
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
const NOT_YOURS =
  "You may look at this ad account, but not change it. An admin of the team can give you the permission.";

/**
 * Highest spend first, campaigns without figures last.
 * @param {Campaign[]} campaigns
 * @param {import("../gateway.js").Row[]} rows
 * @param {AccountOfTeam} account
 * @param {(error: unknown) => boolean} isSignedOut
 * @returns {Node[]}
 */
export function campaignTable(campaigns, rows, account, isSignedOut) {
  if (!campaigns.length) return [html("p", { class: "quiet" }, "This ad account has no campaigns yet.")];
  const listed = campaigns
    .map((campaign) => ({ campaign, figures: figuresIn(rows, campaign.id) }))
    .sort((one, other) => (other.figures.spend ?? -1) - (one.figures.spend ?? -1));
  const body = listed.map(({ campaign, figures }) => row(campaign, figures, account, isSignedOut));
  // On a narrow screen rows become cards; the roles keep it a table for those who listen.
  return [
    html(
      "table",
      { role: "table", "aria-labelledby": "campaigns-title" },
      html("thead", { role: "rowgroup" }, html("tr", { role: "row" }, ...headings())),
      html("tbody", { role: "rowgroup" }, ...body),
    ),
  ];
}

function headings() {
  const figures = COLUMNS.map(({ words }) => html("th", { role: "columnheader", class: "number", scope: "col" }, words));
  const others = ["Campaign", "Status"].map((words) => html("th", { role: "columnheader", scope: "col" }, words));
  const last = html("th", { role: "columnheader", scope: "col" }, html("span", { class: "unseen" }, "Change"));
  return [...others, ...figures, last];
}

/**
 * @param {Campaign} campaign
 * @param {Rated} figures
 * @param {AccountOfTeam} account
 * @param {(error: unknown) => boolean} isSignedOut
 */
function row(campaign, figures, account, isSignedOut) {
  const status = html("td", { role: "cell", class: "status" });
  const objective = html("span", { class: "quiet small" }, worded(campaign.objective));
  return html(
    "tr",
    { role: "row", "data-campaign": campaign.id },
    html("th", { role: "rowheader", scope: "row" }, nameOf(campaign), objective),
    status,
    ...COLUMNS.map(({ name, words }) =>
      html("td", { role: "cell", class: "number", "data-label": words }, written[name](figures[name])),
    ),
    html("td", { role: "cell", class: "action" }, statusButton(campaign, account, status, isSignedOut)),
  );
}

/**
 * The button keeps the focus while its words change.
 * @param {Campaign} campaign
 * @param {AccountOfTeam} account
 * @param {HTMLElement} status where the status is shown
 * @param {(error: unknown) => boolean} isSignedOut
 */
function statusButton(campaign, account, status, isSignedOut) {
  const button = html("button", { type: "button", click: () => void change() });
  let current = campaign.status;
  show();
  return button;

  function show() {
    status.replaceChildren(badge(current));
    const verb = current === "ACTIVE" ? "Pause" : "Resume";
    button.replaceChildren(verb, html("span", { class: "unseen" }, ` ${nameOf(campaign)}`));
  }

  async function change() {
    if (button.hasAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true"); // `disabled` would take the focus away
    current = await changed(account, campaign, current, isSignedOut);
    button.removeAttribute("aria-disabled");
    show();
  }
}

/**
 * The status after trying to change it.
 * @param {AccountOfTeam} account
 * @param {Campaign} campaign
 * @param {string | null} current
 * @param {(error: unknown) => boolean} isSignedOut
 */
async function changed(account, campaign, current, isSignedOut) {
  hush();
  try {
    const wanted = current === "ACTIVE" ? "PAUSED" : "ACTIVE";
    const { data } = await setCampaignStatus(account, campaign.id, wanted);
    say(data.status === "PAUSED" ? `“${nameOf(campaign)}” is paused.` : `“${nameOf(campaign)}” is running.`);
    return data.status;
  } catch (error) {
    if (isSignedOut(error)) return current;
    const refused = error instanceof Problem && error.code === "forbidden";
    complain(error, refused ? NOT_YOURS : undefined);
    return current;
  }
}

/** @param {Campaign} campaign */
function nameOf(campaign) {
  return campaign.name ?? campaign.id;
}

/** @param {string | null} status */
function badge(status) {
  const tone = status === "ACTIVE" ? "good" : status === "PAUSED" ? "rest" : "other";
  return html("span", { class: `badge ${tone}` }, worded(status) || "Unknown");
}

/**
 * @param {import("../gateway.js").Row[]} rows
 * @param {string} campaignId
 */
function figuresIn(rows, campaignId) {
  return rated(total(rows.filter((one) => one.campaignId === campaignId).map(figuresOf)));
}
