"""How often somebody may do something in a minute, counted in a sliding window.

With Redis over all replicas; while that is away each replica counts for itself. Whoever is counted is
known here by a keyed hash alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from cachetools import LRUCache
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter as Window
from msgspec import Struct

from app.cache.redis_link import Away, RedisLink
from app.caller import pseudonym
from app.clock import Clock
from app.errors import RateLimited
from app.observe.counters import Counters

SECONDS = 60
# Who was counted longest ago is forgotten first, beyond this many.
MOST = 50_000


@dataclass(frozen=True, slots=True)
class Quota:
    """`per_minute` of something, 0 for any number. `policy` names it on the wire, `sentence` tells the
    person that it is used up."""

    policy: str
    per_minute: int
    sentence: str


class Share(Struct, frozen=True):
    """One person's (or team's, or address') part in a quota."""

    quota: Quota
    holder: str


class Rates:
    """`salt` keys the hashes: replicas that count together have to have the same."""

    def __init__(
        self, salt: bytes, link: RedisLink | None, clock: Clock, counters: Counters
    ) -> None:
        self._salt = salt
        self._link = link
        self._counters = counters
        self._here = Window(LocalCounts(clock))
        self._shared = Window(_storage(link)) if link else None

    async def count(self, *shares: Share) -> None:
        """One of each. Raises RateLimited when one of them is used up; then none is taken of those
        before it."""
        limited = [
            _Counted(share.quota, RateLimitItemPerMinute(share.quota.per_minute), self._name(share))
            for share in shares
            if share.quota.per_minute
        ]
        if limited and (full := await self._count(limited)):
            self._counters.add("rate_limited", policy=full[0].policy)
            raise _refusal(*full)

    def _name(self, share: Share) -> str:
        return pseudonym(self._salt, f"{share.quota.policy}\0{share.holder}")

    async def _count(self, limited: Sequence[_Counted]) -> tuple[Quota, int] | None:
        if self._link is not None and self._shared is not None:
            shared = self._shared
            try:
                return await self._link.ask(lambda _: _count_in(shared, limited))
            except Away:
                pass
        return await _count_in(self._here, limited)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A share as the library counts it."""

    quota: Quota
    item: RateLimitItemPerMinute
    name: str


async def _count_in(window: Window, limited: Sequence[_Counted]) -> tuple[Quota, int] | None:
    """None when all were counted, else the quota that is used up and the seconds to wait.

    All but the first are looked at before anything is counted: who is refused for his team's sake
    loses nothing of his own.
    """
    for other in limited[1:]:
        if not await window.test(other.item, other.name):
            # His own may be used up as well, and then that is what he is told.
            full = [one for one in limited if not await window.test(one.item, one.name)]
            return await _used_up(window, (full or [other])[0])
    for one in limited:
        if not await window.hit(one.item, one.name):
            return await _used_up(window, one)
    return None


async def _used_up(window: Window, one: _Counted) -> tuple[Quota, int]:
    reset, _ = await window.get_window_stats(one.item, one.name)
    # The library adds what is left of the window to the machine's time.
    return one.quota, min(SECONDS, max(1, math.ceil(reset - time.time())))


def _refusal(quota: Quota, seconds: int) -> RateLimited:
    """Fields as in draft-ietf-httpapi-ratelimit-headers."""
    return RateLimited(
        quota.sentence,
        reason=quota.policy,
        headers={
            "Retry-After": str(seconds),
            "RateLimit-Policy": f'"{quota.policy}";q={quota.per_minute};w={SECONDS}',
            "RateLimit": f'"{quota.policy}";r=0;t={seconds}',
        },
    )


class LocalCounts(MemoryStorage):
    """The library's place in memory, bounded, and by our clock.

    Its own one keeps every name for two minutes, however many there are, and looks at all of them
    whenever it counts.
    """

    def __init__(self, clock: Clock, most: int = MOST) -> None:
        super().__init__()
        self._clock = clock
        # Under a name: the number of a window, and how many were counted in it and in the one before.
        self._counts: LRUCache[str, tuple[int, int, int]] = LRUCache(most)

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        number, before, left, counted = self._look(key, expiry)
        if floor(before * left / expiry) + counted + amount > limit:
            return False
        self._counts[key] = number, before, counted + amount
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        _, before, left, counted = self._look(key, expiry)
        return before, left if before else 0.0, counted, left + expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002  # the library's
        self._counts.pop(key, None)

    def _look(self, key: str, expiry: int) -> tuple[int, int, float, int]:
        """The window of now: its number, what was counted before it, what is left of it, what in it."""
        now = self._clock.now()
        number = int(now // expiry)
        known, before, counted = self._counts.get(key, (number, 0, 0))
        if known != number:
            before, counted = (counted if known == number - 1 else 0), 0
        return number, before, expiry - now % expiry, counted


def _storage(link: RedisLink) -> RedisStorage:
    """On the link's own connections, so that what is said of them there holds here."""
    return RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix=f"{link.prefix}n",
        connection_pool=link.pool,  # type: ignore[arg-type]  # documented, and not annotated
    )
