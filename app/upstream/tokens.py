"""The platform's user tokens: exchanged, kept, refreshed before anyone waits.

An access token is used until 80 to 90 % of its life and is then refreshed in the background of a
request that still holds a valid one; past its end requests wait. One exchange or refresh per user
is under way at a time, with Redis in all replicas: the others wait for their turn and find what the
first one got. A dead refresh token leads to a new exchange: nobody is signed out because of the
platform.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from app.cache.flights import Flights
from app.clock import Clock
from app.errors import Problem
from app.observe.trail import Step, step
from app.recent import Recent
from app.upstream.pair import REFRESH_SECONDS, Pair, pair_of
from app.upstream.shared_tokens import SharedTokens, is_of

# After a failed refresh the still valid token is used this long before the next attempt (seconds).
REFRESH_PAUSE = 15.0
# A 403 may mean a bad token: believed of tokens older than this (seconds).
SUSPICIOUS_AGE = 60.0
# A refused token is renewed this seldom for one user (seconds).
RENEWAL_PAUSE = 60.0


Exchange = Callable[[str], Awaitable[tuple[str, str]]]
Refresh = Callable[[str, str], Awaitable[str | None]]


class Tokens:
    """Tokens by user, bounded. `exchange(user)` gives access and refresh token, `refresh(user,
    token)` a new access token or None when that is of no use. Both raise a Problem when they fail.
    `shared` are those of all replicas, None where this process has its own."""

    def __init__(
        self,
        exchange: Exchange,
        refresh: Refresh,
        clock: Clock,
        shared: SharedTokens | None = None,
        most: int = 50_000,
    ) -> None:
        self._exchange = exchange
        self._refresh = refresh
        self._clock = clock
        self._shared = shared
        self._pairs: Recent[str, Pair] = Recent(most)
        self._renewed: Recent[str, float] = Recent(most)
        self._flights: Flights[Pair] = Flights(needless_end=False)

    def __repr__(self) -> str:
        return f"Tokens(users={len(self._pairs)})"

    def __len__(self) -> int:
        """How many users have some here."""
        return len(self._pairs)

    def at_hand(self, user: str) -> str | None:
        """The access token that there is, where nothing has to be done for it."""
        pair = self._pairs.young.get(user) or self._pairs.get(user)
        return pair.access if pair is not None and self._clock.now() < pair.soft else None

    @step(Step.TOKEN)
    async def access(self, user: str) -> str:
        """A valid access token of this user; raises a Problem when there is none to be had."""
        pair = self._pairs.get(user)
        now = self._clock.now()
        if pair is None or not pair.usable(now):
            pair = await self._flights.join(user, lambda: self._renew(user))
        elif now >= pair.soft:
            self._flights.start(user, lambda: self._renew(user))
        return pair.access

    @step(Step.TOKEN)
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
                self._pairs.pop(user)
        for _ in range(2):
            if pair is not None and pair.access != refused:
                break
            # The refresh token came with the refused one: only an exchange starts afresh. What is
            # already under way may be a refresh that ends with the same pair, hence once more.
            pair = await self._flights.join(user, lambda: self._start(user, refused))
        assert pair is not None
        return pair.access

    def _may_renew(self, user: str, pair: Pair, *, certain: bool) -> bool:
        now = self._clock.now()
        if not certain and now - pair.issued <= SUSPICIOUS_AGE:
            return False
        renewed = self._renewed.get(user)
        if renewed is not None and now - renewed < RENEWAL_PAUSE:
            return False
        self._renewed[user] = now
        return True

    async def forget(self, user: str) -> None:
        """His tokens are used no more, here at once and on the other replicas as soon as they hear.

        Raises Away when the others cannot be told.
        """
        self._pairs.pop(user)
        if self._shared is not None:
            await self._shared.forget(user)

    def forgotten(self, message: bytes) -> None:
        """What another replica says of somebody's tokens."""
        for user in [user for user in self._pairs if is_of(user, message)]:
            self._pairs.pop(user)

    async def _renew(self, user: str) -> Pair:
        """New tokens; a valid one outlives a failure, and the next attempt waits a little."""
        async with self._turn(user) as drawn:
            pair = await self._newest(user)
            if pair is not None and self._clock.now() < pair.soft:
                return pair  # another replica was first
            try:
                return await self._keep(user, await self._refreshed(user, pair), drawn)
            except Problem:
                now = self._clock.now()
                if pair is None or not pair.usable(now):
                    raise
                if self._pairs.get(user) is pair:
                    self._pairs[user] = pair.put_off(now + REFRESH_PAUSE)
                return pair

    async def _start(self, user: str, refused: str) -> Pair:
        """Tokens of a new exchange, unless another replica has others than the refused one."""
        async with self._turn(user) as drawn:
            pair = await self._newest(user)
            if pair is not None and pair.access != refused:
                return pair
            return await self._keep(user, await self._exchanged(user), drawn)

    async def _refreshed(self, user: str, pair: Pair | None) -> Pair:
        """By refresh while that can work, else by exchange."""
        asked_at = self._clock.now()
        if pair is None or not pair.refreshable(asked_at):
            return await self._exchanged(user)
        access = await self._refresh(user, pair.refresh)
        if access is None:
            return await self._exchanged(user)
        return pair_of(access, pair.refresh, asked_at, pair.refresh_ends, _life())

    async def _exchanged(self, user: str) -> Pair:
        asked_at = self._clock.now()
        access, refresh = await self._exchange(user)
        return pair_of(access, refresh, asked_at, asked_at + REFRESH_SECONDS, _life())

    # --- what replicas share ----------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self, user: str) -> AsyncIterator[int | None]:
        """Only one renews at a time; the flights see to that in this process."""
        if self._shared is None:
            yield None
            return
        async with self._shared.turn(user) as drawn:
            yield drawn

    async def _newest(self, user: str) -> Pair | None:
        """What this process has, or what another replica put there since."""
        pair = self._pairs.get(user)
        there = await self._shared.get(user) if self._shared is not None else None
        if there is not None and (pair is None or there.issued > pair.issued):
            self._pairs[user] = pair = there
        return pair

    async def _keep(self, user: str, pair: Pair, drawn: int | None) -> Pair:
        """Where somebody put newer ones meanwhile, those."""
        if self._shared is not None and drawn is not None:
            written = await self._shared.put(user, pair, drawn)
            if not written and (newer := await self._shared.get(user)) is not None:
                pair = newer
        self._pairs[user] = pair
        return pair

    async def close(self) -> None:
        await self._flights.close()


def _life() -> float:
    """With jitter, so that users who came together do not all refresh together."""
    return random.uniform(0.8, 0.9)  # noqa: S311  # spreads load only
