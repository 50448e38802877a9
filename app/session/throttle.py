"""How often one address may try to sign in.

A failed attempt and a successful one cost the same. Counted in a sliding window of a minute, with
Redis over all replicas; while that is away each replica counts for itself.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request

from app.cache.redis_link import Away, RedisLink
from app.caller import pseudonym
from app.errors import RateLimited

WINDOW = 60


class SignInThrottle:
    """`per_minute` attempts of one address, 0 for any number. Addresses are kept as keyed hashes."""

    def __init__(self, per_minute: int, salt: bytes, link: RedisLink | None) -> None:
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._salt = salt
        self._link = link
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(_storage(link)) if link else None

    async def __call__(self, request: Request) -> None:
        """A dependency of the routes that sign in; raises RateLimited."""
        if self._limit is None:
            return
        address = request.client.host if request.client else ""
        who = pseudonym(self._salt, address)
        limiter, allowed = await self._hit(self._limit, who)
        if allowed:
            return
        reset, _ = await limiter.get_window_stats(self._limit, who)
        seconds = min(WINDOW, max(1, math.ceil(reset - time.time())))
        raise RateLimited(
            "Too many attempts to sign in from your address. Wait a moment.",
            headers={
                "Retry-After": str(seconds),
                "RateLimit-Policy": f'"sign-in";q={self._limit.amount};w={WINDOW}',
                "RateLimit": f'"sign-in";r=0;t={seconds}',
            },
        )

    async def _hit(
        self, limit: RateLimitItemPerMinute, who: str
    ) -> tuple[SlidingWindowCounterRateLimiter, bool]:
        if self._link is not None and self._shared is not None:
            shared = self._shared
            try:
                return shared, await self._link.ask(lambda _: shared.hit(limit, who))
            except Away:
                pass
        return self._here, await self._here.hit(limit, who)


def _storage(link: RedisLink) -> RedisStorage:
    """On the link's own connections, so that what is said of them there holds here."""
    return RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix=f"{link.prefix}n",
        connection_pool=link.pool,  # type: ignore[arg-type]  # documented, and not annotated
    )
