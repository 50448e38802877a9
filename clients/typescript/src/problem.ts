/** What a call fails with: a problem that the gateway tells, or no answer at all. */

import type { FieldFault, ProblemCode, ProblemDocument } from "./bff.js";

/** The base of both. `idempotencyKey` is what a write that spends money was sent with. */
export class BffError extends Error {
  override readonly name: string = "BffError";
  readonly idempotencyKey: string | null;

  constructor(message: string, idempotencyKey: string | null, options?: ErrorOptions) {
    super(message, options);
    this.idempotencyKey = idempotencyKey;
  }
}

/** Nothing came back, or nothing that can be read. Whether a write was carried out is not known. */
export class NoAnswerError extends BffError {
  override readonly name = "NoAnswerError";

  constructor(cause: unknown, idempotencyKey: string | null = null) {
    super("The gateway did not answer", idempotencyKey, { cause });
  }
}

/** Codes may be added at any time; `unknown` is the code of what something else than us answered. */
export type Code = ProblemCode | "unknown" | (string & {});

/** An RFC 9457 problem: decide on `code`, show `detail`, quote `requestId` to support. */
export class ProblemError extends BffError {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly code: Code;
  readonly title: string;
  readonly detail: string | null;
  /** The faults of the input, field by field. */
  readonly errors: readonly FieldFault[];
  readonly requestId: string | null;
  /** Seconds to wait before it is worth asking again; null when the gateway does not say. */
  readonly retryAfter: number | null;

  /** `told` is the body as it was parsed, which need not be a problem document. */
  constructor(response: Response, told: unknown, idempotencyKey: string | null = null) {
    const problem = isDocument(told) ? told : null;
    const title = problem?.title ?? `HTTP ${response.status}`;
    super(problem?.detail ?? title, idempotencyKey);
    this.status = response.status;
    this.code = problem?.code ?? "unknown";
    this.title = title;
    this.detail = problem?.detail ?? null;
    this.errors = problem?.errors ?? [];
    this.requestId = problem?.requestId ?? response.headers.get("X-Request-ID");
    this.retryAfter = secondsToWait(response);
  }
}

/** What to say beside the fields of a form, by pointer (`/body/name`); empty for other errors. */
export function fieldErrors(error: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { pointer, message } of error instanceof ProblemError ? error.errors : []) {
    found[pointer] ??= message;
  }
  return found;
}

/** Retry-After (RFC 9110, section 10.2.3), which is a number of seconds or a date. */
export function secondsToWait(response: Response): number | null {
  const given = response.headers.get("Retry-After");
  if (given === null) return null;
  const seconds = /^\d+$/.test(given) ? Number(given) : (Date.parse(given) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

function isDocument(told: unknown): told is ProblemDocument {
  return typeof told === "object" && told !== null && "code" in told && "title" in told;
}
