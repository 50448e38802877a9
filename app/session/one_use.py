"""One use: values that are put once and taken once, within a short while.

`put` and `take` are all that replicas would have to share: in Redis they are SET with an expiry and
GETDEL. The store sees hashes and sealed bytes, so that whoever reads it can use nothing of it.
"""

from __future__ import annotations

import secrets
from typing import Protocol

from cachetools import TTLCache

from app.clock import Clock
from app.sealing import Sealing, Unreadable
from app.session.sessions import key_of

MOST_BYTES = 32 * 1024 * 1024
# What an entry costs beside its value.
_ENTRY_BYTES = 256


class OneUse(Protocol):
    """A store that gives each value away once."""

    async def put(self, key: str, value: bytes) -> None: ...

    async def take(self, key: str) -> bytes | None: ...


class LocalOneUse:
    """In this process. A full store drops the values that were put first."""

    def __init__(self, clock: Clock, *, seconds: float, most_bytes: int = MOST_BYTES) -> None:
        self._kept: TTLCache[str, bytes] = TTLCache(
            most_bytes, seconds, timer=clock.now, getsizeof=lambda value: len(value) + _ENTRY_BYTES
        )

    async def put(self, key: str, value: bytes) -> None:
        self._kept[key] = value

    async def take(self, key: str) -> bytes | None:
        # cachetools: popping what has expired is the same as popping what is not there.
        value: bytes | None = self._kept.pop(key, None)
        return value


class Sealed:
    """A store whose values are readable here alone, and for one purpose."""

    def __init__(self, store: OneUse, sealing: Sealing, purpose: str) -> None:
        self._store = store
        self._sealing = sealing
        self._purpose = purpose

    async def put(self, key: str, value: bytes) -> None:
        await self._store.put(key, self._sealing.seal(self._purpose, key.encode(), value))

    async def take(self, key: str) -> bytes | None:
        sealed = await self._store.take(key)
        if sealed is None:
            return None
        try:
            return self._sealing.open(self._purpose, key.encode(), sealed)
        except Unreadable:
            return None


async def issue(store: OneUse, value: bytes) -> str:
    """A new secret that stands for the value, once. The store knows the secret's hash."""
    secret = secrets.token_urlsafe(32)
    await store.put(key_of(secret), value)
    return secret


async def redeem(store: OneUse, secret: str) -> bytes | None:
    """What the secret stands for; None when it was used, has expired, or was never issued."""
    return await store.take(key_of(secret))
