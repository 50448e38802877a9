"""The platform's own tokens: JWTs for an hour and for a day, by the sandbox's clock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.clock import Clock

Kind = Literal["access", "refresh"]

LIFETIMES: dict[Kind, int] = {"access": 3_600, "refresh": 86_400}


@dataclass(frozen=True, slots=True)
class Token:
    """A token of ours, as found on a request; `alive` is False once expired or revoked."""

    user: str
    kind: Kind
    alive: bool


class Tokens:
    """Issues and reads them. Each carries a serial number, so that earlier ones can be ended.

    They are signed under the tenant's `api_key`: as the real platform's do, they outlive the process.
    """

    def __init__(self, clock: Clock, api_key: str) -> None:
        self._clock = clock
        self._key = OctKey.import_key(sha256(f"tokens of {api_key}".encode()).digest())
        # Beyond those of the process before.
        self._serial = int(clock.now())
        self._ended: dict[tuple[Kind, str | None], int] = {}

    def issue(self, user: str, kind: Kind) -> str:
        self._serial += 1
        now = int(self._clock.now())
        claims = {
            "sub": user,
            "iat": now,
            "exp": now + LIFETIMES[kind],
            "typ": kind,
            "jti": f"{self._serial}-{secrets.token_hex(4)}",
        }
        return jwt.encode({"alg": "HS256"}, claims, self._key)

    def read(self, text: str) -> Token | None:
        """None when we never issued it."""
        try:
            claims = jwt.decode(text, self._key, algorithms=["HS256"]).claims
        except (JoseError, ValueError):
            return None
        user, kind, serial = claims["sub"], claims["typ"], int(claims["jti"].split("-")[0])
        ended = max(self._ended.get((kind, user), 0), self._ended.get((kind, None), 0))
        return Token(user, kind, alive=claims["exp"] > self._clock.now() and serial > ended)

    def expire(self, user: str | None = None) -> None:
        """Access tokens issued so far die now, of that user or of all."""
        self._ended["access", user] = self._serial

    def revoke(self, user: str | None = None) -> None:
        """Refresh tokens die too."""
        self.expire(user)
        self._ended["refresh", user] = self._serial
