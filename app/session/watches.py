"""Watches: whether a credential that was recognised a moment ago is still good, without asking anybody.

Where that cannot be told here and now it is not: then the request is recognised anew.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from app.session.callers import Recognised
from app.session.claims import Claims
from app.session.endings import Endings, Life
from app.session.host_jwt import HostTokens
from app.session.registered_claims import SKEW_SECONDS
from app.session.revocations import Revocations
from app.session.sessions import Session, of_user


class Watch(Protocol):
    """On one credential."""

    def stands(self, now: float, *, at_work: bool) -> bool:
        """`at_work` says that a person is, so that activity may have to be noted."""


class SessionWatch(Struct, frozen=True):
    """`noted_by` is when activity has to be noted again (seconds since the epoch)."""

    life: Life
    ends: float
    noted_by: float

    def stands(self, now: float, *, at_work: bool) -> bool:
        return not self.life.ended and now < self.ends and (not at_work or now < self.noted_by)


class TokenWatch(Struct, frozen=True):
    """`keys` are those that verified the token, `name` is what its bearer is revoked by."""

    claims: Claims
    name: str
    keys: str
    tokens: HostTokens
    revocations: Revocations | None

    def stands(self, now: float, *, at_work: bool) -> bool:  # noqa: ARG002  # a token is not extended
        return (
            now < self.claims.expires + SKEW_SECONDS
            and self.tokens.trusts(self.keys)
            and (self.revocations is None or self.revocations.spare(self.name, self.claims.issued))
        )


class Watches:
    """Puts watches on what was recognised. `noted_every`: seconds between notes of activity."""

    def __init__(
        self,
        endings: Endings,
        tokens: HostTokens | None,
        revocations: Revocations | None,
        *,
        noted_every: float,
    ) -> None:
        self._endings = endings
        self._tokens = tokens
        self._revocations = revocations
        self._noted_every = noted_every

    @property
    def moment(self) -> tuple[int, str]:
        """Another one when a session has ended or other keys are trusted: who was recognised before may
        be signed out since."""
        return self._endings.count, self._tokens.version if self._tokens else ""

    def on(self, recognised: Recognised) -> Watch | None:
        """To be asked for in the same moment in which the recognition began."""
        if recognised.contestable:
            return None
        proof = recognised.proof
        if isinstance(proof, Session):
            life = self._endings.life(proof.key)
            return SessionWatch(life, proof.ends, proof.seen + self._noted_every)
        if self._tokens is None:
            return None
        keys, name = self._tokens.version, of_user(proof.user)
        return TokenWatch(proof, name, keys, self._tokens, self._revocations)
