/** When to ask again, and how long to wait before. */

import { secondsToWait } from "./problem.js";

export type Fetch = (request: Request) => Promise<Response>;

const READS: readonly string[] = ["GET", "HEAD"];
/** Answers that say "not now": of the gateway, or of what stands before it. */
const PASSING: readonly number[] = [429, 502, 503, 504];
const MOST_RETRIES = 2;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

export const passes = (status: number): boolean => PASSING.includes(status);

/**
 * A fetch that asks again, twice at most, where that is allowed: a read that had no answer, or a
 * passing refusal. A write is sent once. Who is told to wait longer than 10 seconds is not kept
 * waiting: he gets the refusal, with `retryAfter`.
 */
export function retrying(send: Fetch): Fetch {
  return async (request) => {
    const most = READS.includes(request.method) ? MOST_RETRIES : 0;
    for (let retries = 0; retries < most; retries++) {
      const answer = await attempt(send, request.clone());
      if (answer && !passes(answer.status)) return answer;
      const wait = waitAfter(answer, retries);
      if (answer && wait > LONGEST_WAIT) return answer;
      await answer?.body?.cancel();
      await pause(wait, request.signal);
      request.signal.throwIfAborted();
    }
    return send(request);
  };
}

/** Full jitter: anything between nothing and a bound that doubles. In milliseconds. */
export function backoff(failures: number, longest: number): number {
  return Math.random() * Math.min(longest, FIRST_WAIT * 2 ** failures);
}

/** True after so many milliseconds, false as soon as the signal is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve(!signal?.aborted);
    };
    const timer = setTimeout(end, signal?.aborted ? 0 : milliseconds);
    signal?.addEventListener("abort", end);
  });
}

/** Undefined when there was no answer. */
function attempt(send: Fetch, request: Request): Promise<Response | undefined> {
  return send(request).catch(() => undefined);
}

/** Never sooner than we were told; the jitter keeps those apart who were told the same. */
function waitAfter(answer: Response | undefined, retries: number): number {
  const told = answer ? (secondsToWait(answer) ?? 0) : 0;
  return told * 1000 + backoff(retries, LONGEST_WAIT);
}
