"""Logout tokens (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.session.claims import provider_session
from app.session.id_token import signed_claims, type_of
from app.session.key_set import VerificationKey
from app.session.registered_claims import SKEW_SECONDS, Terms, TokenRefused, moment
from app.session.sessions import of_provider_session, of_subject, of_subject_without_session

EVENT = "http://schemas.openid.net/event/backchannel-logout"
REQUIRED = ("iss", "aud", "iat", "exp", "jti", "events")
# The type is only recommended (section 2.4): what a token is, its event says. See decision 15.
TYPES = frozenset({"logout+jwt", "application/logout+jwt", "jwt"})
LONGEST_NAME = 256
# Its id is remembered for as long as it lives; the specification advises two minutes (seconds).
LONGEST_LIFE = 86_400


@dataclass(frozen=True, slots=True)
class Order:
    """What the provider orders to end. `id` is the token's own, good once and until `ends`."""

    id: str = field(repr=False)
    ends: float
    subject: str | None = field(repr=False)
    session: str | None = field(repr=False)

    @property
    def of_session(self) -> Collection[str]:
        """The names of the sessions that came of the provider's session."""
        return [] if self.session is None else [of_provider_session(self.session)]

    @property
    def of_person(self) -> Collection[str]:
        """The names of the sessions that end for whose they are.

        With a `sid` those whose ID token told none: each of them may be the one that is meant.
        """
        if self.subject is None:
            return []
        if self.session is None:
            return [of_subject(self.subject)]
        return [of_subject_without_session(self.subject)]


def verify(token: str, key: VerificationKey, terms: Terms, now: float) -> Order:
    """The order in a token that this provider issued to us; raises TokenRefused."""
    _check_type(type_of(token))
    claims = signed_claims(token, key, terms, now)
    if "nonce" in claims:
        raise TokenRefused("nonce in a logout token")
    _check_event(claims["events"])
    subject, session = claims.get("sub"), provider_session(claims)
    if subject is None and session is None:
        raise TokenRefused("neither sub nor a usable sid")
    return Order(_id(claims), _end(claims), subject, session)


def _check_type(typ: str) -> None:
    if typ.lower() not in TYPES:
        raise TokenRefused("typ is not logout+jwt")


def _check_event(events: object) -> None:
    """The member's value is an object, which should be empty; what it may hold is ignored."""
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise TokenRefused("events does not tell of a logout")


def _id(claims: Mapping[str, Any]) -> str:
    name = claims["jti"]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise TokenRefused("jti is not a short text")
    return name


def _end(claims: Mapping[str, Any]) -> float:
    """When nobody accepts it any more."""
    issued, expires = moment(claims, "iat"), moment(claims, "exp")
    assert issued is not None
    assert expires is not None
    if expires - issued > LONGEST_LIFE:
        raise TokenRefused("lives longer than a day")
    return expires + SKEW_SECONDS
