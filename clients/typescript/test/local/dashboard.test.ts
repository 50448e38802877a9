import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import {
  applyUpdate,
  createClient,
  type Dashboard,
  type DashboardEvent,
  type DashboardScope,
  type TotalsPart,
} from "../../src/index.js";
import { cut, events, json, problem, serve } from "./server.js";

const question = {
  teamId: "t",
  adAccountId: "act_1",
  startDate: "2026-01-01",
  endDate: "2026-01-31",
};
const scope: DashboardScope = {
  adAccountId: "act_1",
  startDate: "2026-01-01",
  endDate: "2026-01-31",
  currency: null,
  timeZone: null,
};
const totals: TotalsPart = { status: "failed", asOf: null, problem: null, data: null };

const told = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const SCOPE = told("scope", scope);
const PARTS = told("parts", { totals });
const READY = told("ready", {});
const refused = told("bye", { reason: "refused", problem: { code: "not-found" } });

async function collect(stream: AsyncIterable<DashboardEvent>): Promise<DashboardEvent[]> {
  const found = [];
  for await (const one of stream) found.push(one);
  return found;
}
const names = (found: DashboardEvent[]) => found.map(({ event }) => event);

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0)); // nobody waits
afterEach(() => void vi.restoreAllMocks());

describe("a stream of a dashboard", () => {
  test("tells typed events, and asks as the gateway wants to be asked", async () => {
    const server = await serve(events(`: hello\n\n${SCOPE}${PARTS}${READY}${refused}`));
    const bff = createClient({ baseUrl: server.origin, bearer: "token" });
    const found = await collect(bff.streamDashboard({ ...question, parts: ["totals", "trend"] }));
    expect(found).toEqual([
      { event: "scope", data: scope },
      { event: "parts", data: { totals } },
      { event: "ready", data: {} },
      { event: "bye", data: { reason: "refused", problem: { code: "not-found" } } },
    ]);
    const { url, headers } = server.asked[0]!;
    expect(url).toBe(
      "/api/v1/teams/t/dashboard/stream?adAccountId=act_1&startDate=2026-01-01&endDate=2026-01-31" +
        "&parts=totals&parts=trend",
    );
    expect(headers).toMatchObject({
      accept: "text/event-stream",
      authorization: "Bearer token",
      "x-bff": "1",
    });
  });

  test("is opened again when it is lost, cut or drained, and says so", async () => {
    const server = await serve(
      events(SCOPE + PARTS),
      cut,
      events(SCOPE + READY + told("bye", { reason: "drain", problem: null })),
      json(502, "<h1>Bad Gateway</h1>"),
      problem(503, "draining"),
      events("data: \n\nevent: parts\ndata: {cut off\n\n"),
      json(200, { index: "html" }),
      events(SCOPE + refused),
    );
    const bff = createClient({ baseUrl: server.origin });
    const found = await collect(bff.streamDashboard(question));
    const lost = found.flatMap((one) => (one.event === "reconnecting" ? [one.data.cause?.name] : []));
    expect(lost).toEqual([
      undefined, // it just ended
      "NoAnswerError",
      undefined, // it was drained
      "ProblemError",
      "ProblemError",
      "NoAnswerError",
      "NoAnswerError",
    ]);
    expect(names(found).filter((name) => name !== "reconnecting")).toEqual(
      ["scope", "parts", "scope", "ready", "scope", "bye"],
    );
    expect(server.asked).toHaveLength(8);
  });

  test("passes over what a newer gateway tells", async () => {
    const server = await serve(events(told("weather", { sun: true }) + SCOPE + refused));
    const bff = createClient({ baseUrl: server.origin });
    expect(names(await collect(bff.streamDashboard(question)))).toEqual(["scope", "bye"]);
  });

  test("throws what another attempt would meet again", async () => {
    const errors = [{ pointer: "/query/endDate", message: "is too late" }];
    const server = await serve(problem(422, "invalid", { errors }));
    const stream = createClient({ baseUrl: server.origin }).streamDashboard(question);
    await expect(collect(stream)).rejects.toMatchObject({ code: "invalid", errors });
    expect(server.asked).toHaveLength(1);
  });

  test("that ends with the session is told like every end of a session", async () => {
    const server = await serve(events(SCOPE + told("bye", { reason: "signed-out", problem: null })));
    const onSignedOut = vi.fn();
    const bff = createClient({ baseUrl: server.origin, onSignedOut });
    expect(names(await collect(bff.streamDashboard(question)))).toEqual(["scope", "bye"]);
    expect(onSignedOut).toHaveBeenCalledTimes(1);
  });

  test("stops on its signal while it is quiet, and between two attempts", async () => {
    for (const answer of [events(SCOPE, true), cut]) {
      const server = await serve(answer);
      const stop = new AbortController();
      const bff = createClient({ baseUrl: server.origin });
      const found = [];
      for await (const one of bff.streamDashboard(question, { signal: stop.signal })) {
        found.push(one.event);
        stop.abort();
      }
      expect(found).toHaveLength(1);
      expect(server.asked).toHaveLength(1);
    }
  });

  test("gives its connection back when nobody reads on", async () => {
    const closed = new Promise<void>((resolve) => {
      void serve((asked, response) => {
        asked.socket.on("close", () => resolve());
        events(SCOPE, true)(asked, response);
      }).then(async ({ origin }) => {
        for await (const one of createClient({ baseUrl: origin }).streamDashboard(question)) {
          expect(one.event).toBe("scope");
          break;
        }
      });
    });
    await closed;
  });
});

