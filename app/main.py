"""The only place where the parts are put together."""

from __future__ import annotations

import random
import secrets
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TextIO

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from structlog.typing import FilteringBoundLogger
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.cache.cache import Cache
from app.cache.epochs import Epochs, LocalEpochs
from app.cache.leases import Leases
from app.cache.redis_epochs import RedisEpochs
from app.cache.redis_link import RedisLink
from app.cache.second_level import SecondLevel
from app.cache.store import Store
from app.catalogue.address import Address
from app.catalogue.extensions import catalogue_with
from app.catalogue.operations import Catalogue
from app.clock import Clock, SystemClock
from app.console.pages import routes as pages
from app.console.spa import Spa
from app.errors import Problem, UpstreamTimeout, UpstreamUnavailable
from app.gateway import health
from app.gateway.access import Access
from app.gateway.attempts import Attempt, names_of
from app.gateway.composing import Composing
from app.gateway.consents import MOST_ERRANDS, Consents, Errand
from app.gateway.consents import routes as consent_routes
from app.gateway.description import TITLE, describe
from app.gateway.draining import Drain
from app.gateway.facts import Facts
from app.gateway.following import Means
from app.gateway.front import Front
from app.gateway.native_exchange import routes as native_routes
from app.gateway.pipeline import Pipeline
from app.gateway.problems import MEDIA_TYPE, document, problem_of
from app.gateway.proofs import Proofs
from app.gateway.reading import Reading
from app.gateway.recording import Recording
from app.gateway.routes import Service, declared_routes
from app.gateway.spending import Spending
from app.gateway.streaming import Streams
from app.gateway.trimming import Trimming
from app.ledger.grants import Grants
from app.ledger.redis_grants import RedisGrants
from app.ledger.sqlite_grants import SqliteGrants
from app.ledger.sqlite_records import SqliteRecords
from app.observe.counters import Counters
from app.observe.logs import make_log
from app.sealing import Sealing
from app.session.backchannel import BackchannelLogout
from app.session.backchannel import router as backchannel_router
from app.session.callers import Callers
from app.session.claims import ClaimRules
from app.session.cookies import CookieRules
from app.session.fetch import Fetch, Fetched
from app.session.host_jwt import HostTokens
from app.session.host_keys import OwnKey, keys_of
from app.session.identity_provider import IdentityProvider
from app.session.journal import Journal
from app.session.login_flow import LoginFlow
from app.session.logins import Logins
from app.session.native import CODE_SECONDS, NativeSignIn
from app.session.one_use import Briefly
from app.session.own_sessions import OwnSessions
from app.session.own_sessions import router as own_sessions_router
from app.session.records import LocalRecords, Records
from app.session.redis_records import RedisRecords
from app.session.routes import SessionRoutes
from app.session.routes import router as session_router
from app.session.rp_logout import ADDRESS_SECONDS, RpLogout
from app.session.rp_logout import routes as logout_routes
from app.session.sessions import Sessions
from app.session.stores import Stores
from app.session.throttle import SignInThrottle
from app.settings import AccountIds, Settings, SettingsFault
from app.settings_check import faults
from app.upstream.client import Platform
from app.upstream.exchange import (
    Exchange,
    ExchangeError,
    ExchangeTimeout,
    HttpxExchange,
    Outgoing,
)
from app.upstream.key import KeyRing
from app.upstream.shared_tokens import SharedTokens

