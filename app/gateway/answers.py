"""Answers on the wire: status, an allow-list of headers, and the bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from starlette.types import Send

from app.cache.entries import Found, State, etag_of
from app.errors import Problem
from app.gateway.pipeline import Answered
from app.gateway.problems import MEDIA_TYPE, document

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
NO_STORE: Header = (b"cache-control", b"no-store")
REVALIDATE: Header = (b"cache-control", b"private, no-cache")
VARY: Header = (b"vary", b"Cookie, Authorization, Accept-Encoding")
_ETAGS = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


async def send_answer(
    answered: Answered, send: Send, *, if_none_match: bytes | None, now: float
) -> None:
    """Send an operation's answer, or 304 when the caller has it already."""
    if answered.found is None:
        headers = [NO_STORE, VARY, *([JSON] if answered.body else [])]
        await send_bytes(send, answered.status, headers, answered.body)
        return
    etag = _etag(answered).encode()
    headers = [
        REVALIDATE,
        VARY,
        (b"etag", etag),
        (b"age", str(_age(answered.found, now)).encode()),
        (b"cache-status", cache_status(answered.found, now).encode()),
    ]
    if if_none_match is not None and _matches(if_none_match, etag):
        await send_bytes(send, 304, headers, b"")
        return
    await send_bytes(send, answered.status, [JSON, *headers], answered.body)


async def send_problem(problem: Problem, request_id: str, send: Send) -> None:
    """Send a problem document."""
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        NO_STORE,
        *(
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in problem.headers.items()
        ),
    ]
    await send_bytes(send, problem.status, headers, document(problem, request_id))


async def send_bytes(send: Send, status: int, headers: Sequence[Header], body: bytes) -> None:
    length = [] if status in {204, 304} else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})


def cache_status(found: Found, now: float) -> str:
    """RFC 9211, section 2: a stale answer is a hit whose `ttl` is negative, and says so."""
    ttl = math.floor(found.entry.soft - now)
    match found.state:
        case State.HIT:
            return f"bff; hit; ttl={max(0, ttl)}"
        case State.STALE:
            return f"bff; hit; ttl={ttl}; detail=stale"
        case State.MISS:
            return "bff; fwd=miss; stored" if found.stored else "bff; fwd=miss"


def _etag(answered: Answered) -> str:
    """A page has the ETag of its own bytes, the whole answer the one it is kept with."""
    assert answered.found is not None
    content = answered.found.entry.content
    return content.etag if answered.body is content.body else etag_of(answered.body)


def _age(found: Found, now: float) -> int:
    return max(0, int(now - found.entry.at))


def _matches(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison (RFC 9110, section 13.1.2)."""
    if if_none_match.strip() == b"*":
        return True
    return etag.removeprefix(b"W/") in _ETAGS.findall(if_none_match)
