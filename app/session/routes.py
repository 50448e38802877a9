"""The routes under /auth: sign in, come back, sign out, ask who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.clock import Clock
from app.errors import (
    AccessUnavailable,
    Conflict,
    CsrfRefused,
    Invalid,
    Malformed,
    NotFound,
    RateLimited,
    Unauthenticated,
    UpstreamUnavailable,
)
from app.observe.audit import Ending
from app.session import csrf
from app.session.callers import Callers
from app.session.claims import Claims
from app.session.confirmation import confirmation
from app.session.cookies import CookieRules, one, parse
from app.session.described import SessionInfo, SignedOut, redirect, refusals, session_info
from app.session.headers import Headers, values
from app.session.journal import Journal
from app.session.login_flow import Answer, Confirmation, LoginFlow, Redirect
from app.session.login_query import LoginQuery, login_query
from app.session.loopback import same_path
from app.session.parameters import check_parameters
from app.session.rp_logout import RpLogout
from app.session.sessions import Session, Sessions
from app.session.throttle import SignInThrottle

LONGEST_CODE = 4096
PAGE = {"text/html": {"schema": {"type": "string"}}}
Sent = TypeVar("Sent", bound=Response)


class SessionRoutes:
    """The handlers. `origin` is the public origin, which frontends and redirects use."""

    def __init__(
        self,
        *,
        origin: str,
        flow: LoginFlow,
        callers: Callers,
        sessions: Sessions,
        cookies: CookieRules,
        journal: Journal,
        clock: Clock,
        rp_logout: RpLogout,
    ) -> None:
        self._origin = origin
        self._flow = flow
        self._callers = callers
        self._sessions = sessions
        self._cookies = cookies
        self._journal = journal
        self._clock = clock
        self._rp_logout = rp_logout

    async def login(
        self, request: Request, query: Annotated[LoginQuery, Depends(login_query)]
    ) -> RedirectResponse:
        """Start signing in: to the identity provider, and back to `returnTo`."""
        if elsewhere := self._elsewhere(request):
            return _redirect(Redirect(elsewhere, ()))
        return _redirect(await self._flow.start(request.headers.raw, query))

    async def finish_login(
        self,
        request: Request,
        state: Annotated[
            str | None, Query(max_length=256, description="What login sent along")
        ] = None,
        code: Annotated[
            str | None, Query(max_length=LONGEST_CODE, description="The authorization code")
        ] = None,
        iss: Annotated[
            str | None, Query(max_length=2048, description="The provider's name (RFC 9207)")
        ] = None,
        error: Annotated[
            str | None, Query(max_length=256, description="Why nobody was signed in")
        ] = None,
    ) -> Response:
        """Finish signing in. The identity provider sends browsers here; nobody else needs it.

        A new session begins, and the one that the browser had before ends. A native app is handed a
        code instead, at a custom scheme by a page that asks first. Whatever goes wrong is the same
        401: the reason is in the log alone.
        """
        # A provider may add parameters of its own (RFC 6749, section 4.1.2): those are ignored.
        check_parameters(request, once={"state", "code", "iss", "error"})
        answer = Answer(state=state, code=code, issuer=iss, error=error)
        match await self._flow.finish(request.headers.raw, answer):
            case Redirect() as to:
                return _redirect(to)
            case Confirmation(address, cookies):
                return _with_cookies(confirmation(address), cookies)

    async def logout(self, request: Request, response: Response) -> SignedOut:
        """Sign out: the session ends here first, then the browser forgets its cookie.

        `logoutUrl` is where to send the browser next, within a minute and once, so that the session
        at the identity provider ends too; null where there is none to end. Without a session this
        succeeds too. Callers with a host token are told that their product owns the session (409).
        """
        check_parameters(request, only=())
        headers = request.headers.raw
        by_cookie = not values(headers, b"authorization")
        ended = await (self._end_by_cookie(request) if by_cookie else self._end_bearer(headers))
        logout_url = None
        if ended is not None:
            self._journal.ended(ended.user, Ending.LOGOUT)
            logout_url = await self._rp_logout.address(ended)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Clear-Site-Data"] = '"cache"'
        if by_cookie:
            response.headers.append("Set-Cookie", self._cookies.end_session())
        return SignedOut(logout_url=logout_url)

    async def session(self, request: Request, response: Response) -> SessionInfo:
        """Who is signed in, and how long it lasts. Asking does not extend the session."""
        check_parameters(request, only=())
        headers = request.headers.raw
        recognised = await self._callers.recognise(headers, extend=False)
        if recognised.caller.by_cookie:
            csrf.check(headers, request.method, self._origin)
        response.headers["Cache-Control"] = "no-store"
        return session_info(recognised, self._clock.now())

    def _elsewhere(self, request: Request) -> str | None:
        """In development a login that began under another name of this machine begins again."""
        return None if self._cookies.secure else same_path(request.scope, self._origin)

    async def _end_by_cookie(self, request: Request) -> Session | None:
        """End a browser's session. Nobody signed in is fine, a host token is not ours to end."""
        headers = request.headers.raw
        csrf.check(headers, request.method, self._origin)
        session_id = one(parse(headers), self._cookies.session)
        if session_id is not None:
            return await self._sessions.end_by_id(session_id)
        try:
            await self._callers.recognise(headers, extend=False)
        except Unauthenticated:
            return None
        raise _not_ours()

    async def _end_bearer(self, headers: Headers) -> Session | None:
        """End an app's session."""
        match (await self._callers.recognise(headers, extend=False)).proof:
            case Session() as session:
                return await self._sessions.end(session.key)
            case Claims():
                raise _not_ours()