# What the identity provider may take and send.
PROVIDER_DEADLINE = 5.0
PROVIDER_ANSWER_BYTES = 1024 * 1024
PROVIDER_CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the application."""

    settings: Settings
    clock: Clock
    log: FilteringBoundLogger
    salt: bytes
    counters: Counters
    catalogue: Catalogue
    epochs: Epochs
    cache: Cache
    grants: Grants
    platform: Platform
    facts: Facts
    consents: Consents
    reading: Reading
    pipeline: Pipeline
    streams: Streams
    attempts: Records[Attempt]
    spending: Spending
    drain: Drain
    link: RedisLink | None
    stores: Stores
    provider: IdentityProvider | None
    host_tokens: HostTokens | None
    fetching: Exchange

    async def start(self) -> None:
        """Connect what listens all the time."""
        if self.link is not None:
            await self.link.start()

    async def close(self) -> None:
        """End every task and connection; the order is from those who ask to those who are asked."""
        await self.spending.close()
        await self.reading.close()
        await self.cache.close()
        await self.facts.close()
        await self.platform.close()
        if self.link is not None:
            await self.link.close()
        if self.provider is not None:
            await self.provider.close()
        if self.host_tokens is not None:
            await self.host_tokens.close()
        await self.fetching.close()
        await self.grants.close()
        if isinstance(self.attempts, SqliteRecords):
            await self.attempts.close()


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    log_stream: TextIO | None = None,
    chance: Callable[[], float] = random.random,
) -> FastAPI:
    """The application, with its `Parts` as `app.state.parts`.

    Raises SettingsFault when these settings would not be safe to start with.
    """
    clock = clock or SystemClock()
    if sentences := unsound(settings, clock):
        raise SettingsFault(sentences)
    log = make_log(settings.log, log_stream or sys.stdout)
    parts = make_parts(settings, clock, log, chance)
    app = FastAPI(
        title=TITLE,
        version=version("ads-bff"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # FastAPI's own spans carry the query, and with it the code at /auth/callback.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan(parts),
    )
    app.state.parts = parts
    _add_routes(app, parts)
    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer_problem)
    if settings.public.cors_origins:
        # For bearer callers of other origins only: cookies are never allowed along.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.public.cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-None-Match",
                "X-Request-ID",
            ],
            expose_headers=["ETag", "Age", "Cache-Status", "Idempotency-Replayed", "X-Request-ID"],
        )
    if settings.public.trusted_proxies:
        app.add_middleware(
            ProxyHeadersMiddleware, trusted_hosts=list(settings.public.trusted_proxies)
        )
    https = settings.origin.startswith("https://")
    app.add_middleware(Front, https=https, counters=parts.counters, log=log)
    return app


def unsound(settings: Settings, clock: Clock) -> list[str]:
    """One sentence per reason not to start, those included that only the parts can tell."""
    sentences = faults(settings)
    if not sentences:
        for part in (_addresses, _host_key, _spa):
            try:
                part(settings, clock)
            except SettingsFault as fault:
                sentences += fault.sentences
    return sentences


def make_parts(
    settings: Settings,
    clock: Clock,
    log: FilteringBoundLogger,
    chance: Callable[[], float] = random.random,
) -> Parts:
    """Every part with what it needs; nothing is connected yet. `chance` gives numbers from 0 to 1."""
    upstream, access = settings.upstream, settings.access
    counters = Counters()
    catalogue = catalogue_with(settings.catalogue.extra)
    salt = secrets.token_bytes(16)
    link = _link(settings, counters, log)
    sealing = settings.session.sealing()
    epochs: Epochs = RedisEpochs(link, clock) if link else LocalEpochs(clock)
    second = tokens = None
    if link is not None:
        leases = Leases(link)
        second = SecondLevel(link, leases, sealing, clock, counters)
        tokens = SharedTokens(link, leases, sealing, clock, counters)
    stores = Stores.shared(link, sealing, clock, counters) if link else Stores.local(clock)
    cache = Cache(Store(settings.cache.max_bytes), second, epochs, clock, chance)
    grants = RedisGrants(link, sealing, epochs) if link else ledger_in_file(settings)
    platform = _platform(settings, clock, counters, log, tokens)
    if link is not None:
        link.on_message(platform.tokens.forgotten)
    facts = Facts(
        platform,
        epochs,
        clock,
        deadline=upstream.read_deadline,
        outage_seconds=access.outage_seconds,
    )
    errands: Records[Errand] = (
        RedisRecords("consent", "k", Errand, link, sealing, clock, counters)
        if link
        else LocalRecords(clock, MOST_ERRANDS)
    )
    redirects = settings.public.redirects
    consents = Consents(settings.origin, redirects, errands, link, epochs, clock)
    trimming = Trimming(catalogue.operations, counters, log)
    reading = Reading(
        cache,
        epochs,
        Proofs(epochs, clock, ttl=access.ttl_seconds, outage=access.outage_seconds),
        Proofs(epochs, clock, ttl=access.ttl_seconds, outage=access.outage_seconds),
        platform,
        trimming,
        consents,
        clock,
        log,
        deadline=upstream.read_deadline,
    )
    # Half of the connections: the other half is for whoever signs in, writes, or reads one thing.
    composing = Composing(
        reading,
        clock,
        at_once=max(1, upstream.max_connections // 2),
        deadline=upstream.read_deadline,
    )
    attempts = attempts_of(settings, link, sealing, clock, counters)
    spending = Spending(
        attempts,
        reading.anew,
        catalogue,
        clock,
        log,
        deadline=upstream.write_deadline,
    )
    judge = Access(
        facts,
        grants,
        access,
        consents.under_way,
        counters,
        log,
        salt,
        insights_by_internal_id=upstream.insights_account_id is AccountIds.INTERNAL,
    )
    pipeline = Pipeline(
        judge,
        reading,
        composing,
        spending,
        epochs,
        platform,
        trimming,
        grants,
        Recording(grants, clock),
        consents,
        upstream,
        clock,
        log,
        settings.limits,
    )
    drain = Drain()
    streams = Streams(Means(pipeline, composing, epochs, drain, clock))
    fetching = HttpxExchange(
        connect_timeout=upstream.connect_timeout,
        max_connections=PROVIDER_CONNECTIONS,
        max_answer_bytes=PROVIDER_ANSWER_BYTES,
    )
    provider = _provider(settings, clock, fetching)
    return Parts(
        settings,
        clock,
        log,
        salt,
        counters,
        catalogue,
        epochs,
        cache,
        grants,
        platform,
        facts,
        consents,
        reading,
        pipeline,
        streams,
        attempts,
        spending,
        drain,
        link,
        stores,
        provider,
        _host_tokens(settings, clock, fetching, log),
        fetching,
    )


def _addresses(settings: Settings, _clock: Clock) -> dict[str, Address]:
    return catalogue_with(settings.catalogue.extra).addresses(settings.upstream.routes)


def _host_key(settings: Settings, _clock: Clock) -> OwnKey | None:
    jwt = settings.identity.jwt
    return OwnKey(jwt) if jwt.issuer and not jwt.jwks_url else None


def _spa(settings: Settings, _clock: Clock) -> Spa | None:
    return Spa.read(settings.spa)


def _host_tokens(
    settings: Settings, clock: Clock, fetching: Exchange, log: FilteringBoundLogger
) -> HostTokens | None:
    jwt = settings.identity.jwt
    if not jwt.issuer:
        return None
    keys = keys_of(jwt, _fetch_with(fetching), clock, log)
    rules = ClaimRules.of(settings.identity, settings.explain.claim)
    return HostTokens(jwt, rules, keys, clock)


def ledger_in_file(settings: Settings) -> Grants:
    """The ledger at its path; raises SettingsFault."""
    try:
        return SqliteGrants(settings.ledger.path)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsFault([f"BFF_LEDGER__PATH cannot be opened: {why}."]) from None


def attempts_of(
    settings: Settings,
    link: RedisLink | None,
    sealing: Sealing,
    clock: Clock,
    counters: Counters,
) -> Records[Attempt]:
    """Where attempts to spend money are remembered: as durably as the ledger."""
    if link is not None:
        return RedisRecords("attempt", "w", Attempt, link, sealing, clock, counters, names_of)
    return attempts_in_file(settings, clock)


def attempts_in_file(settings: Settings, clock: Clock) -> SqliteRecords[Attempt]:
    """Beside the ledger's permissions, in the same file."""
    return SqliteRecords(settings.ledger.path, "attempt", Attempt, clock, names_of)


