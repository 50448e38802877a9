// The gateway's job with Fastify: the user of a verified token, his answers in an LRU, the platform
// asked by undici for what is not there, its rows trimmed to what the frontend gets.
//
// PORT and PLATFORM say where; with TRIM=0 the platform is asked for answers that are trimmed already.

import { createHash } from "node:crypto";
import fastifyCookie from "@fastify/cookie";
import fastifyJwt from "@fastify/jwt";
import Fastify from "fastify";
import { LRUCache } from "lru-cache";
import { Pool } from "undici";

const { PORT, PLATFORM, TRIM, BENCH_SECRET, BENCH_ISSUER, BENCH_AUDIENCE } = process.env;

const answers = new LRUCache({
  maxSize: 512 * 1024 * 1024,
  sizeCalculation: (kept) => kept.body.length + 500,
  ttl: 3_600_000,
});
const platform = new Pool(PLATFORM, { connections: 100, pipelining: 1 });
const app = Fastify({ logger: false });

await app.register(fastifyCookie);
await app.register(fastifyJwt, {
  secret: BENCH_SECRET,
  cookie: { cookieName: "session" },
  verify: {
    algorithms: ["HS256"],
    allowedIss: BENCH_ISSUER,
    allowedAud: BENCH_AUDIENCE,
    cache: 10_000, // a token that was verified is remembered until it expires
    onlyCookie: true,
  },
});

app.get(
  "/api/v1/teams/:team/meta/insights",
  { onRequest: (request) => request.jwtVerify() },
  async (request, reply) => {
    const key = `${request.user.sub} ${request.url}`;
    let kept = answers.get(key);
    reply.header("cache-status", kept ? "fastify; hit" : "fastify; fwd=miss; stored");
    if (!kept) {
      kept = await load(request);
      answers.set(key, kept);
    }
    reply.header("etag", kept.etag).header("cache-control", "private, no-cache");
    if (request.headers["if-none-match"] === kept.etag) return reply.code(304).send();
    return reply.type("application/json").send(kept.body);
  },
);

async function load(request) {
  const { query } = request;
  const answer = await platform.request({
    method: "GET",
    path: TRIM === "0" ? `/public/${query.level === "ad" ? "60-kb" : "4-kb"}` : path(request),
    headers: { accept: "application/json" },
  });
  if (answer.statusCode !== 200) throw new Error(`the platform answered ${answer.statusCode}`);
  const body =
    TRIM === "0"
      ? Buffer.from(await answer.body.arrayBuffer())
      : Buffer.from(JSON.stringify(page((await answer.body.json()).data)));
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"` };
}

const WIRE = { actionValues: "action_values" };
const SEVEN = ["impressions", "clicks", "spend", "cpm", "cpc", "actions", "actionValues"];
const WHO = {
  campaign: ["campaign_id", "campaign_name"],
  ad: ["campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name"],
};

function path({ params, query }) {
  const level = query.level ?? "campaign";
  const fields = [WHO[level], query.fields ?? SEVEN].flat().map((name) => WIRE[name] ?? name);
  const asked = new URLSearchParams({
    adAccountId: query.adAccountId,
    startDate: query.startDate,
    endDate: query.endDate,
    level,
    ...(query.breakdown && { breakdown: query.breakdown }),
    fields: fields.join(","),
  });
  return `/api/v1/${params.team}/meta/insights?${asked}`;
}

const page = (data) => ({ items: data.map(row), nextCursor: null });

const row = (wire) => ({
  campaignId: wire.campaign_id ?? null,
  campaignName: wire.campaign_name ?? null,
  adSetId: wire.adset_id ?? null,
  adSetName: wire.adset_name ?? null,
  adId: wire.ad_id ?? null,
  adName: wire.ad_name ?? null,
  dateStart: wire.date_start ?? null,
  dateStop: wire.date_stop ?? null,
  breakdown: wire.gender === undefined ? null : { name: "gender", value: wire.gender },
  impressions: figure(wire.impressions),
  clicks: figure(wire.clicks),
  spend: figure(wire.spend),
  cpm: figure(wire.cpm),
  cpc: figure(wire.cpc),
  reach: figure(wire.reach),
  frequency: figure(wire.frequency),
  ctr: figure(wire.ctr),
  actions: actions(wire.actions),
  actionValues: actions(wire.action_values),
});

function figure(value) {
  if (value === undefined || value === null) return null;
  const number = Number(value);
  if (!Number.isFinite(number)) throw new Error("not a figure");
  return number;
}

const actions = (list) =>
  list?.map((one) => ({ actionType: one.action_type, value: figure(one.value) })) ?? null;

await app.listen({ port: Number(PORT), host: "127.0.0.1", backlog: 4096 });
