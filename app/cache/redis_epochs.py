"""The epochs that replicas share: Redis has them, each process has heard of those that it uses.

What is kept in a process is judged by what it has heard, without asking; see `RedisLink.hears`. Only
before a question to the platform Redis itself is asked. While Redis is away nothing is kept, and the
tags that were dropped meanwhile are dropped there when it comes back.
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import Any

from cachetools import LRUCache

from app.cache.epochs import EPOCH_BYTES, Snapshot, Writing, digest_of, new_epoch
from app.cache.flights import Flights
from app.cache.redis_link import Away, RedisLink
from app.catalogue.tags import Tag
from app.clock import Clock

NAME_BYTES = 16
# Longer than anything is kept: an epoch that nobody asks for leaves afterwards (milliseconds).
EPOCH_TTL = 3 * 86_400 * 1000
# Messages begin with this; others that share the channel have other beginnings.
BUMPED = b"e"

# Gives each tag's epoch, made now where there is none, and whether a write bars any of them.
_CURRENT = """
local found, barred = {}, 0
for i = 1, #KEYS / 2 do
  local epoch = redis.call('GET', KEYS[2 * i - 1])
  if epoch then
    redis.call('PEXPIRE', KEYS[2 * i - 1], ARGV[1])
  else
    epoch = ARGV[2 + i]
    redis.call('SET', KEYS[2 * i - 1], epoch, 'PX', ARGV[1])
  end
  found[i] = epoch
  if redis.call('ZCOUNT', KEYS[2 * i], '(' .. ARGV[2], '+inf') > 0 then barred = 1 end
