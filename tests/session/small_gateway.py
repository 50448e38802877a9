"""The session layer alone behind a real port: its routes, and /who, which answers who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from structlog.typing import EventDict, WrappedLogger

from app.cache.rates import Rates
from app.clock import MovableClock
from app.errors import Problem
from app.observe.counters import Counters
from app.session.backchannel import BackchannelLogout
from app.session.backchannel import router as backchannel_router
from app.session.callers import Callers, is_background
from app.session.claims import ClaimRules
from app.session.cookies import CookieRules
from app.session.fetch import Fetch
from app.session.host_jwt import HostTokens
from app.session.host_keys import keys_of
from app.session.identity_provider import IdentityProvider
from app.session.journal import Journal
from app.session.login_flow import LoginFlow
from app.session.logins import Logins
from app.session.native import NativeSignIn
from app.session.one_use import Briefly
from app.session.routes import SessionRoutes, router
from app.session.rp_logout import RpLogout
from app.session.rp_logout import routes as logout_routes
from app.session.sessions import Sessions
from app.session.signatures import ENGINES, Engine
from app.session.stores import Stores
from app.session.throttle import SignInThrottle
from app.settings import IdentitySettings, JwtSettings, OidcSettings, SessionSettings


@dataclass
class SmallGateway:
    """The parts, put together for one origin. `lines` are the log's, `reasons` what a request line would add."""

    origin: str
    fetch: Fetch
    clock: MovableClock
    oidc: OidcSettings | None = None
    jwt: JwtSettings | None = None
    identity: IdentitySettings = field(
        default_factory=lambda: IdentitySettings(enterprise_claim="enterprises")
    )
    engines: Mapping[str, Engine] = field(default_factory=lambda: ENGINES)
    lines: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        rules = ClaimRules.of(self.identity)
        self.cookies = CookieRules.of(self.origin)
        self.stores = Stores.local(self.clock)
        self.sessions = Sessions(
            SessionSettings(), self.stores.sessions, self.stores.bars, self.clock
        )
        log = structlog.wrap_logger(
            None, processors=[self._record], wrapper_class=structlog.BoundLogger
        )
        tokens = None
        if self.jwt:
            keys = keys_of(self.jwt, self.fetch, self.clock, log)
            tokens = HostTokens(self.jwt, rules, keys, self.clock, self.engines)
        cookie = self.jwt.cookie if self.jwt else None
        self.callers = Callers(self.sessions, self.cookies, tokens, cookie, None)
        back = f"{self.origin}/auth/callback"
        self.provider = (
            IdentityProvider(self.oidc, rules, back, self.fetch, self.clock) if self.oidc else None
        )
        self.counters = Counters()
        self.journal = Journal(log, b"salt", self.counters)

    def app(self) -> FastAPI:
        logins = Logins(self.stores.logins, self.clock)
        rp_logout = RpLogout(
            self.provider,
            Briefly(self.stores.hints, self.clock, 3600),
            Briefly(self.stores.addresses, self.clock, 60),
            self.origin,
        )
        codes = Briefly(self.stores.codes, self.clock, 60)
        native = NativeSignIn((), codes, self.sessions, rp_logout, self.journal, self.clock)
        flow = LoginFlow(
            self.provider, logins, self.sessions, self.cookies, self.journal, rp_logout, native
        )
        routes = SessionRoutes(
            origin=self.origin,
            flow=flow,
            callers=self.callers,
            sessions=self.sessions,
            cookies=self.cookies,
            journal=self.journal,
            clock=self.clock,
            rp_logout=rp_logout,
        )
        backchannel = BackchannelLogout(
            self.provider, self.sessions, self.stores.logouts, self.journal, self.clock
        )
        app = FastAPI()
        app.state.gateway = self
        rates = Rates(b"salt", None, self.clock, self.counters)
        app.include_router(router(routes, SignInThrottle(0, rates)))
        app.include_router(backchannel_router(backchannel))
        app.include_router(logout_routes(rp_logout))
        app.add_api_route("/who", self.who)
        app.add_exception_handler(Problem, _problem)
        app.add_exception_handler(RequestValidationError, _invalid)
        return app

    async def who(self, request: Request) -> JSONResponse:
        headers = request.headers.raw
        caller = await self.callers.identify(headers, extend=not is_background(headers))
        found = {"user": caller.user, "via": caller.via, "byCookie": caller.by_cookie}
        return JSONResponse(found)

    def _record(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        self.lines.append(dict(event))
        raise structlog.DropEvent


async def _problem(request: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, Problem)
    gateway: SmallGateway = request.app.state.gateway
    gateway.reasons.append(problem.reason)
    body = {"code": problem.code, "detail": problem.detail}
    return JSONResponse(body, problem.status, headers=problem.headers)


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"code": "invalid"}, 422)
