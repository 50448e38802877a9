import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { createClient, NoAnswerError } from "../../src/index.js";

const TEAM = "/api/v1/teams/{teamId}";
const params = { path: { teamId: "t" } };

/** A gateway within the process, since the clock is moved here. It remembers when it was asked. */
function gateway(...answers: (() => Response)[]) {
  const asked: { method: string; at: number }[] = [];
  const fetch = async ({ method }: Request) => {
    asked.push({ method, at: Date.now() });
    return answers[Math.min(asked.length, answers.length) - 1]!();
  };
  return { asked, bff: createClient({ baseUrl: "http://gateway.example", fetch }) };
}

const fine = () => Response.json({ id: "t" });
const lost = () => {
  throw new TypeError("fetch failed");
};
const refused = (status: number, retryAfter?: string) => () =>
  new Response("", { status, headers: retryAfter ? { "Retry-After": retryAfter } : {} });

/** What a call comes to when time passes as it may. */
async function settled<T>(call: Promise<T>): Promise<T> {
  call.catch(() => undefined);
  await vi.runAllTimersAsync();
  return call;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a read", () => {
  test.each([429, 502, 503, 504])("is asked again after a %i", async (status) => {
    const { asked, bff } = gateway(refused(status), refused(status), fine);
    expect(await settled(bff.GET(TEAM, { params }))).toEqual({ id: "t" });
    expect(asked).toHaveLength(3);
  });

  test("is asked again when there was no answer, twice at most", async () => {
    const { asked, bff } = gateway(lost);
    await expect(settled(bff.GET(TEAM, { params }))).rejects.toBeInstanceOf(NoAnswerError);
    expect(asked).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 409, 422, 500])("is not asked again after a %i", async (status) => {
    const { asked, bff } = gateway(refused(status), fine);
    await expect(settled(bff.GET(TEAM, { params }))).rejects.toMatchObject({ status });
    expect(asked).toHaveLength(1);
  });

  test("waits longer each time, by chance", async () => {
    const { asked, bff } = gateway(lost, lost, fine);
    await settled(bff.GET(TEAM, { params }));
    expect(asked[1]!.at - asked[0]!.at).toBe(250);
    expect(asked[2]!.at - asked[1]!.at).toBe(500);
  });

  test("is never asked again before Retry-After is over", async () => {
    const { asked, bff } = gateway(refused(503, "7"), fine);
    await settled(bff.GET(TEAM, { params }));
    expect(asked[1]!.at - asked[0]!.at).toBe(7250);
  });

  test("is refused at once when the wait would be long", async () => {
    const { asked, bff } = gateway(refused(503, "11"), fine);
    await expect(settled(bff.GET(TEAM, { params }))).rejects.toMatchObject({ retryAfter: 11 });
    expect(asked).toHaveLength(1);
  });

  test("is not waited for once its signal is aborted", async () => {
    const { asked, bff } = gateway(refused(503, "5"), fine);
    const stop = new AbortController();
    const call = bff.GET(TEAM, { params, signal: stop.signal });
    call.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1000);
    stop.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    expect(asked).toHaveLength(1);
  });
});

describe("a write", () => {
  const writes = [
    ["POST", "/api/v1/teams/{teamId}/meta/lead-forms"],
    ["PATCH", TEAM],
    ["PUT", "/api/v1/workspaces/{enterpriseId}/admin"],
    ["DELETE", TEAM],
  ] as const;

  test.each(writes)("%s is sent once", async (method, path) => {
    for (const answer of [lost, refused(429, "1"), refused(503), refused(504)]) {
      const { asked, bff } = gateway(answer, fine);
      const send = bff[method] as (path: string, init: object) => Promise<unknown>;
      const init = { params: { path: { teamId: "t", enterpriseId: "e" } } };
      await expect(settled(send(path, init))).rejects.toThrow();
      expect(asked).toHaveLength(1);
    }
  });
});
