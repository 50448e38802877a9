/** The dashboard as it happens: streams, opened again when one is lost, and what they change. */

import type {
  ByeEvent,
  Dashboard,
  DashboardScope,
  DashboardUpdate,
  PartsEvent,
  ReadyEvent,
  ScopeEvent,
  operations,
} from "./bff.js";
import { serverSentEvents } from "./events.js";
import { NoAnswerError, ProblemError } from "./problem.js";
import { backoff, passes, pause } from "./retry.js";

type Parameters = operations["streamDashboard"]["parameters"];
export type DashboardQuestion = Parameters["path"] & Parameters["query"];

type Told =
  operations["streamDashboard"]["responses"][200]["content"]["text/event-stream"];

/** Of the client, not of the gateway: the stream is gone; another is opened in `wait` ms. */
export interface ReconnectingEvent {
  event: "reconnecting";
  data: { wait: number; cause: ProblemError | NoAnswerError | null };
}

export type DashboardEvent = ScopeEvent | PartsEvent | ReadyEvent | ByeEvent | ReconnectingEvent;

/** What is known of a dashboard while its parts arrive: an absent part was not told yet. */
export type LiveDashboard = DashboardScope & DashboardUpdate;

const LONGEST_WAIT = 30_000;
/** The gateway says something, if only a comment, more often than this. In milliseconds. */
const LONGEST_SILENCE = 60_000;

/**
 * The events of one stream after another, each opened by `open`. Ends after `bye` and when the
 * signal is aborted; throws the problem that another attempt would meet again.
 */
export async function* follow(
  open: () => Promise<ReadableStream<Uint8Array>>,
  signal?: AbortSignal,
): AsyncGenerator<DashboardEvent, void, undefined> {
  for (let failures = 0; ; failures++) {
    let cause: ReconnectingEvent["data"]["cause"] = null;
    try {
      for await (const told of toldIn(await open())) {
        if (told.event === "ready") failures = 0;
        if (told.event === "bye" && told.data.reason === "drain") break;
        yield told;
        if (told.event === "bye") return;
      }
    } catch (error) {
      cause = passing(error);
    }
    const wait = secondsOf(cause) * 1000 + backoff(failures, LONGEST_WAIT);
    if (!signal?.aborted) yield { event: "reconnecting", data: { wait, cause } };
    if (!(await pause(wait, signal))) return;
  }
}

/**
 * The dashboard with the parts that are news, each in place of what was known of it. Nothing is
 * changed in place. Begin with the data of `scope`, or with a dashboard that was read before.
 */
export function applyUpdate(known: Dashboard, update: DashboardUpdate): Dashboard;
export function applyUpdate(known: LiveDashboard, update: DashboardUpdate): LiveDashboard;
export function applyUpdate(known: LiveDashboard, update: DashboardUpdate): LiveDashboard {
  const { breakdowns, ...parts } = update;
  if (!breakdowns) return { ...known, ...parts };
  return { ...known, ...parts, breakdowns: { ...known.breakdowns, ...breakdowns } };
}

/** Events that this client does not know are passed over: the gateway may be newer. */
async function* toldIn(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Told, void, undefined> {
  for await (const { event, data } of serverSentEvents(body, LONGEST_SILENCE)) {
    if (event === "scope" || event === "parts" || event === "ready" || event === "bye") {
      yield { event, data: JSON.parse(data) } as Told;
    }
  }
}

/** The reason to try again; throws when there is none. */
function passing(error: unknown): ProblemError | NoAnswerError {
  if (error instanceof NoAnswerError) return error;
  if (!(error instanceof ProblemError)) return new NoAnswerError(error);
  if (passes(error.status)) return error;
  throw error;
}

const secondsOf = (cause: ProblemError | NoAnswerError | null): number =>
  cause instanceof ProblemError ? (cause.retryAfter ?? 0) : 0;
