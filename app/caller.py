"""Caller: who asks. Verified before anything else looks at it, and never changed afterwards."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct


class Via(StrEnum):
    """How the caller proved who he is."""

    SESSION = "session"
    HOST_JWT = "host-jwt"


class Caller(Struct, frozen=True, cache_hash=True, gc=False):
    """A signed-in user.

    `user` is the externalUserId at the platform. `enterprises` are those that the identity
    provider's claim names, None when no such claim is configured. `by_cookie` says that a browser
    attached the credential by itself, so that the CSRF rules apply. `session` is the store's key
    of the session (a hash, never the credential), None for host tokens. `explains` says that he may
    be told how his requests are served.
    """

    user: str
    via: Via
    by_cookie: bool
    enterprises: frozenset[str] | None = None
    session: str | None = None
    explains: bool = False

    def __repr__(self) -> str:
        """Without the key of his session."""
        return f"Caller({self.user!r}, {self.via!s})"


@lru_cache(maxsize=1024)
def pseudonym(salt: bytes, value: str) -> str:
    """A keyed hash that lets log lines of one user be grouped without naming him (64 bits, hex). Those of
    whom was told last are remembered: every request has a line."""
    return hashlib.blake2b(value.encode(), key=salt, digest_size=8).hexdigest()
