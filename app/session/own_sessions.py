"""The routes under /auth/sessions: where somebody is signed in, and how he ends that elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from app.errors import (
    AccessUnavailable,
    Conflict,
    CsrfRefused,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
)
from app.observe.audit import Ending
from app.patterns import url_safe
from app.session import csrf
from app.session.callers import Callers
from app.session.cookies import CookieRules
from app.session.described import SessionEntry, SessionList, refusals
from app.session.journal import Journal
from app.session.parameters import check_parameters
from app.session.sessions import Session, Sessions

HANDLE = url_safe(16)


class OwnSessions:
    """The handlers. A session is named by its handle, which opens nothing."""

    def __init__(
        self,
        *,
        origin: str,
        callers: Callers,
        sessions: Sessions,
        cookies: CookieRules,
        journal: Journal,
    ) -> None:
        self._origin = origin
        self._callers = callers
        self._sessions = sessions
        self._cookies = cookies
        self._journal = journal

    async def list_all(self, request: Request, response: Response) -> SessionList:
        """Where you are signed in, the newest session first. Asking extends none of them.

        `lastSeenAt` may lag behind by half a minute. Callers with a host token are told that their
        product owns the session (409).
        """
        current = await self._current(request)
        response.headers["Cache-Control"] = "no-store"
        mine = await self._sessions.all_of(current.user)
        return SessionList(items=[_entry(session, current) for session in mine])

    async def end_one(
        self,
        request: Request,
        id: Annotated[str, Path(pattern=HANDLE, description="The session, as listed")],  # noqa: A002  # the parameter's public name
    ) -> Response:
        """End one of your sessions. Ending the one that asks is signing out."""
        current = await self._current(request)
        mine = await self._sessions.all_of(current.user)
        meant = next((session for session in mine if session.handle == id), None)
        if meant is None:
            raise NotFound("You have no session of that id.")
        mine_here = meant.key == current.key
        await self._end(meant, Ending.LOGOUT if mine_here else Ending.ELSEWHERE)
        response = _done()
        if mine_here:
            response.headers["Clear-Site-Data"] = '"cache"'
            response.headers.append("Set-Cookie", self._cookies.end_session())
        return response

    async def end_others(self, request: Request) -> Response:
        """End all your sessions but the one that asks."""
        current = await self._current(request)
        for session in await self._sessions.all_of(current.user):
            if session.key != current.key:
                await self._end(session, Ending.ELSEWHERE)
        return _done()

    async def _current(self, request: Request) -> Session:
        """The session that asks, with the proof that our own pages do."""
        check_parameters(request, only=())
        headers = request.headers.raw
        recognised = await self._callers.recognise(headers, extend=False)
        if recognised.caller.by_cookie:
            csrf.check(headers, request.method, self._origin)
        if not isinstance(recognised.proof, Session):
            raise Conflict("The product that signed you in owns your sessions: see them there.")
        return recognised.proof

    async def _end(self, session: Session, ending: Ending) -> None:
        if await self._sessions.end(session.key) is not None:
            self._journal.ended(session.user, ending)


class SharedPath(APIRoute):
    """A path with several methods; the framework would tell the first one's only (RFC 9110, 15.5.6)."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in (self.methods or ()):
            raise MethodNotAllowed(headers={"Allow": "GET, HEAD, DELETE"})
        await super().handle(scope, receive, send)


def router(handlers: OwnSessions) -> APIRouter:
    """The routes, described."""
    routes = APIRouter(tags=["Session"])
    security: dict[str, Any] = {"security": [{"session": []}, {"bearer": []}]}
    refused = (Malformed, Unauthenticated, CsrfRefused, Conflict, AccessUnavailable)
    routes.add_api_route(
        "/auth/sessions",
        handlers.list_all,
        operation_id="listSessions",
        summary="Where you are signed in",
        response_model=SessionList,
        responses=refusals(*refused),
        openapi_extra=security,
        route_class_override=SharedPath,
    )
    routes.add_api_route(
        "/auth/sessions/{id}",
        handlers.end_one,
        methods=["DELETE"],
        operation_id="endSession",
        summary="End one of your sessions",
        status_code=204,
        response_class=Response,
        response_description="The session has ended",
        responses=refusals(*refused, NotFound, Invalid),
        openapi_extra=security,
    )
    routes.add_api_route(
        "/auth/sessions",
        handlers.end_others,
        methods=["DELETE"],
        operation_id="endOtherSessions",
        summary="End all your other sessions",
        status_code=204,
        response_class=Response,
        response_description="No other session is left",
        responses=refusals(*refused),
        openapi_extra=security,
        route_class_override=SharedPath,
    )
    return routes


def _entry(session: Session, current: Session) -> SessionEntry:
    return SessionEntry(
        id=session.handle,
        created_at=_moment(session.created),
        last_seen_at=_moment(session.seen),
        current=session.key == current.key,
        how=session.how,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), tz=UTC)


def _done() -> Response:
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
