"""The claims that every JWT is judged by (RFC 7519, section 4.1), judged by our own clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SKEW_SECONDS = 120


class TokenRefused(Exception):
    """A token is not accepted. `reason` is for the log; the bearer never learns it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token must say to be for us, and which claims it must not leave out."""

    issuer: str
    audience: str
    required: tuple[str, ...]


def check(claims: Mapping[str, Any], terms: Terms, now: float) -> None:
    """Return when the claims name our issuer, ourselves, the present time, and a subject if any."""
    for name in terms.required:
        if name not in claims:
            raise TokenRefused(f"{name} is missing")
    if claims.get("iss") != terms.issuer:
        raise TokenRefused("iss is not the issuer")
    if terms.audience not in audiences(claims):
        raise TokenRefused("aud does not name us")
    if "sub" in claims and (not isinstance(claims["sub"], str) or not claims["sub"]):
        raise TokenRefused("sub is not a text")
    _check_times(claims, now)


def audiences(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """`aud` as a list, whichever of its two forms was sent."""
    aud = claims.get("aud")
    named = aud if isinstance(aud, list) else [aud]
    if not all(isinstance(one, str) for one in named):
        raise TokenRefused("aud is neither a text nor a list of texts")
    return tuple(named)


def moment(claims: Mapping[str, Any], name: str) -> int | None:
    """A NumericDate as whole seconds, None when absent. Texts, fractions and booleans are refused."""
    if name not in claims:
        return None
    value = claims[name]
    if type(value) is not int:
        raise TokenRefused(f"{name} is not a whole number")
    return value


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires = moment(claims, "exp")
    if expires is None or now >= expires + SKEW_SECONDS:
        raise TokenRefused("expired")
    for name in ("nbf", "iat"):
        begins = moment(claims, name)
        if begins is not None and now < begins - SKEW_SECONDS:
            raise TokenRefused(f"{name} lies in the future")
