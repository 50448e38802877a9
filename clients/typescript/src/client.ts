/** The client: openapi-fetch with what the gateway expects of its callers. */

import openapi, {
  type Client,
  type ClientPathsWithMethod,
  type FetchResponse,
  type MaybeOptionalInit,
} from "openapi-fetch";

import type { paths } from "./bff.js";
import { type DashboardEvent, type DashboardQuestion, follow } from "./dashboard.js";
import { NoAnswerError, ProblemError } from "./problem.js";
import { type Fetch, retrying } from "./retry.js";

export interface ClientOptions {
  /** Where the gateway is; default: the origin of the page. */
  baseUrl?: string;
  /** In place of the global `fetch`. */
  fetch?: Fetch;
  /** For callers without a cookie: the token, or how to get it for each call. */
  bearer?: string | (() => string | Promise<string>);
  /** Mark every call as one that nobody waits for: such calls do not keep the session alive. */
  background?: boolean;
  /** Called once when the session has ended, however many calls find out. */
  onSignedOut?: () => void;
}

export interface CallOptions {
  /** Mark this call as one that nobody waits for, e.g. a poll. */
  background?: boolean;
  /** The key of a write that spends money; default: a fresh one. */
  idempotencyKey?: string;
}

const STREAM = "/api/v1/teams/{teamId}/dashboard/stream" satisfies keyof paths;

/** The writes that spend money: each is sent with a key. The document decides which they are. */
const KEYED: Record<KeyedPath, true> = {
  "/api/v1/teams/{teamId}/meta/campaigns/traffic": true,
  "/api/v1/teams/{teamId}/meta/campaigns/sales": true,
  "/api/v1/teams/{teamId}/meta/campaigns/leads": true,
  "/api/v1/teams/{teamId}/meta/campaigns/awareness": true,
  "/api/v1/teams/{teamId}/meta/campaigns/engagement": true,
  "/api/v1/teams/{teamId}/meta/lead-forms": true,
};


interface Keyed {
  post: { parameters: { header: { "Idempotency-Key": string } } };
}
type KeyedPath = { [P in keyof paths]: paths[P] extends Keyed ? P : never }[keyof paths];
/** The surface without the headers that this client sends by itself. */
type Surface = { [P in keyof paths]: { [M in keyof paths[P]]: Headless<paths[P][M]> } };
type Headless<T> = T extends { parameters: infer Q }
  ? Omit<T, "parameters"> & { parameters: Omit<Q, "header"> & { header?: never } }
  : T;
type Method = "get" | "post" | "put" | "patch" | "delete";
type Path<M extends Method> = Exclude<ClientPathsWithMethod<Client<paths>, M>, typeof STREAM>;
type Init<P extends keyof paths, M extends Method> = MaybeOptionalInit<Surface[P], M> & CallOptions;
/** What a call resolves to: the body of the answer, undefined where there is none. */
export type Answer<M extends Method, P extends Path<M>> =
  paths[P][M] extends infer T extends Record<string | number, unknown>
    ? Extract<FetchResponse<T, unknown, "application/json">, { error?: never }>["data"]
    : never;

type Call<M extends Method> = <P extends Path<M>>(
  path: P,
  ...init: {} extends Init<P, M> ? [init?: Init<P, M>] : [init: Init<P, M>]
) => Promise<Answer<M, P>>;

type Listed = {
  [P in Path<"get">]: Answer<"get", P> extends { items: unknown[]; nextCursor: string | null }
    ? P
    : never;
}[Path<"get">];

export interface BffClient {
  GET: Call<"get">;
  POST: Call<"post">;
  PUT: Call<"put">;
  PATCH: Call<"patch">;
  DELETE: Call<"delete">;
  /** The pages of a list, one call after another as they are wanted. */
  pages<P extends Listed>(path: P, init: Init<P, "get">): AsyncGenerator<Answer<"get", P>, void>;
  /** The figures of an ad account, and whatever changes in them until the signal is aborted. */
  streamDashboard(
    question: DashboardQuestion,
    options?: { signal?: AbortSignal },
  ): AsyncGenerator<DashboardEvent, void>;
}

