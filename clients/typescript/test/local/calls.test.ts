import { describe, expect, test, vi } from "vitest";

import { BffError, createClient, fieldErrors, NoAnswerError, ProblemError } from "../../src/index.js";
import { type Answer, cut, json, problem, serve } from "./server.js";

const params = { path: { teamId: "t" } };
const account = { ...params, query: { adAccountId: "act_1" } };
const TEAM = "/api/v1/teams/{teamId}";
const LEAD_FORMS = "/api/v1/teams/{teamId}/meta/lead-forms";
const form = { pageId: "p", name: "Newsletter" } as never;

async function failure(call: Promise<unknown>): Promise<BffError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BffError);
  return error as BffError;
}

describe("headers", () => {
  test("every call says that it is one of ours, and a poll that nobody waits for it", async () => {
    const server = await serve(json(200, {}));
    const bff = createClient({ baseUrl: server.origin });
    await bff.GET(TEAM, { params });
    await bff.GET(TEAM, { params, background: true });
    const poll = createClient({ baseUrl: server.origin, background: true });
    await poll.GET(TEAM, { params });
    await poll.GET(TEAM, { params, background: false });
    expect(server.asked.map(({ headers }) => headers["x-bff"])).toEqual(["1", "1", "1", "1"]);
    const marks = server.asked.map(({ headers }) => headers["x-bff-background"]);
    expect(marks).toEqual([undefined, "1", "1", undefined]);
  });

  test("a token is asked for with each call, and cookies stay at home", async () => {
    const server = await serve(json(200, {}));
    const requests: Request[] = [];
    let number = 0;
    const bff = createClient({
      baseUrl: server.origin,
      bearer: async () => `token-${++number}`,
      fetch: (request) => {
        requests.push(request);
        return fetch(request);
      },
    });
    await bff.GET(TEAM, { params });
    await bff.GET(TEAM, { params });
    const sent = server.asked.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(["Bearer token-1", "Bearer token-2"]);
    expect(requests.map(({ credentials }) => credentials)).toEqual(["omit", "omit"]);
  });

  test("a write that spends money has a fresh key, or the one that is given; others have none", async () => {
    const server = await serve(json(201, { id: "form" }));
    const bff = createClient({ baseUrl: server.origin });
    await bff.POST(LEAD_FORMS, { params: account, body: form });
    await bff.POST(LEAD_FORMS, { params: account, body: form });
    await bff.POST(LEAD_FORMS, { params: account, body: form, idempotencyKey: "mine" });
    await bff.GET(LEAD_FORMS, { params: account });
    await bff.PATCH(TEAM, { params, body: { name: "Brand" } });
    const [first, second, ...others] = server.asked.map(({ headers }) => headers["idempotency-key"]);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
    expect(others).toEqual(["mine", undefined, undefined]);
  });
});

describe("problems", () => {
  test("a problem document becomes a typed error", async () => {
    const errors = [
      { pointer: "/body/name", message: "is too long" },
      { pointer: "/body/name", message: "has odd characters" },
      { pointer: "/query/adAccountId", message: "is missing" },
    ];
    const told = { detail: "Look again.", requestId: "r-1", errors };
    const server = await serve(problem(422, "invalid", told));
    const bff = createClient({ baseUrl: server.origin });
    const error = await failure(bff.POST(LEAD_FORMS, { params: account, body: form, idempotencyKey: "k" }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      name: "ProblemError",
      message: "Look again.",
      status: 422,
      code: "invalid",
      title: "invalid",
      detail: "Look again.",
      requestId: "r-1",
      retryAfter: null,
      idempotencyKey: "k",
      errors,
    });
    expect(fieldErrors(error)).toEqual({
      "/body/name": "is too long",
      "/query/adAccountId": "is missing",
    });
    expect(fieldErrors(new Error("another"))).toEqual({});
  });

  test("a wait is told in seconds, whether it came as a number or as a date", async () => {
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const server = await serve(
      problem(429, "rate-limited", {}, { "Retry-After": "60" }),
      problem(503, "read-only", {}, { "Retry-After": later }),
      problem(503, "read-only", {}, { "Retry-After": "soon" }),
    );
    const bff = createClient({ baseUrl: server.origin });
    const waits: (number | null)[] = [];
    for (let calls = 0; calls < 3; calls++) {
      const error = await failure(bff.PATCH(TEAM, { params, body: { name: "Brand" } }));
      waits.push((error as ProblemError).retryAfter);
    }
    expect(waits[0]).toBe(60);
    expect(waits[1]).toBeGreaterThan(3000);
    expect(waits[1]).toBeLessThanOrEqual(3600);
    expect(waits[2]).toBeNull();
  });

  test("an error page of something else is a problem of unknown code", async () => {
    const server = await serve((_, response) => {
      response.writeHead(500, { "Content-Type": "text/html", "X-Request-ID": "r-2" });
      response.end("<h1>It broke</h1>");
    });
    const error = await failure(createClient({ baseUrl: server.origin }).GET(TEAM, { params }));
    expect(error).toMatchObject({ status: 500, code: "unknown", title: "HTTP 500", requestId: "r-2" });
  });

  test.each<[string, Answer]>([
    ["a cut connection", cut],
    ["a page where JSON belongs", (_, response) => void response.end("<h1>Welcome</h1>")],
  ])("%s is no answer: a write may have been carried out", async (_, answer) => {
    const server = await serve(answer);
    const bff = createClient({ baseUrl: server.origin });
    const write = bff.POST(LEAD_FORMS, { params: account, body: form });
    const error = await failure(write);
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error.cause).toBeInstanceOf(Error);
    expect(server.asked).toHaveLength(1);
    expect(error.idempotencyKey).toBe(server.asked[0]?.headers["idempotency-key"]);
  });
});

