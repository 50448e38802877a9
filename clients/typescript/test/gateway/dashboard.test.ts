import { beforeAll, describe, expect, test, vi } from "vitest";

import { applyUpdate, type DashboardUpdate, type LiveDashboard } from "../../src/index.js";
import { account, params, sandbox, signedIn } from "./stage.js";

const period = { ...account.query, startDate: "2026-01-01", endDate: "2026-01-31" } as const;
const question = { ...params.path, ...period, compare: "previous" } as const;

beforeAll(() => sandbox("DELETE", "/faults"));

describe("the dashboard", () => {
  test("that is followed comes to the one that is read, and follows a change", async () => {
    const ben = signedIn("ben");
    const { teamId, ...query } = question;
    let live: LiveDashboard | undefined;
    const later: DashboardUpdate[] = [];
    let ready = false;
    for await (const told of ben.streamDashboard(question)) {
      if (told.event === "scope") live = told.data;
      if (told.event === "parts") live = applyUpdate(live!, told.data);
      if (told.event === "parts" && ready) later.push(told.data);
      if (told.event === "ready") {
        ready = true;
        const path = { teamId };
        const read = await ben.GET("/api/v1/teams/{teamId}/dashboard", { params: { path, query } });
        expect(read.totals.data?.impressions).toBeGreaterThan(0);
        expect(read).toMatchObject(live!);
        expect(live).toMatchObject({
          totals: { status: "ok" },
          comparison: { status: "ok" },
          campaigns: { status: "ok" },
          breakdowns: { age: { status: "ok" }, country: { status: "ok" } },
        });
        const campaignId = read.campaigns.data!.items[0]!.campaignId;
        await ben.PATCH("/api/v1/teams/{teamId}/meta/campaigns/{campaignId}", {
          params: { ...account, path: { teamId, campaignId } },
          body: { status: read.campaigns.data!.items[0]!.status === "PAUSED" ? "ACTIVE" : "PAUSED" },
        });
      }
      if (later.some(({ campaigns }) => campaigns)) break;
    }
    expect(later.at(-1)?.campaigns?.data?.items.length).toBeGreaterThan(0);
  });

  test("is refused like every read", async () => {
    const elsewhere = { ...question, adAccountId: "act_none" };
    const first = signedIn("ben").streamDashboard(elsewhere).next();
    await expect(first).rejects.toMatchObject({ status: 404, code: "not-found" });
    const late = { ...question, endDate: "2025-01-01" };
    await expect(signedIn("ben").streamDashboard(late).next()).rejects.toMatchObject({
      code: "invalid",
      errors: [{ pointer: expect.stringMatching(/^\/query\//) }],
    });
  });

  test("ends with the session", async () => {
    const onSignedOut = vi.fn();
    const cleo = signedIn("cleo", { onSignedOut });
    const told = [];
    for await (const one of cleo.streamDashboard(question)) {
      told.push(one.event);
      if (one.event === "ready") await signedIn("cleo").POST("/auth/logout");
      if (one.event === "bye") expect(one.data.reason).toBe("signed-out");
    }
    expect(told[0]).toBe("scope");
    expect(told.at(-1)).toBe("bye");
    expect(onSignedOut).toHaveBeenCalledTimes(1);
  });
});
