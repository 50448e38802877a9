/** Compiled, never run: what the compiler promises, and what it refuses. */

import {
  type Campaign,
  createClient,
  type Dashboard,
  type DashboardUpdate,
  type LiveDashboard,
  ProblemError,
  type ProblemCode,
  type TrafficCampaignDraft,
  applyUpdate,
} from "../src/index.js";

const bff = createClient();
const team = { path: { teamId: "team-acme-brand" } };
const account = { ...team, query: { adAccountId: "act_1001" } };
const period = { ...account.query, startDate: "2026-01-01", endDate: "2026-01-31" };

export async function answers(): Promise<void> {
  const name: string = (await bff.GET("/api/v1/teams/{teamId}", { params: team })).name;
  const campaigns: Campaign[] = (
    await bff.GET("/api/v1/teams/{teamId}/meta/campaigns", {
      params: { ...team, query: { adAccountId: "act_1001", fields: ["name", "objective"] } },
      background: true,
    })
  ).items;
  const objective: string | null | undefined = campaigns[0]?.objective;
  const nothing: undefined = await bff.DELETE("/api/v1/teams/{teamId}", { params: team });
  const dashboard: Dashboard = await bff.GET("/api/v1/teams/{teamId}/dashboard", {
    params: { ...team, query: { ...period, compare: "previous", parts: ["totals"] } },
  });
  const spend: number | null | undefined = dashboard.totals.data?.spend;
  void [name, objective, nothing, spend];

  // @ts-expect-error The path is not one of the gateway's.
  await bff.GET("/api/v1/team/{teamId}", { params: team });
  // @ts-expect-error This path does not know that method.
  await bff.PUT("/api/v1/teams/{teamId}", { params: team });
  // @ts-expect-error A parameter is missing.
  await bff.GET("/api/v1/teams/{teamId}/meta/campaigns", { params: team });
  // @ts-expect-error Its init cannot be left out.
  await bff.GET("/api/v1/teams/{teamId}");
  // @ts-expect-error An option is misspelt.
  await bff.GET("/api/v1/teams/{teamId}", { params: team, backgruond: true });
  // @ts-expect-error A stream is read with streamDashboard.
  await bff.GET("/api/v1/teams/{teamId}/dashboard/stream", { params: { ...team, query: period } });
}

export async function writes(draft: TrafficCampaignDraft): Promise<void> {
  const { targeting, creatives, pageId } = draft;
  const created = await bff.POST("/api/v1/teams/{teamId}/meta/campaigns/traffic", {
    params: account,
    body: { campaignName: "Tents", adSetName: "Hikers", budget: 50, targeting, creatives, pageId },
    idempotencyKey: "k-1",
  });
  const campaign: string | null = created.campaignId;
  void campaign;

  await bff.POST("/api/v1/teams/{teamId}/meta/campaigns/traffic", {
    params: account,
    // @ts-expect-error The budget is a number.
    body: { ...draft, budget: "50" },
  });
}

export async function lists(): Promise<void> {
  const pages = bff.pages("/api/v1/teams/{teamId}/meta/campaigns", { params: account });
  for await (const page of pages) {
    const items: Campaign[] = page.items;
    void items;
  }
  // @ts-expect-error A team is not a list.
  bff.pages("/api/v1/teams/{teamId}", { params: team });
}

export async function live(update: DashboardUpdate): Promise<void> {
  let known: LiveDashboard | null = null;
  for await (const told of bff.streamDashboard({ ...team.path, ...period, trend: "week" })) {
    switch (told.event) {
      case "scope":
        known ??= told.data;
        break;
      case "parts":
        known = known && applyUpdate(known, told.data);
        break;
      case "ready":
        break;
      case "reconnecting": {
        const wait: number = told.data.wait;
        void wait;
        break;
      }
      case "bye": {
        const reason: "drain" | "signed-out" | "refused" = told.data.reason;
        void reason;
        break;
      }
      default:
        told satisfies never;
    }
  }
  const read = await bff.GET("/api/v1/teams/{teamId}/dashboard", {
    params: { ...team, query: period },
  });
  const whole: Dashboard = applyUpdate(read, update);
  void whole;
}

export function problems(error: unknown): ProblemCode {
  if (error instanceof ProblemError && error.code === "not-found") return "not-found";
  // @ts-expect-error There is no such code.
  return "unfound";
}