/** A client of the gateway. Its calls resolve to the body of the answer, or reject with a BffError. */
export function createClient(options: ClientOptions = {}): BffClient {
  const { baseUrl, bearer, onSignedOut } = options;
  const send: Fetch = options.fetch ?? ((request) => fetch(request));
  const api = openapi<paths>({
    baseUrl,
    fetch: retrying(send),
    headers: { "X-BFF": "1" },
    credentials: bearer === undefined ? "same-origin" : "omit",
  }) as unknown as Untyped;
  const session = { ends: 0, signedOut: false };

  async function call(method: Method, path: string, init: UntypedInit = {}): Promise<unknown> {
    const { background = options.background, idempotencyKey, ...rest } = init;
    const keyed = method === "post" && path in KEYED;
    const key = idempotencyKey ?? (keyed ? crypto.randomUUID() : null);
    const headers = {
      ...rest.headers,
      ...(bearer !== undefined && { Authorization: `Bearer ${await tokenOf(bearer)}` }),
      ...(background && { "X-BFF-Background": "1" }),
      ...(key !== null && { "Idempotency-Key": key }),
    };
    const begun = session.ends;
    const { data, error, response } = await api
      .request(method, path, { ...rest, headers })
      .catch((cause: unknown) => {
        throw rest.signal?.aborted ? cause : new NoAnswerError(cause, key);
      });
    if (response.status === 401) signOut();
    // An answer that was on its way when the session ended says nothing of the next one.
    else if (response.ok && begun === session.ends) session.signedOut = false;
    if (!response.ok) throw new ProblemError(response, error, key);
    return data;
  }

  function signOut(): void {
    if (session.signedOut) return;
    session.signedOut = true;
    session.ends++;
    onSignedOut?.();
  }

  async function* pages(path: string, init: UntypedInit = {}): AsyncGenerator<unknown, void> {
    const { params = {} } = init;
    let cursor: string | null | undefined = params.query?.cursor as string | undefined;
    do {
      const query = { ...params.query, cursor };
      const page = await call("get", path, { ...init, params: { ...params, query } });
      yield page;
      cursor = (page as { nextCursor: string | null }).nextCursor;
    } while (cursor);
  }

  async function* streamDashboard(
    { teamId, ...query }: DashboardQuestion,
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<DashboardEvent, void> {
    const asked = {
      params: { path: { teamId }, query },
      headers: { Accept: "text/event-stream" },
      parseAs: "stream",
      fetch: send, // it is opened again with patience of its own
      middleware: [{ onResponse: onlyEvents }],
      signal,
    };
    const open = () => call("get", STREAM, asked) as Promise<ReadableStream<Uint8Array>>;
    for await (const told of follow(open, signal)) {
      if (told.event === "bye" && told.data.reason === "signed-out") signOut();
      yield told;
    }
  }

  const verb = (method: Method) => (path: string, init?: UntypedInit) => call(method, path, init);
  const client = {
    GET: verb("get"),
    POST: verb("post"),
    PUT: verb("put"),
    PATCH: verb("patch"),
    DELETE: verb("delete"),
    pages,
    streamDashboard,
  };
  return client as unknown as BffClient;
}

/** What the typed surface comes down to when it runs. */
interface UntypedInit extends CallOptions {
  params?: { path?: Record<string, unknown>; query?: Record<string, unknown> };
  headers?: Record<string, string>;
  signal?: AbortSignal;
  [more: string]: unknown;
}

interface Untyped {
  request(
    method: Method,
    path: string,
    init: UntypedInit,
  ): Promise<{ data?: unknown; error?: unknown; response: Response }>;
}

const tokenOf = (bearer: NonNullable<ClientOptions["bearer"]>): string | Promise<string> =>
  typeof bearer === "string" ? bearer : bearer();

/** A page in place of the stream would otherwise look like a stream that says nothing. */
function onlyEvents({ response }: { response: Response }): void {
  const type = response.headers.get("Content-Type") ?? "";
  if (response.ok && !type.startsWith("text/event-stream")) throw new Error(`It is ${type}`);
}
