"""The application: the parts put together, and the routes that lead to them."""

from __future__ import annotations

import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache, partial
from importlib.metadata import version
from typing import TextIO

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from opentelemetry.sdk.trace import SpanProcessor
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.catalogue.operations import Catalogue
from app.clock import Clock, SystemClock
from app.console.pages import routes as pages
from app.console.spa import Spa
from app.errors import Problem
from app.gateway import health
from app.gateway.consents import routes as consent_routes
from app.gateway.description import TITLE, describe
from app.gateway.dispatch import Directory, Dispatch
from app.gateway.entrance import Entrance, Service, entrances
from app.gateway.front import Front
from app.gateway.health import Readiness
from app.gateway.native_exchange import routes as native_routes
from app.gateway.problems import MEDIA_TYPE, document, problem_of
from app.gateway.recall import Memory
from app.gateway.routes import declared_routes
from app.observe.logs import Lines, log_to
from app.observe.requests import Requests
from app.observe.tracing import tracing_of
from app.parts import Parts, addresses_of, host_key_of, make_parts, spa_of
from app.session.backchannel import BackchannelLogout
from app.session.backchannel import router as backchannel_router
from app.session.callers import Callers
from app.session.cookies import CookieRules
from app.session.journal import Journal
from app.session.login_flow import LoginFlow
from app.session.logins import Logins
from app.session.native import CODE_SECONDS, NativeSignIn
from app.session.one_use import Briefly
from app.session.own_sessions import OwnSessions
from app.session.own_sessions import router as own_sessions_router
from app.session.routes import SessionRoutes
from app.session.routes import router as session_router
from app.session.rp_logout import ADDRESS_SECONDS, RpLogout
from app.session.rp_logout import routes as logout_routes
from app.session.sessions import Sessions
from app.session.throttle import SignInThrottle
from app.session.watches import Watches
from app.settings import Settings, SettingsFault
from app.settings_check import faults


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    log_stream: TextIO | None = None,
    chance: Callable[[], float] = random.random,
    spans: SpanProcessor | None = None,
) -> Gateway:
    """The application, with its `Parts` as `app.state.parts` and its `Memory` as `app.state.memory`.

    `spans` takes what is traced, where it is not to be exported. Raises SettingsFault when these settings would not be safe to start with.
    """
    clock = clock or SystemClock()
    if sentences := unsound(settings, clock):
        raise SettingsFault(sentences)
    out = log_stream or sys.stdout
    lines = Lines(settings.log, out)
    log = log_to(lines)
    gateway_version = version("ads-bff")
    proxies = settings.public.trusted_proxies
    tracing = tracing_of(settings.tracing, proxies, gateway_version, spans)
    parts = make_parts(settings, clock, log, chance, out, tracing)
    app = Gateway(
        title=TITLE,
        version=gateway_version,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # FastAPI's own spans carry path and query, and with it the code at /auth/callback (decision 30).
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan(parts),
    )
    app.state.parts = parts
    requests = Requests(
        parts.counters, lines, salt=parts.salt, hit_sample=settings.log.hit_sample, chance=chance
    )
    memory = app.state.memory = _add_routes(app, parts, requests)
    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer_problem)
    app.add_exception_handler(Exception, _pass_on)
    served: ASGIApp = Dispatch(app.serve, directory=Directory(app.entrances))
    if settings.public.cors_origins:
        # For bearer callers of other origins only: cookies are never allowed along.
        served = CORSMiddleware(
            served,
            allow_origins=settings.public.cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-None-Match",
                "X-Request-ID",
            ],
            expose_headers=[
                "ETag",
                "Age",
                "Cache-Status",
                "Idempotency-Replayed",
                "Retry-After",
                "RateLimit",
                "RateLimit-Policy",
                "X-Request-ID",
            ],
        )
    if settings.public.trusted_proxies:
        served = ProxyHeadersMiddleware(served, list(settings.public.trusted_proxies))  # type: ignore[arg-type, assignment]
    https = settings.origin.startswith("https://")
    app.front = Front(
        served,
        https=https,
        drain=parts.drain,
        memory=memory,
        requests=requests,
        log=log,
        tracing=tracing,
    )
    return app


