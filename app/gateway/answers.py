"""Answers on the wire: status, an allow-list of headers, and the bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from starlette.types import Send

from app.cache.encodings import WORTH_IT, Encoding
from app.cache.entries import Content, Entry, Found, State, etag_of
from app.cache.store import Store
from app.errors import Problem
from app.gateway.pipeline import Answered
from app.gateway.problems import MEDIA_TYPE, document
from app.observe.trail import Trail
from app.record import record

Header = tuple[bytes, bytes]

API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
JSON: Header = (b"content-type", b"application/json")
NO_STORE: Header = (b"cache-control", b"no-store")
REVALIDATE: Header = (b"cache-control", b"private, no-cache")
CLOSE: Header = (b"connection", b"close")
VARY: Header = (b"vary", b"Cookie, Authorization, Accept-Encoding")
# The message, and the name of the extension of ASGI, by which a server takes head and body at once.
WHOLE = "ads_bff.response.whole"
_ETAGS = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def security_headers(*, https: bool) -> dict[bytes, bytes]:
    """What every answer says where it does not say otherwise."""
    headers = {
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"no-referrer",
        b"content-security-policy": API_POLICY,
        b"cross-origin-resource-policy": b"same-origin",
        b"cache-control": b"no-store",
    }
    if https:
        headers[b"strict-transport-security"] = b"max-age=31536000; includeSubDomains"
    return headers


@record
class Wanted:
    """In which form the caller wants the answer, and what of it he has already."""

    if_none_match: bytes | None
    encoding: Encoding | None
    explained: Trail | None

    @property
    def explanation(self) -> list[Header]:
        return self.explained.headers() if self.explained is not None else []


async def send_answer(
    answered: Answered, send: Send, wanted: Wanted, store: Store, *, now: float
) -> None:
    """Send an operation's answer, or 304 when the caller has it already."""
    if answered.found is None:
        headers = [NO_STORE, VARY, *wanted.explanation, *([JSON] if answered.body else [])]
        if answered.replayed:
            headers.append((b"idempotency-replayed", b"true"))
        await send_bytes(send, answered.status, headers, answered.body)
        return
    etag = _etag(answered).encode()
    headers = [
        *wanted.explanation,
        (b"age", str(age(answered.found.entry, now)).encode()),
        (b"cache-status", cache_status(answered.found, now).encode()),
    ]
    if wanted.if_none_match is not None and matches(wanted.if_none_match, etag):
        await send_bytes(send, 304, [*kept_headers(etag), *headers], b"")
        return
    content = answered.found.entry.content
    if answered.body is content.body:
        body, coding = coded(content, wanted.encoding, store)
    else:
        # A page is made for one caller, and goes as it is.
        body, coding = answered.body, None
    await send_bytes(
        send, answered.status, [*content_headers(coding), *kept_headers(etag), *headers], body
    )


def kept_headers(etag: bytes) -> list[Header]:
    """What every answer to a read says, be it 304."""
    return [REVALIDATE, VARY, (b"etag", etag)]


def content_headers(coding: Encoding | None) -> list[Header]:
    """What an answer with content says of it, besides its length."""
    return [JSON] if coding is None else [JSON, (b"content-encoding", coding.encode())]


def coded(
    content: Content, encoding: Encoding | None, store: Store
) -> tuple[bytes, Encoding | None]:
    """The content in the coding that the caller prefers, and which one that is."""
    if encoding is None or len(content.body) < WORTH_IT:
        return content.body, None
    return store.coded(content, encoding), encoding


async def send_problem(
    problem: Problem, request_id: str, send: Send, explained: Trail | None = None
) -> None:
    """Send a problem document."""
    headers = [
        *(explained.headers() if explained is not None else []),
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


def hit_status(entry: Entry, now: float) -> str:
    """Cache-Status of a fresh answer (RFC 9211, section 2)."""
    return f"bff; hit; ttl={max(0, math.floor(entry.soft - now))}"


def cache_status(found: Found, now: float) -> str:
    """RFC 9211, section 2: a stale answer is a hit whose `ttl` is negative, and says so; so does one
    that lacks something, which is never kept."""
    ttl = math.floor(found.entry.soft - now)
    match found.state:
        case State.HIT:
            return hit_status(found.entry, now)
        case State.STALE:
            return f"bff; hit; ttl={ttl}; detail=stale"
        case State.MISS:
            if found.entry.content.partial:
                return "bff; fwd=miss; detail=partial"
            return "bff; fwd=miss; stored" if found.stored else "bff; fwd=miss"


def _etag(answered: Answered) -> str:
    """A page has the ETag of its own bytes, the whole answer the one it is kept with."""
    assert answered.found is not None
    content = answered.found.entry.content
    return content.etag if answered.body is content.body else etag_of(answered.body)


def age(entry: Entry, now: float) -> int:
    """Whole seconds since the platform was asked."""
    return max(0, int(now - entry.at))


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison (RFC 9110, section 13.1.2)."""
    if if_none_match.strip() == b"*":
        return True
    return etag.removeprefix(b"W/") in _ETAGS.findall(if_none_match)
