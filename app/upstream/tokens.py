"""The platform's user tokens: exchanged, kept in this process, refreshed before anyone waits.

An access token is used until 80 to 90 % of its life and is then refreshed in the background of a
request that still holds a valid one; past its end requests wait. One exchange or refresh per user
is under way at a time. A dead refresh token leads to a new exchange: nobody is signed out because
of the platform.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from cachetools import LRUCache

from app.cache.flights import Flights
from app.clock import Clock
from app.errors import Problem

# Documented lifetimes (seconds): the answer itself does not tell.
ACCESS_SECONDS = 3600.0
REFRESH_SECONDS = 86_400.0
# A token this much before its end may die on the way (seconds).
MARGIN = 30.0
# After a failed refresh the still valid token is used this long before the next attempt (seconds).
REFRESH_PAUSE = 15.0
# A 403 may mean a bad token: believed of tokens older than this (seconds).
SUSPICIOUS_AGE = 60.0
# A refused token is renewed this seldom for one user (seconds).
RENEWAL_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Pair:
    """What an exchange gave. Times are seconds since the epoch by our own clock."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    issued: float
    soft: float
    ends: float
    refresh_ends: float


Exchange = Callable[[str], Awaitable[tuple[str, str]]]
Refresh = Callable[[str], Awaitable[str | None]]
# The moment until which nothing that was issued for a user is good.
Revoked = Callable[[str], Awaitable[float]]


async def nothing_revoked(_user: str) -> float:
    return float("-inf")


class Tokens:
    """Tokens by user, bounded. `exchange(user)` gives access and refresh token, `refresh(token)`
    a new access token or None when that is of no use. Both raise a Problem when they fail. What is
    older than `revoked(user)` is exchanged anew."""

    def __init__(
        self,
        exchange: Exchange,
        refresh: Refresh,
        clock: Clock,
        most: int = 50_000,
        revoked: Revoked = nothing_revoked,
    ) -> None:
        self._exchange = exchange
        self._refresh = refresh
        self._clock = clock
        self._revoked = revoked
        self._pairs: LRUCache[str, Pair] = LRUCache(most)
        self._renewed: LRUCache[str, float] = LRUCache(most)
        self._flights: Flights[Pair] = Flights()

    def __repr__(self) -> str:
        return f"Tokens(users={len(self._pairs)})"

    async def access(self, user: str) -> str:
        """A valid access token of this user; raises a Problem when there is none to be had."""
        revoked = await self._revoked(user)
        pair = self._pairs.get(user)
        if pair is not None and pair.issued <= revoked:
            del self._pairs[user]
            pair = None
        now = self._clock.now()
        if pair is None or now >= pair.ends - MARGIN:
            pair = await self._flights.join(user, lambda: self._renew(user))
        elif now >= pair.soft:
            self._flights.start(user, lambda: self._renew(user))
        return pair.access

    async def another(self, user: str, refused: str, *, certain: bool) -> str | None:
        """A token to try instead of the refused one; None when the refusal is to be believed.

        `certain`: the refusal speaks of the token and not of rights. One renewal serves all whose
        request was refused with the same token; beyond that there is one per user and minute, so
        that a loop over foreign ids does not become a storm of exchanges.
        """
        pair = self._pairs.get(user)
        if pair is not None and pair.access == refused and not self._flights.under_way(user):
            if not self._may_renew(user, pair, certain=certain):
                return None
            if certain:
                del self._pairs[user]
        for _ in range(2):
            if pair is not None and pair.access != refused:
                break
            # The refresh token came with the refused one: only an exchange starts afresh. What is
            # already under way may be a refresh that ends with the same pair, hence once more.
            pair = await self._flights.join(user, lambda: self._start(user))
        assert pair is not None
        return pair.access

    def _may_renew(self, user: str, pair: Pair, *, certain: bool) -> bool:
        now = self._clock.now()
        if not certain and now - pair.issued <= SUSPICIOUS_AGE:
            return False
        if now - self._renewed.get(user, float("-inf")) < RENEWAL_PAUSE:
            return False
        self._renewed[user] = now
        return True

    async def _renew(self, user: str) -> Pair:
        """New tokens; a valid one outlives a failure, and the next attempt waits a little."""
        pair = self._pairs.get(user)
        try:
            return await self._refreshed(user, pair)
        except Problem:
            now = self._clock.now()
            if pair is None or now >= pair.ends - MARGIN:
                raise
            if self._pairs.get(user) is pair:
                self._pairs[user] = replace(pair, soft=now + REFRESH_PAUSE)
            return pair

    async def _refreshed(self, user: str, pair: Pair | None) -> Pair:
        """By refresh while that can work, else by exchange."""
        asked_at = self._clock.now()
        if pair is None or asked_at >= pair.refresh_ends - MARGIN:
            return await self._start(user)
        access = await self._refresh(pair.refresh)
        if access is None:
            return await self._start(user)
        return self._keep(user, asked_at, access, pair.refresh, pair.refresh_ends)

    async def _start(self, user: str) -> Pair:
        asked_at = self._clock.now()
        access, refresh = await self._exchange(user)
        return self._keep(user, asked_at, access, refresh, asked_at + REFRESH_SECONDS)

    def _keep(
        self, user: str, asked_at: float, access: str, refresh: str, refresh_ends: float
    ) -> Pair:
        """It was issued at some moment since it was asked for: only the question's is safe."""
        # Jitter, so that users who came together do not all refresh together.
        life = ACCESS_SECONDS * random.uniform(0.8, 0.9)  # noqa: S311  # spreads load only
        ends = asked_at + ACCESS_SECONDS
        pair = Pair(access, refresh, asked_at, asked_at + life, ends, refresh_ends)
        self._pairs[user] = pair
        return pair

    async def close(self) -> None:
        await self._flights.close()
