"""One use: values that are put once and taken once, within a short while.

Each stands for a secret that somebody else holds; the records know the secret's hash alone.
"""

from __future__ import annotations

import secrets

from app.clock import Clock
from app.session.records import Records
from app.session.sessions import key_of


class Briefly:
    """Records that end `seconds` after they were put."""

    def __init__(self, kept: Records[str], clock: Clock, seconds: float) -> None:
        self._kept = kept
        self._clock = clock
        self._seconds = seconds

    async def put(self, key: str, value: str) -> None:
        await self._kept.put(key, value, self._clock.now() + self._seconds)

    async def take(self, key: str) -> str | None:
        """The value, for the last time."""
        return await self._kept.take(key)

    async def issue(self, value: str) -> str:
        """A new secret that stands for the value, once."""
        secret = secrets.token_urlsafe(32)
        await self.put(key_of(secret), value)
        return secret

    async def redeem(self, secret: str) -> str | None:
        """What the secret stands for; None when it was used, has expired, or was never issued."""
        return await self.take(key_of(secret))
