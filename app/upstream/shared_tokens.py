"""Tokens that replicas share in Redis: sealed, and never overwritten by older ones.

Who renews a user's tokens holds a lease and draws a number. Numbers only grow, and a record is written
only by the holder of a number that is not smaller than the one it was written with: whoever lost his
lease without noticing comes too late.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from hashlib import blake2b

from pydantic_core import from_json, to_json

from app.cache.leases import Leases
from app.cache.redis_link import Away, RedisLink
from app.clock import Clock
from app.observe.counters import Counters
from app.sealing import Form, Sealing, Unreadable
from app.upstream.pair import Pair

FORM = Form("platform tokens")
# What is said to all replicas when a user's tokens are to be forgotten.
FORGOTTEN = b"t"

_DRAW = """
local drawn = redis.call('HINCRBY', KEYS[1], 'drawn', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return drawn
"""

_PUT = """
local written = tonumber(redis.call('HGET', KEYS[1], 'written') or '0')
if tonumber(ARGV[1]) < written then return 0 end
redis.call('HSET', KEYS[1], 'written', ARGV[1], 'pair', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""

# The number stays: who was renewing when the tokens were forgotten must not bring them back.
_FORGET = """
local drawn = redis.call('HINCRBY', KEYS[1], 'drawn', 1)
redis.call('HSET', KEYS[1], 'written', drawn)
redis.call('HDEL', KEYS[1], 'pair')
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
"""


class SharedTokens:
    """By user. While Redis is away each replica has tokens of its own."""

    def __init__(
        self, link: RedisLink, leases: Leases, sealing: Sealing, clock: Clock, counters: Counters
    ) -> None:
        self._link = link
        self._leases = leases
        self._sealing = sealing
        self._clock = clock
        self._counters = counters

    @asynccontextmanager
    async def turn(self, user: str) -> AsyncIterator[int | None]:
        """One replica after the other renews; gives the number to `put` with, None without Redis."""
        async with self._leases.turn(FORM.purpose.encode() + _name(user)):
            try:
                drawn = await self._link.run(_DRAW, [self._key(user)], [_milliseconds(86_400)])
            except Away:
                drawn = None
            yield drawn

    async def get(self, user: str) -> Pair | None:
        try:
            sealed = await self._link.ask(lambda redis: redis.hget(self._key(user), "pair"))
        except Away:
            return None
        if not isinstance(sealed, bytes):
            return None
        try:
            return Pair(**from_json(self._sealing.open(FORM, _name(user), sealed)))
        except Unreadable:
            self._counters.add("tokens_unreadable")
            return None

    async def put(self, user: str, pair: Pair, drawn: int) -> bool:
        """Whether it was written; not if somebody drew and wrote since, or Redis is away."""
        left = max(pair.refresh_ends - self._clock.now(), 1.0)
        sealed = self._sealing.seal(FORM, _name(user), to_json(asdict(pair)))
        try:
            given = [drawn, sealed, _milliseconds(left)]
            return bool(await self._link.run(_PUT, [self._key(user)], given))
        except Away:
            return False

    async def forget(self, user: str) -> None:
        """On every replica, those included that renew at this moment."""
        message = FORGOTTEN + _name(user)
        await self._link.run(_FORGET, [self._key(user)], [self._link.channel, message])

    def _key(self, user: str) -> str:
        return f"{self._link.prefix}t:{_name(user).hex()}"


def is_of(user: str, message: bytes) -> bool:
    """Whether the message says that this user's tokens are forgotten."""
    return message == FORGOTTEN + _name(user)


def _name(user: str) -> bytes:
    """Ids do not stand in Redis in clear."""
    return blake2b(user.encode(), digest_size=16, person=b"tokens").digest()


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
