"""Answers on the wire: status, an allow-list of headers, and the bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from starlette.types import Send

from app.cache.encodings import WORTH_IT, Encoding
from app.cache.entries import Entry, Found, State, etag_of
from app.cache.store import Store
from app.errors import Problem
from app.gateway.asking import Wishes, wanted_encoding
from app.gateway.pipeline import Answered
from app.gateway.problems import MEDIA_TYPE, document
from app.gateway.way_out import Header, WayOut
from app.observe.trail import Trail

API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
JSON: Header = (b"content-type", b"application/json")
NO_STORE: Header = (b"cache-control", b"no-store")
REVALIDATE: Header = (b"cache-control", b"private, no-cache")
VARY: Header = (b"vary", b"Cookie, Authorization, Accept-Encoding")
# What every answer to a read says each time, be it 304, and what one with content says in each coding.
KEPT: tuple[Header, ...] = (REVALIDATE, VARY)
KEPT_CONTENT: Mapping[Encoding | None, tuple[Header, ...]] = {
    None: (JSON, *KEPT),
    **{coding: (JSON, (b"content-encoding", coding.encode()), *KEPT) for coding in Encoding},
}
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


async def send_answer(
    answered: Answered,
    send: Send,
    wishes: Wishes,
    explained: Trail | None,
    store: Store,
    *,
    now: float,
) -> None:
    """Send an operation's answer in the form that is wished, or 304 when the caller has it already."""
    found, body = answered.found, answered.body
    headers = {} if explained is None else dict(explained.headers())
    if found is None:
        headers |= [NO_STORE, VARY, *([JSON] if body else [])]
        if answered.replayed:
            headers[b"idempotency-replayed"] = b"true"
        await send_bytes(send, answered.status, headers, body)
        return
    content = found.entry.content
    # A page is made for one caller: it has the ETag of its own bytes, and goes as it is.
    paged = body is not content.body
    etag = (etag_of(body) if paged else content.etag).encode()
    headers[b"etag"] = etag
    headers[b"age"] = b"%d" % age(found.entry, now)
    headers[b"cache-status"] = cache_status(found, now).encode()
    if wishes.if_none_match is not None and matches(wishes.if_none_match, etag):
        await send_bytes(send, 304, headers, b"", KEPT)
        return
    coding = None
    if not paged:
        body, coding = coded(found.entry, wanted_encoding(wishes.accept_encoding), store)
    await send_bytes(send, answered.status, headers, body, KEPT_CONTENT[coding])


def coded(entry: Entry, encoding: Encoding | None, store: Store) -> tuple[bytes, Encoding | None]:
    """Its content in the coding that the caller prefers, and which one that is."""
    body = entry.content.body
    if encoding is None or len(body) < WORTH_IT:
        return body, None
    return store.coded(entry, encoding), encoding


async def send_problem(
    problem: Problem, request_id: str, send: Send, explained: Trail | None = None
) -> None:
    """Send a problem document."""
    headers = {} if explained is None else dict(explained.headers())
    headers |= [(b"content-type", MEDIA_TYPE.encode()), NO_STORE]
    for name, value in problem.headers.items():
        headers[name.lower().encode()] = value.encode("latin-1")
    await send_bytes(send, problem.status, headers, document(problem, request_id))


async def send_bytes(
    send: Send,
    status: int,
    headers: dict[bytes, bytes],
    body: bytes,
    fixed: tuple[Header, ...] | None = None,
) -> None:
    """Send what is there as a whole, by messages where a layer between is to see it (CORS)."""
    if status not in {204, 304}:
        headers[b"content-length"] = b"%d" % len(body)
    if isinstance(send, WayOut):
        await send.answer(status, headers, body, fixed)
        return
    both = [*(fixed or ()), *headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": both})
    await send({"type": "http.response.body", "body": body})


def hit_status(entry: Entry, now: float) -> str:
    """Cache-Status of a fresh answer (RFC 9211, section 2)."""
    return f"bff; hit; ttl={max(0, math.floor(entry.soft - now))}"


def cache_status(found: Found, now: float) -> str:
    """RFC 9211, section 2: a stale answer is a hit whose `ttl` is negative, and says so; so does one
    that lacks something, which is never kept."""
    match found.state:
        case State.HIT:
            return hit_status(found.entry, now)
        case State.STALE:
            return f"bff; hit; ttl={math.floor(found.entry.soft - now)}; detail=stale"
        case State.MISS:
            if found.entry.content.partial:
                return "bff; fwd=miss; detail=partial"
            return "bff; fwd=miss; stored" if found.stored else "bff; fwd=miss"


def age(entry: Entry, now: float) -> int:
    """Whole seconds since the platform was asked."""
    return max(0, int(now - entry.at))


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison (RFC 9110, section 13.1.2)."""
    if if_none_match.strip() == b"*":
        return True
    return etag.removeprefix(b"W/") in _ETAGS.findall(if_none_match)
