"""The outermost layer: recall, request id, unreadable requests, security headers, last-resort errors, drain.

Pure ASGI, so that it sees every answer, those of the framework included.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from app.errors import Malformed, Problem
from app.gateway.answers import CLOSE, WHOLE, Header, security_headers, send_problem
from app.gateway.asking import single
from app.gateway.draining import Drain
from app.gateway.problems import problem_of
from app.gateway.recall import Memory, Recalled, read_of, target_of
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
        self._headers = security_headers(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (known := self._recalled(scope)) is not None:
            await send_recalled(known, send)
            return
        request = Request(_request_id(scope))
        answer = _Answer(send, scope, request.id, self._headers, self._drain)
        asked: Scope = {
            **scope,
            "request_id": request.id,
            "head": answer.head,
            "read": read_of(scope),
        }
        if answer.head:
            asked["method"] = "GET"
        started, token = time.perf_counter(), CURRENT.set(request)
        try:
            if self._tracing is None:
                await self._answer(asked, receive, answer)
            else:
                await self._traced(self._tracing, scope, asked, receive, answer, request)
        finally:
            CURRENT.reset(token)
            self._tell(scope["method"], asked, answer, request, time.perf_counter() - started)
            # Its traceback holds this scope: the two would hold each other.
            asked.pop("problem", None)

    def _recalled(self, scope: Scope) -> Recalled | None:
        if scope["method"] != "GET" or scope.get("raw_path") is None or read_of(scope):
            return None
        return self._memory.recall(target_of(scope), scope["headers"])

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            check_readable(scope)
            await self._app(scope, receive, answer.send)
        except Exception as error:  # the last resort: nothing may escape as a stack trace
            problem = scope["problem"] = problem_of(error)
            if problem.status == 500:
                self._log.exception("unexpected error")
            if answer.under_way:
                raise  # the server cuts the connection
            await send_problem(problem, answer.request_id, answer.send)

    async def _traced(
        self,
        tracing: Tracing,
        scope: Scope,
        asked: Scope,
        receive: Receive,
        answer: _Answer,
        request: Request,
    ) -> None:
        with tracing.serving(scope, request) as span:
            try:
                await self._answer(asked, receive, answer)
            finally:
                template = getattr(asked.get("route"), "path", None)
                status = answer.status or CLIENT_CLOSED
                span.ended(asked["scheme"], template, status, asked.get("problem"))

    def _tell(
        self, method: str, scope: Scope, answer: _Answer, request: Request, seconds: float
    ) -> None:
        problem: Problem | None = scope.get("problem")
        self._requests.tell(
            Line(
                getattr(scope.get("route"), "operation_id", None) or "none",
                method,
                answer.status or CLIENT_CLOSED,
                answer.cache,
                problem.code if problem else None,
                problem.reason if problem else None,
                round(seconds * 1000, 1),
                request,
                scope.get("cache"),
            )
        )


async def send_recalled(known: Recalled, send: Send) -> None:
    form = known.form
    await send({"type": "http.response.start", "status": form.status, "headers": known.headers})
    await send({"type": "http.response.body", "body": form.body})


class _Answer:
    """The way out: adds what every answer carries, and notes what was answered.

    HEAD is a GET whose content stays here (RFC 9110, section 9.3.2). An answer whose length its head
    tells goes as a whole, where the server takes it so.
    """

    def __init__(
        self,
        send: Send,
        scope: Scope,
        request_id: str,
        headers: Mapping[bytes, bytes],
        drain: Drain,
    ) -> None:
        self._send = send
        self._headers = headers
        self._drain = drain
        self._whole = WHOLE in scope.get("extensions", ())
        self._length: bytes | None = None
        self._begun: Message | None = None
        self.head = scope["method"] == "HEAD"
        self.request_id = request_id
        self.status: int | None = None
        self.cache: str | None = None

    @property
    def under_way(self) -> bool:
        """Whether some of an answer was sent, so that it is too late for another one."""
        return self.status is not None and self._begun is None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = self._completed(message.get("headers", ()))
            message = {"type": message["type"], "status": self.status, "headers": headers}
            if self._whole and (self._length is not None or self.status in {204, 304}):
                self._begun = message
                return
        else:
            if self.head:
                message = {**message, "body": b""}
            if (begun := self._begun) is not None:
                self._begun = None
                body = message.get("body", b"")
                # What is longer or shorter than it says is the server's to cut off.
                fits = self.head or self._length in {None, b"%d" % len(body)}
                if fits and not message.get("more_body"):
                    message = {**begun, "type": WHOLE, "body": body}
                else:
                    await self._send(begun)
        await self._send(message)

    def _completed(self, given: Iterable[Header]) -> list[Header]:
        headers = list(given)
        names = {name for name, _ in headers}
        headers += [header for header in self._headers.items() if header[0] not in names]
        headers.append((b"x-request-id", self.request_id.encode()))
        if self._drain.under_way:
            # Whoever keeps connections (a proxy) sends the next request over another one.
            headers.append(CLOSE)
        for name, value in headers:
            if name == b"cache-status":
                self.cache = value.decode()
            elif name == b"content-length":
                self._length = value
        return headers


def _request_id(scope: Scope) -> str:
    given: list[bytes] = [value for name, value in scope["headers"] if name == b"x-request-id"]
    return request_id_of(given[0] if len(given) == 1 else None)


def check_readable(scope: Scope) -> None:
    """Raises Malformed for paths that could be read in two ways, and for ambiguous framing."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    raw = raw.partition(b"?")[0]
    if scope["read"] is not None and _PLAIN_PATH.fullmatch(raw):
        # Nor was a header repeated.
        return
    if _HIDDEN.search(raw):
        raise Malformed("The path holds an encoded separator.")
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The path is not UTF-8.") from None
    if _CONTROL.search(path):
        raise Malformed("The path holds control characters.")
    single(scope["headers"], b"host")
