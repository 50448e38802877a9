"""CSRF: a cookie proves who asks, these headers prove that our own pages do.

A custom header cannot be sent across origins without a preflight that nobody answers; where the
request comes from is the browser's word (Fetch Metadata), or the Origin header of older browsers.
"""

from __future__ import annotations

from app.errors import CsrfRefused
from app.session.headers import Headers, values

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({b"same-origin", b"none"})


def check(headers: Headers, method: str, origin: str) -> None:
    """Return when the request shows that it comes from `origin`; raise CsrfRefused otherwise."""
    headers = tuple(headers)
    if _only(headers, b"x-bff") != b"1":
        raise CsrfRefused("Send the header X-BFF: 1.", reason="custom header missing")
    site, named = _only(headers, b"sec-fetch-site"), _only(headers, b"origin")
    if site is not None:
        if site not in _OWN_SITES:
            raise CsrfRefused(reason="Sec-Fetch-Site is foreign")
    elif named is not None:
        if named != origin.encode():
            raise CsrfRefused(reason="Origin is foreign")
    elif method not in SAFE_METHODS:
        raise CsrfRefused("Send the header Origin.", reason="neither Sec-Fetch-Site nor Origin")


def _only(headers: Headers, name: bytes) -> bytes | None:
    found = values(headers, name)
    if len(found) > 1:
        raise CsrfRefused(reason="a header that decides was sent twice")
    return found[0] if found else None
