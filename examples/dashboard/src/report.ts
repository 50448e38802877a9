/** The dashboard of one question, kept up to date until another one is asked. */

import {
  applyUpdate,
  type BffClient,
  type BffError,
  type DashboardQuestion,
  type LiveDashboard,
  type PartProblem,
  ProblemError,
} from "@ads-bff/client";

import { showBreakdown } from "./views/breakdown.js";
import { showCampaigns } from "./views/campaigns.js";
import { showTiles } from "./views/tiles.js";
import { showTrend } from "./views/trend.js";

export interface Listener {
  /** One sentence on how it stands. */
  say(words: string): void;
  /** The gateway will tell no more, and why. */
  refused(problem: PartProblem): void;
}

const NOTHING = {} as LiveDashboard;

/** Runs until the signal is aborted or the stream has ended; throws what the client throws. */
export async function report(
  client: BffClient,
  question: DashboardQuestion,
  signal: AbortSignal,
  { say, refused }: Listener,
): Promise<void> {
  let known = NOTHING;
  show(known, null);
  say("The figures are on their way…");
  for await (const told of client.streamDashboard(question, { signal })) {
    switch (told.event) {
      case "scope":
        // Of a stream that was opened again: what is shown stands until news of it arrive.
        known = { ...known, ...told.data };
        break;
      case "parts": {
        const before = known;
        known = applyUpdate(known, told.data);
        show(known, before);
        break;
      }
      case "ready":
        say("All figures are there. They change by themselves when newer ones arrive.");
        break;
      case "reconnecting":
        if (told.data.cause) say(`${reasonOf(told.data.cause)} It is tried again by itself.`);
        break;
      case "bye":
        if (told.data.problem) refused(told.data.problem);
    }
  }
}

/** The gateway's own words where it said anything, e.g. that too many streams are open. */
function reasonOf(cause: BffError): string {
  return cause instanceof ProblemError ? cause.message : "The connection is interrupted.";
}

/** Only what changed is drawn again, so that focus and selections elsewhere stay. */
function show(now: LiveDashboard, before: LiveDashboard | null): void {
  const news = (...names: (keyof LiveDashboard)[]) =>
    before === null || names.some((name) => now[name] !== before[name]);
  if (news("totals", "comparison")) showTiles(now.totals, now.comparison);
  if (news("trend")) showTrend(now.trend);
  if (news("campaigns", "totals")) showCampaigns(now.campaigns, now.totals);
  if (news("breakdowns")) showBreakdown(now.breakdowns);
}