def _platform(
    settings: Settings,
    clock: Clock,
    counters: Counters,
    log: FilteringBoundLogger,
    shared_tokens: SharedTokens | None,
) -> Platform:
    upstream = settings.upstream
    assert upstream.base_url is not None
    exchange = HttpxExchange(
        connect_timeout=upstream.connect_timeout, max_connections=upstream.max_connections
    )
    return Platform(
        upstream.base_url,
        exchange,
        KeyRing(upstream.key(), clock),
        _addresses(settings, clock),
        clock,
        counters,
        log,
        token_deadline=upstream.read_deadline,
        shared_tokens=shared_tokens,
    )


def _link(settings: Settings, counters: Counters, log: FilteringBoundLogger) -> RedisLink | None:
    url = settings.redis.address().current()
    return RedisLink(url, settings.redis.prefix, counters, log) if url else None


def _provider(settings: Settings, clock: Clock, fetching: Exchange) -> IdentityProvider | None:
    if settings.identity.oidc.issuer is None:
        return None
    return IdentityProvider(
        settings.identity.oidc,
        ClaimRules.of(settings.identity, settings.explain.claim),
        f"{settings.origin}/auth/callback",
        _fetch_with(fetching),
        clock,
    )


def _fetch_with(exchange: Exchange) -> Fetch:
    """The side of the exchange of those who sign people in."""

    async def fetch(
        method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Fetched:
        try:
            answer = await exchange.send(
                Outgoing(method, url, headers, body or None), PROVIDER_DEADLINE
            )
        except ExchangeTimeout as error:
            raise UpstreamTimeout(reason=str(error)) from None
        except ExchangeError as error:
            raise UpstreamUnavailable(reason=str(error)) from None
        return Fetched(answer.status, answer.headers, answer.body)

    return fetch


def _add_routes(app: FastAPI, parts: Parts) -> None:
    settings, clock = parts.settings, parts.clock
    cookies = CookieRules.of(settings.origin)
    stores = parts.stores
    sessions = Sessions(settings.session, stores.sessions, stores.bars, clock)
    token_cookie = settings.identity.jwt.cookie
    callers = Callers(sessions, cookies, parts.host_tokens, token_cookie, stores.revocations)
    journal = Journal(parts.log, parts.salt)
    rp_logout = RpLogout(
        parts.provider,
        Briefly(stores.hints, clock, settings.session.absolute_seconds),
        Briefly(stores.addresses, clock, ADDRESS_SECONDS),
        settings.origin,
    )
    codes = Briefly(stores.codes, clock, CODE_SECONDS)
    native = NativeSignIn(
        settings.public.native_redirects, codes, sessions, rp_logout, journal, clock
    )
    logins = Logins(stores.logins, clock)
    flow = LoginFlow(parts.provider, logins, sessions, cookies, journal, rp_logout, native)
    handlers = SessionRoutes(
        origin=settings.origin,
        flow=flow,
        callers=callers,
        sessions=sessions,
        cookies=cookies,
        journal=journal,
        clock=clock,
        rp_logout=rp_logout,
    )
    service = Service(
        callers,
        parts.pipeline,
        parts.streams,
        parts.cache.store,
        clock,
        settings.origin,
        settings.limits.max_body_bytes,
        explains_all=not settings.production,
    )
    own = OwnSessions(
        origin=settings.origin,
        callers=callers,
        sessions=sessions,
        cookies=cookies,
        journal=journal,
    )
    # Replicas have to count the same address under the same name.
    salt = next(iter(settings.session.ring()), parts.salt)
    throttle = SignInThrottle(settings.limits.logins_per_minute, salt, parts.link)
    app.include_router(session_router(handlers, throttle))
    app.include_router(own_sessions_router(own))
    backchannel = BackchannelLogout(parts.provider, sessions, stores.logouts, journal, clock)
    app.include_router(backchannel_router(backchannel))
    app.include_router(logout_routes(rp_logout))
    app.include_router(native_routes(native, throttle, settings.limits.max_body_bytes))
    app.include_router(consent_routes(parts.consents))
    app.routes.extend(declared_routes(parts.catalogue, service))
    app.include_router(health.routes())
    app.openapi_schema = describe(app, parts.catalogue)
    if settings.shows_docs:
        app.add_route("/openapi.json", _openapi, include_in_schema=False)
    spa = Spa.read(settings.spa)
    app.routes.extend(pages(console=not settings.production, docs=settings.shows_docs, spa=spa))


def _openapi(request: Request) -> Response:
    return JSONResponse(request.app.openapi_schema, headers={"cache-control": "no-cache"})


def _lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await parts.start()
        yield
        await parts.close()

    return lifespan


async def _answer_problem(request: Request, error: Exception) -> Response:
    """Problems that ordinary handlers raise, and the framework's own errors."""
    problem = problem_of(error)
    request.scope["problem"] = problem
    return Response(
        document(problem, request.scope["request_id"]),
        problem.status,
        {**problem.headers, "cache-control": "no-store"},
        MEDIA_TYPE,
    )
