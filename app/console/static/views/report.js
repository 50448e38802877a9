// The figures of one ad account: totals, campaigns, and one figure split up.

import { byId } from "../elements.js";
import { getMetaInsights, listCampaigns } from "../gateway.js";
import { Problem } from "../http.js";
import { createPanel } from "../panel.js";
import { before, lengthOf } from "../period.js";
import { periodOf } from "../place.js";
import { campaignTable } from "./campaigns.js";
import { createFigure } from "./figure.js";
import { createPeriodPicker } from "./period_picker.js";
import { tiles } from "./tiles.js";

/** @typedef {import("../gateway.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../gateway.js").Period} Period */
/** @typedef {import("../http.js").Answer<import("../gateway.js").Row[]>} Rows */

export function createReport() {
  const picker = createPeriodPicker();
  const figure = createFigure();
  const totals = createPanel(byId("tiles", HTMLElement));
  const campaigns = createPanel(byId("campaigns", HTMLElement));
  const breakdown = createPanel(byId("breakdown", HTMLElement));

  /**
   * @param {AccountOfTeam} account
   * @param {import("../place.js").Place} place
   * @param {(error: Problem) => void} refused takes over when the reader may not see the account
   */
  function show(account, place, refused) {
    const period = periodOf(place);
    const key = JSON.stringify([account, period]);
    picker.show(place);
    figure.choose(place);
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
      key + place.by,
      () => splitBy(place.by, rows, account, period),
      (data) => figure.of(data, place.by),
    );
  }

  function forget() {
    for (const panel of [totals, campaigns, breakdown]) panel.forget();
  }

  return { show, forget };
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
 * @param {import("../place.js").Split} by
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
