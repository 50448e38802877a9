// The figures of one ad account: totals, campaigns, and one figure split up.

import { html } from "../elements.js";
import { listCampaigns } from "../gateway/campaigns.js";
import { getMetaInsights } from "../gateway/insights.js";
import { Problem } from "../http.js";
import { createPanel } from "../panel.js";
import { before, inWords, lengthOf } from "../period.js";
import { periodOf } from "../place.js";
import { campaignTable } from "../views/campaigns.js";
import { createFigure } from "../views/figure.js";
import { createPeriodPicker } from "../views/period_picker.js";
import { tiles } from "../views/tiles.js";

/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../gateway/insights.js").Period} Period */
/** @typedef {import("../gateway/insights.js").Row} Row */
/** @typedef {import("../http.js").Answer<Row[]>} Rows */
/** @typedef {import("./page.js").Context<"account">} Context */

/** @returns {import("./page.js").PageOf<"account">} */
export function createOverviewPage() {
  const picker = createPeriodPicker();
  const figure = createFigure();
  const totals = createPanel({ id: "tiles", title: "Totals", card: false });
  const campaigns = createPanel({ id: "campaigns", title: "Campaigns" });
  const breakdown = createPanel({ id: "breakdown", title: "Breakdown", tools: figure.element });
  const panels = [totals, campaigns, breakdown];
  const element = html("div", { class: "stack" }, ...panels.map((one) => one.element));

  /** @param {Context} context */
  function show({ scope, place, refused }) {
    const account = { teamId: scope.team.id, adAccountId: scope.account.id };
    const period = periodOf(place);
    const by = figure.choose(place.filters);
    const key = JSON.stringify([account, period]);
    picker.show(place);
    const rows = once(() => getMetaInsights(account, period, { level: "campaign" }));
    rows().catch((error) => {
      if (error instanceof Problem && error.status === 403) refused(error);
    });
    void totals.load(
      key,
      () => withEarlier(rows, account, period),
      (data) => tiles(data.rows, data.earlier, lengthOf(period)),
    );
    void campaigns.load(
      key,
      () => withCampaigns(rows, account),
      (data) => campaignTable(data.campaigns, data.rows, account),
    );
    void breakdown.load(
      key + by,
      () => splitBy(by, rows, account, period),
      (data) => figure.of(data, by),
    );
  }

  return {
    title: "Overview",
    needs: "account",
    element,
    controls: picker.element,
    subtitle: ({ scope: { account, team, workspace }, place }) =>
      `${account.name} · ${team.name}, ${workspace.name} · ${inWords(periodOf(place))}`,
    show,
    forget: () => panels.forEach((one) => one.forget()),
  };
}

/**
 * @param {() => Promise<Rows>} rows
 * @param {AccountOfTeam} account
 * @param {Period} period
 */
async function withEarlier(rows, account, period) {
  // Without the earlier figures there are just no changes to show.
  const earlier = getMetaInsights(account, before(period), { level: "account" }).catch(() => null);
  const { data, source } = await rows();
  return { data: { rows: data, earlier: (await earlier)?.data ?? null }, source };
}

/**
 * @param {() => Promise<Rows>} rows
 * @param {AccountOfTeam} account
 */
async function withCampaigns(rows, account) {
  // Campaigns can be paused without their figures, so those may fail alone: the totals say why.
  const figures = rows().catch(() => null);
  const { data, source } = await listCampaigns(account);
  return { data: { campaigns: data, rows: (await figures)?.data ?? [] }, source };
}

/**
 * @param {import("../views/breakdown.js").Split} by
 * @param {() => Promise<Rows>} rows
 * @param {AccountOfTeam} account
 * @param {Period} period
 */
function splitBy(by, rows, account, period) {
  if (by === "campaign") return rows();
  return getMetaInsights(account, period, { level: "account", breakdown: by });
}

/**
 * Asks at most once: panels share the answer.
 * @template T
 * @param {() => Promise<T>} ask
 */
function once(ask) {
  /** @type {Promise<T> | null} */
  let running = null;
  return () => (running ??= ask());
}
