"""Claims: from verified token to user and enterprises. The one place that decides who somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.catalogue.shapes import is_external_id
from app.session.registered_claims import TokenRefused, moment
from app.settings import IdentitySettings

_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a verified token speaks of.

    `enterprises` is None when no enterprise claim is configured. `expires` is the token's own end,
    `provider_session` the identity provider's name (`sid`) for the session behind it, `explains`
    whether he may be told how his requests are served. `subject` is `sub`, whichever claim names the
    user, and `issued` the moment `iat`.
    """

    user: str
    enterprises: frozenset[str] | None
    name: str | None
    expires: int
    provider_session: str | None
    explains: bool = False
    subject: str = ""
    issued: int = 0


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """Which claim is the user, which names the enterprises; alike for ID tokens and host tokens."""

    user_claim: str
    enterprise_claim: str | None
    explain_claim: str | None = None

    @classmethod
    def of(cls, identity: IdentitySettings, explain_claim: str | None = None) -> ClaimRules:
        return cls(identity.user_claim, identity.enterprise_claim, explain_claim)

    def read(self, verified: Mapping[str, Any]) -> Claims:
        """Who the token speaks of. Only for claims whose signature and terms have been checked."""
        return Claims(
            user=self._user(verified),
            enterprises=self._enterprises(verified),
            name=_text(verified.get("name")),
            expires=moment(verified, "exp") or 0,
            provider_session=provider_session(verified),
            explains=self.explain_claim is not None and verified.get(self.explain_claim) is True,
            subject=str(verified["sub"]),
            issued=moment(verified, "iat") or 0,
        )

    def _user(self, verified: Mapping[str, Any]) -> str:
        user = verified.get(self.user_claim)
        if not isinstance(user, str) or not is_external_id(user):
            raise TokenRefused("the user claim is missing or not usable as an id")
        if self.user_claim == "email" and verified.get("email_verified") is not True:
            raise TokenRefused("the email address is not verified")
        return user

    def _enterprises(self, verified: Mapping[str, Any]) -> frozenset[str] | None:
        if self.enterprise_claim is None:
            return None
        claim = verified.get(self.enterprise_claim, [])
        named = claim if isinstance(claim, list) else [claim]
        if not all(isinstance(one, str) for one in named):
            raise TokenRefused("the enterprise claim is neither a text nor a list of texts")
        # A name that cannot be an id can name no enterprise here, and grants nothing.
        return frozenset(one for one in named if is_external_id(one))


def provider_session(verified: Mapping[str, Any]) -> str | None:
    """The identity provider's name for a session, None when it tells none that can be used."""
    return _text(verified.get("sid"))


def _text(value: object) -> str | None:
    usable = isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()
    return str(value) if usable else None
