import { beforeEach, describe, expect, test, vi } from "vitest";

import { fieldErrors, ProblemError, type TrafficCampaignDraft } from "../../src/index.js";
import { account, params, sandbox, signedIn } from "./stage.js";

const TRAFFIC = "/api/v1/teams/{teamId}/meta/campaigns/traffic";
const CAMPAIGNS = "/api/v1/teams/{teamId}/meta/campaigns";
const draft: TrafficCampaignDraft = {
  campaignName: "Summer tents",
  budget: 50,
  adSetName: "Hikers",
  targeting: { geoLocations: [{ type: "country", id: "DE" }] },
  creatives: {
    primaryText: "Sleep outside, at ease.",
    headline: "Tents for every night",
    url: "https://shop.example/tents",
    callToAction: "SHOP_NOW",
    imageUrl: "https://shop.example/tent.jpg",
  },
  pageId: "page_1001_1",
  optimizationGoal: "LINK_CLICKS",
  conversionLocation: "WEBSITE",
};

beforeEach(async () => {
  await sandbox("DELETE", "/faults");
  await sandbox("DELETE", "/calls");
});

describe("reads", () => {
  test("answer what the types promise", async () => {
    const ben = signedIn("ben");
    expect((await ben.GET("/auth/session")).user).toBe("ben");
    const team = await ben.GET("/api/v1/teams/{teamId}", { params });
    expect(team).toMatchObject({ id: "team-acme-brand", myRole: "ADMIN" });
  });

  test("go through a list page by page, each item once", async () => {
    const ben = signedIn("ben");
    const whole = await ben.GET(CAMPAIGNS, { params: account });
    const ids: string[] = [];
    const query = { ...account.query, limit: 1 };
    for await (const page of ben.pages(CAMPAIGNS, { params: { ...params, query } })) {
      expect(page.items).toHaveLength(1);
      ids.push(...page.items.map(({ id }) => id));
    }
    expect(ids.length).toBeGreaterThan(1);
    expect(ids).toEqual(whole.items.map(({ id }) => id));
  });

  test("get over a failure of the platform", async () => {
    await sandbox("POST", "/faults", { operation: 40, kind: "status", status: 503, times: 1 });
    const forms = await signedIn("ben").GET("/api/v1/teams/{teamId}/meta/lead-forms", {
      params: account,
    });
    expect(forms.items.length).toBeGreaterThan(0);
    expect(await sandbox("GET", "/calls?operation=40")).toHaveLength(2);
  });
});

describe("writes", () => {
  test("create a campaign, with a key", async () => {
    const ben = signedIn("ben");
    const { campaignId } = await ben.POST(TRAFFIC, { params: account, body: draft });
    const { items } = await ben.GET(CAMPAIGNS, { params: account });
    expect(items.map(({ id }) => id)).toContain(campaignId);
  });

  test("whose end is not known are sent once, and the error has their key", async () => {
    await sandbox("POST", "/faults", { operation: 35, kind: "reset", times: null });
    // Of another account, since nothing is kept of one as long as such a write is open.
    const params = { ...account, query: { adAccountId: "act_1002" } };
    const write = signedIn("ben").POST(TRAFFIC, { params, body: draft });
    const error = await write.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 504,
      code: "outcome-unknown",
      idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await sandbox("GET", "/calls?operation=35")).toHaveLength(1);
  });
});

describe("problems", () => {
  test("name the fields of the input", async () => {
    const body = { ...draft, budget: 0, campaignName: "" };
    const write = signedIn("ben").POST(TRAFFIC, { params: account, body });
    const error = await write.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid", requestId: expect.any(String) });
    expect(Object.keys(fieldErrors(error)).sort()).toEqual(["/body/budget", "/body/campaignName"]);
  });

  test("tell a missing role from what is not there", async () => {
    const dora = signedIn("dora");
    const body = { status: "PAUSED" } as const;
    const pause = dora.POST(TRAFFIC, { params: account, body: draft });
    await expect(pause).rejects.toMatchObject({ status: 403, code: "forbidden" });
    const elsewhere = { ...account, path: { teamId: "team-elsewhere", campaignId: "c_1" } };
    const change = dora.PATCH(`${CAMPAIGNS}/{campaignId}`, { params: elsewhere, body });
    await expect(change).rejects.toMatchObject({ status: 404, code: "not-found" });
  });

  test("the end of the session is told", async () => {
    const onSignedOut = vi.fn();
    const stranger = signedIn("nobody", { onSignedOut });
    await expect(stranger.GET("/auth/session")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(onSignedOut).toHaveBeenCalledTimes(1);
  });
});
