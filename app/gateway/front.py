"""The outermost layer: recall, request id, unreadable requests, security headers, last-resort errors, drain.

Pure ASGI, so that it sees every answer, those of the framework included.
"""

from __future__ import annotations

import re
import time
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from app.errors import Malformed, Problem
from app.gateway.answers import Header, security_headers, send_problem
from app.gateway.asking import single
from app.gateway.draining import Drain
from app.gateway.problems import problem_of
from app.gateway.recall import Memory, Recalled, target_of
from app.observe.request_id import request_id_of, serving
from app.observe.requests import Line, Requests

# Characters whose encoded form would mean another path to somebody else, and broken encodings.
_HIDDEN = re.compile(rb"%(?:2f|5c|00|(?![0-9a-f]{2}))|\\", re.IGNORECASE)
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
    ) -> None:
        self._app = app
        self._drain = drain
        self._memory = memory
        self._requests = requests
        self._log = log
        self._headers = security_headers(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (known := self._recalled(scope)) is not None:
            await send_recalled(known, send)
            return
        head = scope["method"] == "HEAD"
        answer = _Answer(send, _request_id(scope), self._headers, self._drain, head=head)
        asked: Scope = {**scope, "request_id": answer.request_id, "head": head}
        if head:
            asked["method"] = "GET"
        started = time.perf_counter()
        try:
            with serving(answer.request_id):
                await self._answer(asked, receive, answer)
        finally:
            self._tell(scope["method"], asked, answer, time.perf_counter() - started)

    def _recalled(self, scope: Scope) -> Recalled | None:
        if scope["method"] != "GET" or scope.get("raw_path") is None:
            return None
        return self._memory.recall(target_of(scope), scope["headers"])

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            check_readable(scope)
            await self._app(scope, receive, answer.send)
        except Exception as error:  # the last resort: nothing may escape as a stack trace
            problem = scope["problem"] = problem_of(error)
            if problem.status == 500:
                self._log.exception("unexpected error", request_id=answer.request_id)
            if answer.status is not None:
                raise  # too late for a problem document: the server cuts the connection
            await send_problem(problem, answer.request_id, answer.send)

    def _tell(self, method: str, scope: Scope, answer: _Answer, seconds: float) -> None:
        problem: Problem | None = scope.get("problem")
        self._requests.tell(
            Line(
                scope.get("operation", "none"),
                method,
                answer.status or CLIENT_CLOSED,
                answer.cache,
                problem.code if problem else None,
                problem.reason if problem else None,
                round(seconds * 1000, 1),
                answer.request_id,
                scope.get("cache"),
            )
        )


async def send_recalled(known: Recalled, send: Send) -> None:
    form = known.form
    await send({"type": "http.response.start", "status": form.status, "headers": known.headers})
    await send({"type": "http.response.body", "body": form.body})


class _Answer:
    """The way out: adds what every answer carries, and notes what was answered.

    HEAD is a GET whose content stays here (RFC 9110, section 9.3.2).
    """

    def __init__(
        self,
        send: Send,
        request_id: str,
        headers: dict[bytes, bytes],
        drain: Drain,
        *,
        head: bool,
    ) -> None:
        self._send = send
        self._headers = headers
        self._drain = drain
        self._head = head
        self.request_id = request_id
        self.status: int | None = None
        self.cache: str | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given: list[Header] = [
                (name.lower(), value)
                for name, value in message.get("headers", ())
                if name.lower() != b"server"
            ]
            names = {name for name, _ in given}
            given += [(name, value) for name, value in self._headers.items() if name not in names]
            given.append((b"x-request-id", self.request_id.encode()))
            if self._drain.under_way:
                # Whoever keeps connections (a proxy) sends the next request over another one.
                given.append((b"connection", b"close"))
            self.cache = next((v.decode() for n, v in given if n == b"cache-status"), None)
            message = {**message, "headers": given}
        elif self._head:
            message = {**message, "body": b""}
        await self._send(message)


def _request_id(scope: Scope) -> str:
    given: list[bytes] = [value for name, value in scope["headers"] if name == b"x-request-id"]
    return request_id_of(given[0] if len(given) == 1 else None)


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