class Gateway(FastAPI):
    """The application as servers call it: everything that looks at each request stands before FastAPI,
    whose own layers only see what is not declared."""

    front: ASGIApp
    entrances: list[Entrance]
    catalogue: Catalogue
    _before_pages = 0
    _described = False

    @property
    def routes(self) -> list[BaseRoute]:
        """All of them. Those of declared operations only describe, and are made for whoever looks at them
        first: they take longer than all the rest of a start."""
        routes = self.router.routes
        if not self._described:
            self._described = True
            declared = declared_routes(self.catalogue, self.entrances)
            routes[self._before_pages : self._before_pages] = declared
        return routes

    def pages_follow(self) -> None:
        """What is added from here on answers what nothing before it does."""
        self._before_pages = len(self.router.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front(scope, receive, send)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What FastAPI does with a request."""
        await super().__call__(scope, receive, send)


def unsound(settings: Settings, clock: Clock) -> list[str]:
    """One sentence per reason not to start, those included that only the parts can tell."""
    sentences = faults(settings)
    if not sentences:
        for part in (addresses_of, host_key_of, spa_of):
            try:
                part(settings, clock)
            except SettingsFault as fault:
                sentences += fault.sentences
    return sentences


def _add_routes(app: Gateway, parts: Parts, requests: Requests) -> Memory:
    """Every route; the memory of what they answered stands before all of them."""
    settings, clock = parts.settings, parts.clock
    cookies = CookieRules.of(settings.origin)
    stores = parts.stores
    sessions = Sessions(settings.session, stores.sessions, stores.bars, clock)
    token_cookie = settings.identity.jwt.cookie
    callers = Callers(sessions, cookies, parts.host_tokens, token_cookie, stores.revocations)
    journal = Journal(parts.log, parts.salt, parts.audit, parts.counters)
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
    watches = Watches(
        stores.endings,
        parts.host_tokens,
        stores.revocations,
        noted_every=sessions.noted_every,
    )
    memory = Memory(
        parts.cache.store,
        parts.reading,
        parts.epochs,
        watches,
        parts.drain,
        requests,
        clock,
        settings.origin,
        shared_origins=bool(settings.public.cors_origins),
    )
    service = Service(
        callers,
        memory,
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
    throttle = SignInThrottle(settings.limits.logins_per_minute, parts.rates)
    app.include_router(session_router(handlers, throttle))
    app.include_router(own_sessions_router(own))
    backchannel = BackchannelLogout(parts.provider, sessions, stores.logouts, journal, clock)
    app.include_router(backchannel_router(backchannel))
    app.include_router(logout_routes(rp_logout))
    app.include_router(native_routes(native, throttle, settings.limits.max_body_bytes))
    app.include_router(consent_routes(parts.consents))
    app.catalogue, app.entrances = parts.catalogue, entrances(parts.catalogue, service)
    app.pages_follow()
    if settings.operations.port is None:
        app.include_router(health.routes(Readiness(parts.drain, parts.link)))
    app.openapi = lru_cache(partial(describe, app, parts.catalogue))  # type: ignore[method-assign]
    if settings.shows_docs:
        app.add_route("/openapi.json", _openapi, include_in_schema=False)
    spa = Spa.read(settings.spa)
    app.router.routes.extend(
        pages(console=not settings.production, docs=settings.shows_docs, spa=spa)
    )
    return memory


def _openapi(request: Request) -> Response:
    return JSONResponse(request.app.openapi(), headers={"cache-control": "no-cache"})


def _lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await parts.start()
        yield
        await parts.close()

    return lifespan


async def _pass_on(_request: Request, error: Exception) -> Response:
    """To the last resort, which is ours (gateway/front.py), and not the framework's."""
    raise error


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
