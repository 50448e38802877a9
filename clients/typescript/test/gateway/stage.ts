/** The gateway that the tests are told of, and browsers in which demo users are signed in. */

import { type BffClient, type ClientOptions, createClient } from "../../src/index.js";

/** Set by tests/clients/test_gateway.py, which starts the gateway and its sandbox. */
const stage = JSON.parse(process.env["BFF_STAGE"] ?? "{}") as {
  origin: string;
  sandbox: string;
  cookies: Record<string, string>;
};

export const params = { path: { teamId: "team-acme-brand" } };
export const account = { ...params, query: { adAccountId: "act_1001" } };

/** Sends what a page of the gateway's origin would send by itself. */
export function signedIn(user: string, options: ClientOptions = {}): BffClient {
  const cookie = stage.cookies[user];
  if (cookie === undefined) throw new Error(`Nobody signed ${user} in`);
  return createClient({
    baseUrl: stage.origin,
    fetch: (request) => {
      const sent = new Request(request);
      sent.headers.set("Cookie", cookie);
      sent.headers.set("Sec-Fetch-Site", "same-origin");
      return fetch(sent);
    },
    ...options,
  });
}

/** The sandbox's controls: faults, and what arrived. */
export async function sandbox<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${stage.sandbox}/_sandbox${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return (response.status === 204 ? undefined : await response.json()) as T;
}
