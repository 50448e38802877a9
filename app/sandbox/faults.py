"""Faults on demand: what may go wrong on the way, arranged before the call that meets it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal, get_args

from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.sandbox.refusal import Refusal

Kind = Literal[
    "latency",
    "status",
    "rate-limit",
    "reset",
    "drip",
    "garbage",
    "content-type",
    "unsuccessful",
    "token-expired",
    "key-revoked",
]

KINDS: tuple[Kind, ...] = get_args(Kind)

# The server puts a function that aborts the connection under this ASGI extension.
CUT = "sandbox.cut"

_SHORTEST_WAIT = 0.01

_BODIES: dict[Kind, tuple[str, str]] = {
    "garbage": ('{"success":true,"data":[{', "application/json"),
    "content-type": ("<h1>Some other page</h1>", "text/html"),
    "unsuccessful": (
        '{"success":false,"error":{"code":"INTERNAL_ERROR","message":"It failed"},"statusCode":200}',
        "application/json",
    ),
}

_REFUSALS: dict[Kind, tuple[int, str, str]] = {
    "rate-limit": (429, "TOO_MANY_REQUESTS", "Too many requests"),
    "token-expired": (403, "FORBIDDEN", "Invalid or expired token"),
    "key-revoked": (401, "UNAUTHORIZED", "Invalid API key"),
}

_CODES = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND"}


@dataclass(slots=True)
class Fault:
    """One arranged fault. `operation` is a number, None for all; `times` None means for good.

    Every kind first waits `seconds`, except "drip", which spreads the body over them. `body` is
    the raw text to answer with; for "reset" it is what still gets out before the cut.
    `after_effect`: the operation is carried out first, before any waiting.
    """

    kind: Kind
    operation: int | None = None
    times: int | None = 1
    status: int | None = None
    seconds: float = 0.0
    retry_after: str | None = None
    body: str | None = None
    after_effect: bool = False


class Faults:
    """The arranged faults; the oldest that fits a call strikes it, one per call."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, operation: int | None) -> Fault | None:
        """The fault for this call, used up by one."""
        fits = (one for one in self._waiting if one.operation in (None, operation))
        fault = next(fits, None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
        return fault


async def disturb(
    fault: Fault, carry_out: Callable[[], Response], refuse: Callable[[Refusal], Response]
) -> Response:
    """The spoilt answer. "latency" and "drip" carry the operation out by their nature."""
    answer = carry_out() if fault.after_effect else None
    if fault.kind != "drip":
        await asyncio.sleep(fault.seconds)
    if fault.kind in ("latency", "drip"):
        answer = answer or carry_out()
        return answer if fault.kind == "latency" else _dripping(answer, fault)
    if fault.kind == "reset":
        return Cut((fault.body or "").encode())
    return _spoilt(fault, refuse)


def _spoilt(fault: Fault, refuse: Callable[[Refusal], Response]) -> Response:
    answer = _usual(fault, refuse)
    if fault.body is not None:
        answer = Response(fault.body, answer.status_code, media_type=answer.headers["content-type"])
    if fault.kind == "rate-limit" or fault.retry_after is not None:
        answer.headers["retry-after"] = fault.retry_after or "1"
    return answer


def _usual(fault: Fault, refuse: Callable[[Refusal], Response]) -> Response:
    """What such a fault answers unless its `body` says otherwise."""
    if fault.kind in _BODIES:
        body, media_type = _BODIES[fault.kind]
        return Response(body, fault.status or 200, media_type=media_type)
    if fault.kind in _REFUSALS:
        status, code, message = _REFUSALS[fault.kind]
        return refuse(Refusal(fault.status or status, code, message))
    status = fault.status or 500
    return refuse(Refusal(status, _CODES.get(status, "INTERNAL_ERROR"), "A fault was arranged"))


def _dripping(answer: Response, fault: Fault) -> Response:
    """The answer, byte by byte over so many seconds, or in as small pieces as timers can tell."""
    body = bytes(answer.body) if fault.body is None else fault.body.encode()
    steps = max(1, min(len(body), int(fault.seconds / _SHORTEST_WAIT)))
    size = max(1, math.ceil(len(body) / steps))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            await asyncio.sleep(fault.seconds * size / len(body))
            yield body[start : start + size]

    headers = {
        "content-type": answer.headers["content-type"],
        "content-length": str(len(body)),
    }
    return StreamingResponse(pieces(), fault.status or answer.status_code, headers)


class Cut(Response):
    """No answer: the connection is aborted, after as much of an answer as `body` holds."""

    status_code = 0

    def __init__(self, body: bytes) -> None:
        super().__init__(body, 200)
        self.status_code = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.body:
            headers = [(b"content-type", b"application/json"), (b"content-length", b"1000000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})
        scope["extensions"][CUT]["cut"]()
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    message: Message = {}
    while message.get("type") != "http.disconnect":
        message = await receive()
