"""CSRF: a cookie proves who asks, these headers prove that our own pages do.

A custom header cannot be sent across origins without a preflight that nobody answers; where the
request comes from is the browser's word (Fetch Metadata), or the Origin header of older browsers.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import CsrfRefused
from app.session.headers import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DECIDING = frozenset({b"x-bff", b"sec-fetch-site", b"origin"})
_OWN_SITES = frozenset({b"same-origin", b"none"})


def check(headers: Headers, method: str, origin: str) -> None:
    """Return when the request shows that it comes from `origin`; raise CsrfRefused otherwise."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in DECIDING:
            if name in found:
                raise CsrfRefused(reason="a header that decides was sent twice")
            found[name] = value
    if (fault := fault_in(found, method, origin)) is not None:
        raise fault


def fault_in(found: Mapping[bytes, bytes], method: str, origin: str) -> CsrfRefused | None:
    """What the headers do not show, None where they show all; `found` has those that decide."""
    if found.get(b"x-bff") != b"1":
        return CsrfRefused("Send the header X-BFF: 1.", reason="custom header missing")
    site, named = found.get(b"sec-fetch-site"), found.get(b"origin")
    if site is not None:
        return None if site in _OWN_SITES else CsrfRefused(reason="Sec-Fetch-Site is foreign")
    if named is not None:
        return None if named == origin.encode() else CsrfRefused(reason="Origin is foreign")
    if method in SAFE_METHODS:
        return None
    return CsrfRefused("Send the header Origin.", reason="neither Sec-Fetch-Site nor Origin")
