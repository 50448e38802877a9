// The figures of one ad account as they change: totals, trend, campaigns, and one figure split up.

import { html } from "../elements.js";
import { applyUpdate, streamDashboard } from "../gateway/dashboard.js";
import { Problem, SIGNED_OUT } from "../http.js";
import { createFollower } from "../live.js";
import { problemWords } from "../notices.js";
import { inWords } from "../period.js";
import { periodOf } from "../place.js";
import { createPeriodPicker } from "../views/period_picker.js";
import { createBreakdown } from "./overview/breakdown.js";
import { createCampaigns } from "./overview/campaigns.js";
import { createConnection } from "./overview/connection.js";
import { createTotals } from "./overview/totals.js";
import { createTrend } from "./overview/trend.js";

/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../gateway/dashboard.js").Bye} Bye */
/** @typedef {import("../gateway/dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../gateway/dashboard.js").Step} Step */
/** @typedef {import("../live.js").Connection} Connection */
/** @typedef {import("../period.js").Period} Period */
/** @typedef {import("./page.js").Context<"account">} Context */
/** @typedef {{account: AccountOfTeam, period: Period, step: Step | null}} Question */

const NO_LONGER =
  "You may not see this ad account any more. An admin of the team can give you access.";

/** @returns {import("./page.js").PageOf<"account">} */
export function createOverviewPage() {
  const picker = createPeriodPicker();
  const connection = createConnection();
  const totals = createTotals();
  const trend = createTrend();
  const breakdown = createBreakdown();
  const campaigns = createCampaigns();
  const parts = [totals, trend, campaigns, breakdown];
  const trouble = html("section", { class: "card", "aria-label": "What is missing", hidden: true });
  const element = html("div", { class: "stack" }, trouble, ...parts.map((one) => one.element));
  const controls = html("div", { class: "overview-controls" }, connection.element, picker.element);
  const follower = createFollower({
    open: (how) => streamDashboard(question.account, question.period, question.step, how),
    hear,
    tell,
    bye,
    refused,
  });
  /** @type {Dashboard} */
  let known = {};
  /** @type {Context} */
  let context;
  /** @type {Question} */
  let question;
  let asked = "";

  /** @param {Context} now */
  function show(now) {
    context = now;
    const { scope, place } = now;
    const account = { teamId: scope.team.id, adAccountId: scope.account.id };
    const period = periodOf(place);
    picker.show(place);
    const step = trend.choose(period, place.filters);
    breakdown.choose(place.filters);
    const wanted = JSON.stringify({ account, period, step });
    if (wanted === asked) return;
    const elsewhere = JSON.stringify(account) !== JSON.stringify(question?.account);
    question = { account, period, step };
    asked = wanted;
    begin(elsewhere);
  }

  /** @param {boolean} elsewhere whether nothing that is shown is of this ad account */
  function begin(elsewhere) {
    known = {};
    trouble.hidden = true;
    for (const part of parts) {
      part.element.hidden = false;
      if (elsewhere) part.empty();
      else part.wait();
    }
    follower.start();
  }

  /**
   * @param {string} event
   * @param {any} data
   */
  function hear(event, data) {
    if (event !== "parts") return;
    known = applyUpdate(known, data);
    trouble.hidden = true;
    totals.show(known);
    trend.show(known, question.step);
    campaigns.show(known, question.account);
    breakdown.show(known);
  }

  /**
   * @param {Connection} state
   * @param {unknown} [problem]
   */
  function tell(state, problem) {
    connection.show(state);
    // Whoever looks at figures needs no more than that; whoever waits for them does.
    if (problem instanceof Problem && !known.totals)
      explain(problem, "It is tried again by itself.");
  }

  /** @param {Bye} bye */
  function bye({ reason, problem }) {
    if (reason === "signed-out") window.dispatchEvent(new Event(SIGNED_OUT));
    else context.refused(problemOf(problem), NO_LONGER);
  }

  /** @param {unknown} error */
  function refused(error) {
    if (!(error instanceof Problem)) return context.refused(error);
    if (error.isSignedOut) return;
    if (error.status === 403 || error.status === 404) return context.refused(error);
    for (const part of parts) part.element.hidden = true;
    explain(error, "Choose another period, or try again.");
  }

  /**
   * @param {Problem} problem
   * @param {string} advice
   */
  function explain(problem, advice) {
    trouble.hidden = false;
    trouble.replaceChildren(problemWords(problem), html("p", { class: "quiet small" }, advice));
  }

  function forget() {
    asked = "";
  }

  return {
    title: "Overview",
    needs: "account",
    element,
    controls,
    subtitle: ({ scope: { account, team, workspace }, place }) =>
      `${account.name} · ${team.name}, ${workspace.name} · ${inWords(periodOf(place))}`,
    show,
    leave: follower.stop,
    forget,
  };
}

/** @param {Bye["problem"]} problem */
function problemOf(problem) {
  const { status = 403, title, detail, code } = problem ?? {};
  return new Problem(status, { title, detail: detail ?? undefined, code });
}
