"""The outermost layer: recall, request id, unreadable requests, security headers, last-resort errors, drain.

Pure ASGI, so that it sees every answer, those of the framework included.
"""

from __future__ import annotations

import re
import time
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from app.errors import Malformed, Problem
from app.gateway.answers import security_headers, send_problem
from app.gateway.asking import single
from app.gateway.draining import Drain
from app.gateway.problems import problem_of
from app.gateway.recall import Memory, Recalled, read_of, target_of
from app.gateway.way_out import WHOLE, Always, WayOut
from app.observe.current import CURRENT, Request
from app.observe.request_id import request_id_of
from app.observe.requests import Line, Requests
from app.observe.tracing import Tracing

# Characters whose encoded form would mean another path to somebody else, and broken encodings.
_HIDDEN = re.compile(rb"%(?:2f|5c|00|(?![0-9a-f]{2}))|\\", re.IGNORECASE)
_PLAIN_PATH = re.compile(rb"[A-Za-z0-9/_.-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# What nginx logs where nobody is there any more to be answered.
CLIENT_CLOSED = 499


class Front:
    """Wraps the application. To it HEAD is GET; the server sends no content (RFC 9110, 9.3.2)."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        https: bool,
        drain: Drain,
        memory: Memory,
        requests: Requests,
        log: FilteringBoundLogger,
        tracing: Tracing | None,
    ) -> None:
        self._app = app
        self._drain = drain
        self._memory = memory
        self._requests = requests
        self._log = log
        self._tracing = tracing
        self._always = Always(security_headers(https=https))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        extensions = scope.get("extensions") or {}
        read = read_of(extensions)
        if read is None and (known := self._recalled(scope)) is not None:
            await send_recalled(known, send)
            return
        given = given_id(scope) if read is None else read.others.get(b"x-request-id")
        request = Request(request_id_of(given))
        head, whole = scope["method"] == "HEAD", WHOLE in extensions
        way = WayOut(send, request.id, self._always, self._drain, head=head, whole=whole)
        asked: Scope = {
            **scope,
            "method": "GET" if head else scope["method"],
            "head": head,
            "request_id": request.id,
            "read": read,
            "cache": None,
            "problem": None,
        }
        started, token = time.perf_counter(), CURRENT.set(request)
        try:
            if self._tracing is None:
                await self._answer(asked, receive, way)
            else:
                await self._traced(self._tracing, scope, asked, receive, way, request)
        finally:
            CURRENT.reset(token)
            self._tell(scope["method"], asked, way, request, time.perf_counter() - started)
            # Its traceback holds this scope: the two would hold each other.
            asked["problem"] = None

    def _recalled(self, scope: Scope) -> Recalled | None:
        if scope["method"] != "GET" or scope.get("raw_path") is None:
            return None
        return self._memory.recall(target_of(scope), scope["headers"])

    async def _answer(self, scope: Scope, receive: Receive, way: WayOut) -> None:
        try:
            # Of what the server has read no header was repeated.
            if scope["read"] is None or not _PLAIN_PATH.fullmatch(scope["raw_path"]):
                check_readable(scope)
            await self._app(scope, receive, way)
        except Exception as error:  # the last resort: nothing may escape as a stack trace
            problem = scope["problem"] = problem_of(error)
            if problem.status == 500:
                self._log.exception("unexpected error")
            if way.status is not None:
                raise  # it is too late for another answer: the server cuts the connection
            await send_problem(problem, way.request_id, way)

    async def _traced(
        self,
        tracing: Tracing,
        scope: Scope,
        asked: Scope,
        receive: Receive,
        way: WayOut,
        request: Request,
    ) -> None:
        with tracing.serving(scope, request) as span:
            try:
                await self._answer(asked, receive, way)
            finally:
                template = getattr(asked.get("route"), "path", None)
                status = way.status or CLIENT_CLOSED
                span.ended(asked["scheme"], template, status, asked["problem"])

    def _tell(
        self, method: str, scope: Scope, way: WayOut, request: Request, seconds: float
    ) -> None:
        problem: Problem | None = scope["problem"]
        self._requests.tell(
            Line(
                getattr(scope.get("route"), "operation_id", None) or "none",
                method,
                way.status or CLIENT_CLOSED,
                way.cache.decode("latin-1") if way.cache else None,
                problem.code if problem else None,
                problem.reason if problem else None,
                round(seconds * 1000, 1),
                request,
                scope["cache"],
            )
        )


async def send_recalled(known: Recalled, send: Send) -> None:
    form = known.form
    await send({"type": "http.response.start", "status": form.status, "headers": known.headers})
    await send({"type": "http.response.body", "body": form.body})


def given_id(scope: Scope) -> bytes | None:
    """The id that the caller gave; one of several is nobody's."""
    given: list[bytes] = [value for name, value in scope["headers"] if name == b"x-request-id"]
    return given[0] if len(given) == 1 else None


def check_readable(scope: Scope) -> None:
    """Raises Malformed for paths that could be read in two ways, and for ambiguous framing."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    raw = raw.partition(b"?")[0]
    if _HIDDEN.search(raw):
        raise Malformed("The path holds an encoded separator.")
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The path is not UTF-8.") from None
    if _CONTROL.search(path):
        raise Malformed("The path holds control characters.")
    single(scope["headers"], b"host")
