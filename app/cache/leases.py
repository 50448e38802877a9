"""Leases: of all replicas one does something at a time, and the others wait until it is done.

A lease is short and renewed while its holder is at work: if he dies, it ends by itself. While Redis
is away everybody has his own way.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from app.cache.redis_link import Away, RedisLink
from app.observe.counters import Counters

# Whoever holds a lease says so again before this has passed (seconds).
LEASE = 2.0
RENEW_EVERY = 0.5
# How often those who wait look for themselves, should the news not reach them (seconds).
LOOK_EVERY = 0.1
# Messages begin with this; others that share the channel have other beginnings.
LANDED = b"l"

# Ends a lease if it is still ours, and tells those who wait.
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
"""

_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class Leases:
    """Leases by name."""

    def __init__(self, link: RedisLink, counters: Counters) -> None:
        self._link = link
        self._waits = counters.of("lease_waits")
        self._waiting: dict[bytes, asyncio.Event] = {}
        link.on_message(LANDED, self._receive)

    @asynccontextmanager
    async def leading(self, name: bytes) -> AsyncIterator[bool]:
        """Whether it is ours to do; else it was another's, who is done or failed when this says so."""
        mine = secrets.token_hex(8)
        if not await self._take(name, mine):
            self._waits.number += 1
            await self._landed(name)
            yield False
            return
        renewing = asyncio.create_task(self._renew(name, mine))
        try:
            yield True
        finally:
            renewing.cancel()
            given = [mine, self._link.channel, LANDED + name]
            await asyncio.shield(asyncio.ensure_future(self._run(_RELEASE, name, given)))

    @asynccontextmanager
    async def turn(self, name: bytes) -> AsyncIterator[None]:
        """One after the other."""
        while True:
            async with self.leading(name) as ours:
                if ours:
                    yield
                    return

    async def _take(self, name: bytes, mine: str) -> bool:
        try:
            taken = await self._link.ask(
                lambda redis: redis.set(self._key(name), mine, nx=True, px=int(LEASE * 1000))
            )
        except Away:
            return True
        return taken is not None

    async def _renew(self, name: bytes, mine: str) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            await self._run(_RENEW, name, [mine, int(LEASE * 1000)])

    async def _landed(self, name: bytes) -> None:
        """Until the lease has ended, by its holder or by itself."""
        event = self._waiting.setdefault(name, asyncio.Event())
        try:
            while not event.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await event.wait()
                if not event.is_set() and not await self._held(name):
                    return
        finally:
            if self._waiting.get(name) is event:
                del self._waiting[name]

    async def _held(self, name: bytes) -> bool:
        try:
            return bool(await self._link.ask(lambda redis: redis.exists(self._key(name))))
        except Away:
            return False

    async def _run(self, script: str, name: bytes, given: list[Any]) -> None:
        with suppress(Away):
            await self._link.run(script, [self._key(name)], given)

    def _receive(self, message: bytes) -> None:
        if event := self._waiting.get(message[len(LANDED) :]):
            event.set()

    def _key(self, name: bytes) -> str:
        return f"{self._link.prefix}f:{name.hex()}"
