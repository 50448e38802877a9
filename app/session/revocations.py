"""Revocations: what was issued to a user until a moment is good no longer (`bff revoke`).

Sessions are ended one by one; host tokens are not ours to end, so whoever is shown one compares its
age with this. Redis has the moments, each process has heard of them: who
hears (see `RedisLink.hears`) need not ask for every request.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

from app.cache.redis_link import Away, RedisLink
from app.clock import Clock
from app.session.records import NAME_BYTES
from app.session.redis_records import unavailable
from app.session.sessions import of_user

# Longer than any host token may live (BFF_IDENTITY__JWT__MAX_LIFETIME_SECONDS): a day, and a little
# for clocks that differ (seconds).
KEPT_SECONDS = 86_400 + 600
# Messages begin with this; others that share the channel have other beginnings.
REVOKED = b"r"
NEVER = float("-inf")
_MOMENT = struct.Struct(">d")

# A moment only ever moves forward, and those that nothing can be older than any more leave. The whole
# has no end of its own: a Redis that is full may evict what has one.
_REVOKE = """
redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
"""


class Revocations:
    """Moments by user, under hashed names."""

    def __init__(self, link: RedisLink, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._place = f"{link.prefix}revoked"
        self._heard: dict[str, float] = {}
        # Which subscription this is, and the one before whose begin all that was revoked is known.
        self._subscription = self._known_before = 0
        link.on_open(self._open)
        link.on_message(REVOKED, self._receive)

    async def revoke(self, user: str) -> None:
        """From now on nothing that was issued to this user before is good."""
        now, name = self._clock.now(), of_user(user)
        message = REVOKED + bytes.fromhex(name) + _MOMENT.pack(now)
        given = [repr(now), name, repr(now - KEPT_SECONDS)]
        try:
            await self._link.run(_REVOKE, [self._place], [*given, self._link.channel, message])
        except Away:
            raise unavailable() from None
        self._hear(name, now)

    async def until(self, user: str) -> float:
        """The moment until which nothing that was issued to this user is good.

        While Redis is away that is what was heard before.
        """
        name = of_user(user)
        with suppress(Away):
            if not self._link.hears:
                moment = await self._link.ask(lambda redis: redis.zscore(self._place, name))
                self._hear(name, NEVER if moment is None else moment)
            elif self._known_before != self._subscription:
                await self._learn()
        return self._heard.get(name, NEVER)

    def spare(self, name: str, issued: float) -> bool:
        """Whether what was issued then to the user of that name is good, as far as is known here, and
        whether all is; who hears of every revocation need not ask."""
        complete = self._known_before == self._subscription
        return complete and issued > self._heard.get(name, NEVER)

    def _open(self) -> None:
        """The subscription begins: what was published before has not arrived."""
        self._subscription += 1

    async def _learn(self) -> None:
        """All that was revoked until now. What is revoked from now on is published to us."""
        subscription, since = self._subscription, self._clock.now() - KEPT_SECONDS
        revoked: Any = await self._link.ask(
            lambda redis: redis.zrange(self._place, since, "+inf", byscore=True, withscores=True)
        )
        self._heard = {name: moment for name, moment in self._heard.items() if moment > since}
        for name, moment in revoked:
            self._hear(name.decode(), moment)
        self._known_before = subscription

    def _receive(self, message: bytes) -> None:
        name, moment = message[len(REVOKED) :][:NAME_BYTES], message[-_MOMENT.size :]
        self._hear(name.hex(), _MOMENT.unpack(moment)[0])

    def _hear(self, name: str, moment: float) -> None:
        if moment > self._heard.get(name, NEVER):
            self._heard[name] = moment