describe("the waits of a stream", () => {
  /** Streams within the process, since the clock is moved here. */
  function streaming(...answers: (() => Response)[]) {
    const asked: number[] = [];
    const fetch = async () => {
      asked.push(Date.now());
      return answers[Math.min(asked.length, answers.length) - 1]!();
    };
    const bff = createClient({ baseUrl: "http://gateway.example", fetch });
    return { asked, waits: () => asked.slice(1).map((at, place) => at - asked[place]!), bff };
  }
  const stream = (text: string, hold = false) => () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text));
          if (!hold) controller.close();
        },
      }),
      { headers: { "Content-Type": "text/event-stream" } },
    );
  const lost = () => {
    throw new TypeError("fetch failed");
  };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
  });
  afterEach(() => void vi.useRealTimers());

  async function finished(question_: AsyncIterable<DashboardEvent>): Promise<void> {
    const done = collect(question_);
    await vi.runAllTimersAsync();
    await done;
  }

  test("grow to half a minute, and begin anew once a stream was whole", async () => {
    const broken = Array(8).fill(lost);
    const { waits, bff } = streaming(...broken, stream(SCOPE + READY), stream(refused));
    await finished(bff.streamDashboard(question));
    expect(waits()).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 500]);
  });

  test("do not begin anew with a stream that breaks before it is whole", async () => {
    const { waits, bff } = streaming(lost, stream(SCOPE), stream(SCOPE + PARTS), stream(refused));
    await finished(bff.streamDashboard(question));
    expect(waits()).toEqual([500, 1000, 2000]);
  });

  test("are never shorter than Retry-After", async () => {
    const busy = () => new Response("", { status: 503, headers: { "Retry-After": "90" } });
    const { waits, bff } = streaming(busy, stream(refused));
    await finished(bff.streamDashboard(question));
    expect(waits()).toEqual([90_500]);
  });

  test("are over when a stream says nothing for a minute: it is taken for lost", async () => {
    const { waits, bff } = streaming(stream(SCOPE, true), stream(refused));
    await finished(bff.streamDashboard(question));
    expect(waits()).toEqual([60_500]);
  });
});

describe("applyUpdate", () => {
  const part = (asOf: string) => ({ ...totals, asOf });

  test("replaces the parts that are news, breakdowns one by one, and changes nothing in place", () => {
    const known = Object.freeze({
      ...scope,
      totals: part("1"),
      trend: part("1") as never,
      breakdowns: Object.freeze({ age: part("1") as never, gender: part("1") as never }),
    });
    const now = applyUpdate(known, { totals: part("2"), breakdowns: { age: part("2") as never } });
    expect(now).toEqual({
      ...scope,
      totals: part("2"),
      trend: part("1"),
      breakdowns: { age: part("2"), gender: part("1") },
    });
    expect(known.totals).toEqual(part("1"));
    expect(now.trend).toBe(known.trend);
  });

  test("begins with the scope alone, and takes a dashboard that was read", () => {
    expect(applyUpdate(scope, {})).toEqual(scope);
    const first = applyUpdate(scope, { breakdowns: { age: part("1") as never } });
    expect(first).toEqual({ ...scope, breakdowns: { age: part("1") } });
    const read = { ...scope, totals: part("1") } as Dashboard;
    expect(applyUpdate(read, { totals: part("2") }).totals.asOf).toBe("2");
  });
});
