"""Tokens in the JWS Compact Serialization (RFC 7515, section 7.1), read before anybody trusts them."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any

from app.session.registered_claims import TokenRefused

LONGEST_KEY_ID = 256
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Header:
    """What a token says about itself. Unverified: it may choose among our keys, never bring one."""

    algorithm: str
    key_id: str | None
    type: str


def unverified_header(token: str, longest: int) -> Header:
    """The JOSE header. `jku`, `jwk` and the x5 family are never looked at."""
    match = _COMPACT.fullmatch(token) if len(token) <= longest else None
    if match is None:
        raise TokenRefused("not a compact JWT, or too long")
    try:
        header = json_object(unpacked(match[1]))
    except ValueError:
        raise TokenRefused("not base64url") from None
    if "crit" in header or "b64" in header:
        raise TokenRefused("crit or b64 in the header")
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or not isinstance(kind, str):
        raise TokenRefused("alg or typ is not a text")
    if key_id is not None and (not isinstance(key_id, str) or len(key_id) > LONGEST_KEY_ID):
        raise TokenRefused("kid is not a short text")
    return Header(algorithm, key_id, kind)


def unpacked(part: str) -> bytes:
    """Base64url without padding. A ValueError for everything that does not decode."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def json_object(raw: bytes) -> dict[str, Any]:
    """A part of a token as the JSON object that it must be."""
    try:
        # Decoded here: from bytes the library would take UTF-16 as well.
        read = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise TokenRefused("not JSON") from None
    if not isinstance(read, dict):
        raise TokenRefused("not a JSON object")
    return read
