// The dashboard of an ad account, followed as it changes.

import { listen, path } from "../http.js";

/** @typedef {import("./campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../period.js").Period} Period */
/** @typedef {"impressions" | "clicks" | "spend" | "ctr" | "cpc" | "cpm" | "purchases" |
 *            "purchaseValue" | "roas"} Measure */
/** @typedef {Record<Measure, number | null>} Figures  null: not reported, never 0 */
/** @typedef {"day" | "week"} Step */
/** @typedef {"ok" | "stale" | "failed" | "omitted"} Status */
/** @typedef {{code: string, title: string, status: number, detail: string | null}} PartProblem */
/**
 * A part that failed may hold what there is of it.
 * @template T
 * @typedef {{status: Status, asOf: string | null, problem: PartProblem | null,
 *            data: T | null}} Part
 */
/** @typedef {{absolute: number | null, relative: number | null}} Change */
/** @typedef {Period & {figures: Figures, change: Record<Measure, Change> | null}} Comparison */
/** @typedef {{campaignId: string, name: string | null, status: string | null,
 *             objective: string | null, figures: Figures | null}} CampaignFigures */
/** @typedef {{items: CampaignFigures[], other: Figures | null}} Campaigns */
/** @typedef {{value: string, figures: Figures}} Segment */
/** @typedef {Period & {status: Status, asOf: string | null, figures: Figures | null}} Point */
/** @typedef {{step: Step, points: Point[]}} Trend */
/** @typedef {"age" | "gender" | "country" | "publisherPlatform" | "impressionDevice"} Split */
/** @typedef {Partial<Record<Split, Part<{items: Segment[]}>>>} Breakdowns */
/**
 * What is known so far, or what is news: a part that is absent was not told.
 * @typedef {{totals?: Part<Figures>, comparison?: Part<Comparison>, campaigns?: Part<Campaigns>,
 *            trend?: Part<Trend>, breakdowns?: Breakdowns}} Dashboard
 */
/** @typedef {{reason: "drain" | "signed-out" | "refused", problem: PartProblem | null}} Bye */

/**
 * Without a step there is no trend.
 * @param {AccountOfTeam} account
 * @param {Period} period
 * @param {Step | null} trend
 * @param {import("../http.js").How} how
 */
export const streamDashboard = ({ teamId, adAccountId }, { startDate, endDate }, trend, how) =>
  listen(path`/teams/${teamId}/dashboard/stream`, {
    ...how,
    query: { adAccountId, startDate, endDate, compare: "previous", trend },
  });

/**
 * Each part that is news replaces what was known of it, each breakdown by itself.
 * @param {Dashboard} known
 * @param {Dashboard} update
 * @returns {Dashboard}
 */
export function applyUpdate(known, update) {
  return { ...known, ...update, breakdowns: { ...known.breakdowns, ...update.breakdowns } };
}