describe("the end of the session", () => {
  test("is told once, however many calls find out, and again after the next session", async () => {
    const gone = problem(401, "unauthenticated");
    const server = await serve(gone, gone, gone, json(200, {}), gone);
    const onSignedOut = vi.fn();
    const bff = createClient({ baseUrl: server.origin, onSignedOut });
    const errors = await Promise.all([1, 2, 3].map(() => failure(bff.GET(TEAM, { params }))));
    expect(errors.map((error) => (error as ProblemError).code)).toEqual(
      Array(3).fill("unauthenticated"),
    );
    expect(onSignedOut).toHaveBeenCalledTimes(1);
    await bff.GET(TEAM, { params });
    await failure(bff.GET(TEAM, { params }));
    expect(onSignedOut).toHaveBeenCalledTimes(2);
  });
});

describe("an answer that was on its way when the session ended", () => {
  test("says nothing of a next session", async () => {
    const gone = problem(401, "unauthenticated");
    let release = () => {};
    const slow: Answer = (...given) => void (release = () => json(200, {})(...given));
    const server = await serve(slow, gone, gone);
    const onSignedOut = vi.fn();
    const bff = createClient({ baseUrl: server.origin, onSignedOut });
    const early = bff.GET(TEAM, { params });
    await vi.waitFor(() => expect(server.asked).toHaveLength(1));
    await failure(bff.GET(TEAM, { params }));
    release();
    await early;
    await failure(bff.GET(TEAM, { params }));
    expect(onSignedOut).toHaveBeenCalledTimes(1);
  });
});

describe("signals", () => {
  test("an aborted call rejects with the reason and is not asked again", async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort(new Error("enough")));
    const call = createClient({ baseUrl: server.origin }).GET(TEAM, { params, signal: stop.signal });
    await expect(call).rejects.toThrow("enough");
    expect(server.asked).toHaveLength(1);
  });
});

describe("lists", () => {
  test("pages are asked for as they are wanted, with all the other parameters", async () => {
    const server = await serve(
      json(200, { items: [1, 2], nextCursor: "Mg" }),
      json(200, { items: [3], nextCursor: null }),
    );
    const bff = createClient({ baseUrl: server.origin });
    const pages = bff.pages("/api/v1/teams/{teamId}/meta/campaigns", {
      params: { ...account, query: { ...account.query, limit: 2, fields: ["name", "status"] } },
    });
    expect((await pages.next()).value).toMatchObject({ items: [1, 2] });
    expect(server.asked).toHaveLength(1);
    expect((await pages.next()).value).toMatchObject({ items: [3] });
    expect((await pages.next()).done).toBe(true);
    const query = "adAccountId=act_1&limit=2&fields=name&fields=status";
    const path = "/api/v1/teams/t/meta/campaigns";
    expect(server.asked.map(({ url }) => url)).toEqual([
      `${path}?${query}`,
      `${path}?${query}&cursor=Mg`,
    ]);
  });
});