end
return {found, barred}
"""

# Gives each tag a new epoch, sets or lifts the bar of a write, and tells everybody.
_BUMP = """
for i = 1, #KEYS / 2 do
  redis.call('SET', KEYS[2 * i - 1], ARGV[6 + i], 'PX', ARGV[1])
  if ARGV[4] ~= '' then
    if ARGV[5] == '' then
      redis.call('ZREM', KEYS[2 * i], ARGV[4])
    else
      redis.call('ZADD', KEYS[2 * i], ARGV[5], ARGV[4])
      redis.call('PEXPIRE', KEYS[2 * i], ARGV[6])
    end
  end
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
"""


class RedisEpochs:
    """`most` tags are remembered; what bears a forgotten one counts as dropped here."""

    def __init__(self, link: RedisLink, clock: Clock, most: int = 200_000) -> None:
        self._link = link
        self._clock = clock
        self._heard: LRUCache[Tag, bytes] = LRUCache(most)
        self._named: LRUCache[bytes, Tag] = LRUCache(most)
        # Of each question under way, the tags that somebody dropped since.
        self._asking: dict[object, set[Tag]] = {}
        self._owed: set[Tag] = set()
        self._hearing: Flights[Snapshot] = Flights()
        link.on_message(self._receive)
        link.on_open(self._begin)

    async def current(self, tags: Iterable[Tag]) -> Snapshot:
        tags = list(tags)
        try:
            return await self._ask(tags)
        except Away:
            epochs = {tag: self._heard.get(tag) or self._hear(tag, new_epoch()) for tag in tags}
            return Snapshot(epochs, storable=False)

    def stand(self, snapshot: Snapshot) -> bool:
        heard = self._heard
        return self._link.hears and all(
            heard.get(tag) == epoch for tag, epoch in snapshot.epochs.items()
        )

    async def confirm(self, snapshot: Snapshot) -> bool:
        if self._link.hears and all(tag in self._heard for tag in snapshot.epochs):
            return self.stand(snapshot)
        try:
            return (await self._ask(list(snapshot.epochs))).epochs == snapshot.epochs
        except Away:
            return False

    async def heard(self, tags: Iterable[Tag]) -> bytes:
        tags = set(tags)
        if not all(tag in self._heard for tag in tags):
            await self._hearing.join(frozenset(tags), lambda: self.current(tags))
        epochs = {tag: self._heard.get(tag, b"") for tag in tags}
        if not self._link.hears:
            # Of what others dropped nothing is heard: only who comes together goes together.
            epochs[Tag("moment", str(int(asyncio.get_running_loop().time())))] = b""
        return digest_of(epochs)

    async def bump(self, tags: Iterable[Tag]) -> None:
        await self._bump(list(tags))

    @asynccontextmanager
    async def writing(self, tags: frozenset[Tag], unknown_for: float) -> AsyncIterator[Writing]:
        """Should this process die meanwhile, the bar stands as if the write's end was not seen.

        A write takes as long as an unknown one stays barred, at the most: hence twice that.
        """
        write, dropped, name = Writing(), list(tags), secrets.token_hex(8)
        await self._bump(dropped, name, 2 * unknown_for)
        try:
            with write.watched():
                yield write
        finally:
            end = self._bump(dropped, name, unknown_for if write.unknown else None)
            await asyncio.shield(asyncio.ensure_future(end))

    # --- Redis ------------------------------------------------------------------------------------

    async def _ask(self, tags: Sequence[Tag]) -> Snapshot:
        """What Redis has; remembered, unless a message about the tag came in meanwhile."""
        overtaken = self._asking[asking := object()] = set()
        keys = self._keys(tags)
        given: list[Any] = [EPOCH_TTL, repr(self._clock.now()), *(new_epoch() for _ in tags)]
        try:
            found, barred = await self._link.run(_CURRENT, keys, given)
        finally:
            del self._asking[asking]
        epochs = dict(zip(tags, found, strict=True))
        for tag in epochs.keys() - overtaken:
            self._hear(tag, epochs[tag])
        return Snapshot(epochs, storable=not barred)

    async def _bump(
        self, tags: Sequence[Tag], write: str = "", barred_for: float | None = None
    ) -> None:
        """Here at once, at the others by Redis, and if that is away when it comes back."""
        epochs = [new_epoch() for _ in tags]
        for tag, epoch in zip(tags, epochs, strict=True):
            self._overtake(tag)
            self._hear(tag, epoch)
        if not tags:
            return
        message = BUMPED + b"".join(
            name_of(tag) + epoch for tag, epoch in zip(tags, epochs, strict=True)
        )
        until = "" if barred_for is None else repr(self._clock.now() + barred_for)
        # Redis forgets a bar that nobody lifts some time after its end, by its own clock.
        bar_ttl = math.ceil((barred_for or 0) * 2000) + 60_000
        given = [EPOCH_TTL, self._link.channel, message, write, until, bar_ttl, *epochs]
        keys = self._keys(tags)
        try:
            await self._link.run(_BUMP, keys, given)
        except Away:
            self._owed.update(tags)

    def _keys(self, tags: Sequence[Tag]) -> list[str]:
        names = [name_of(tag).hex() for tag in tags]
        prefix = self._link.prefix
        return [key for name in names for key in (f"{prefix}e:{name}", f"{prefix}b:{name}")]

    async def _begin(self) -> None:
        """The subscription begins: what was heard before may be out of date."""
        self._heard.clear()
        self._named.clear()
        owed, self._owed = self._owed, set()
        await self._bump(list(owed))

    def _receive(self, message: bytes) -> None:
        if not message.startswith(BUMPED):
            return
        step = NAME_BYTES + EPOCH_BYTES
        for start in range(len(BUMPED), len(message), step):
            part = message[start : start + step]
            tag = self._named.get(part[:NAME_BYTES])
            if tag is not None:
                self._overtake(tag)
                self._hear(tag, part[NAME_BYTES:])

    def _hear(self, tag: Tag, epoch: bytes) -> bytes:
        self._heard[tag] = epoch
        self._named[name_of(tag)] = tag
        return epoch

    def _overtake(self, tag: Tag) -> None:
        for overtaken in self._asking.values():
            overtaken.add(tag)

    async def close(self) -> None:
        await self._hearing.close()


def name_of(tag: Tag) -> bytes:
    """Ids do not stand in Redis in clear."""
    return blake2b(repr(tag).encode(), digest_size=NAME_BYTES).digest()