def _not_ours() -> Conflict:
    return Conflict("The product that signed you in owns the session: sign out there.")


def router(handlers: SessionRoutes, throttle: SignInThrottle) -> APIRouter:
    """The routes, described. Those that sign in are throttled."""
    routes = APIRouter(tags=["Session"])
    routes.add_api_route(
        "/auth/login",
        handlers.login,
        operation_id="login",
        summary="Start signing in",
        status_code=303,
        response_class=RedirectResponse,
        dependencies=[Depends(throttle)],
        responses=redirect("To the identity provider")
        | refusals(
            Malformed, NotFound, Invalid, RateLimited, UpstreamUnavailable, AccessUnavailable
        ),
    )
    routes.add_api_route(
        "/auth/callback",
        handlers.finish_login,
        operation_id="finishLogin",
        summary="Finish signing in",
        status_code=303,
        response_class=RedirectResponse,
        dependencies=[Depends(throttle)],
        responses=redirect(
            "To the path that login was given, or to the app that claims the address"
        )
        | {200: {"description": "The page that asks before an app is opened", "content": PAGE}}
        | refusals(Malformed, Unauthenticated, NotFound, Invalid, RateLimited, AccessUnavailable),
    )
    routes.add_api_route(
        "/auth/logout",
        handlers.logout,
        methods=["POST"],
        operation_id="logout",
        summary="Sign out",
        response_model=SignedOut,
        responses=refusals(
            Malformed,
            Unauthenticated,
            CsrfRefused,
            Conflict,
            UpstreamUnavailable,
            AccessUnavailable,
        ),
        openapi_extra={"security": [{"session": []}, {"bearer": []}, {}]},
    )
    routes.add_api_route(
        "/auth/session",
        handlers.session,
        operation_id="getSession",
        summary="Who is signed in",
        response_model=SessionInfo,
        responses=refusals(
            Malformed, Unauthenticated, CsrfRefused, UpstreamUnavailable, AccessUnavailable
        ),
        openapi_extra={"security": [{"session": []}, {"bearer": []}]},
    )
    return routes


def _redirect(to: Redirect) -> RedirectResponse:
    response = RedirectResponse(to.location, status_code=303, headers={"Cache-Control": "no-store"})
    return _with_cookies(response, to.cookies)


def _with_cookies(response: Sent, cookies: Sequence[str]) -> Sent:
    for line in cookies:
        response.headers.append("Set-Cookie", line)
    return response
