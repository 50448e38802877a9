"""The epochs that replicas share: Redis has them, each process has heard of those that it uses.

What is kept in a process is judged by what it has heard, without asking; see `RedisLink.hears`. Only
before a question to the platform Redis itself is asked. While Redis is away nothing is kept. When it
comes back it is told of the tags that were dropped meanwhile, and again of the bars that still hold:
it may have forgotten them.
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import AsyncIterator, Hashable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from cachetools import LRUCache

from app.cache.changes import Changes
from app.cache.epochs import EPOCH_BYTES, Snapshot, Writing, new_epoch, stand_in
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


@dataclass(frozen=True, slots=True)
class Bar:
    """Under these tags one write lets nothing be kept, until that time (seconds since the epoch)."""

    tags: Sequence[Tag]
    until: float


class Heard(LRUCache[Tag, bytes]):
    """The epochs that were heard; `named` holds the same tags, by the names that messages use."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.named: dict[bytes, Tag] = {}

    def __setitem__(self, tag: Tag, epoch: bytes) -> None:
        super().__setitem__(tag, epoch)
        self.named[name_of(tag)] = tag

    def __delitem__(self, tag: Tag) -> None:
        super().__delitem__(tag)
        del self.named[name_of(tag)]


class RedisEpochs:
    """`most` tags are remembered; what bears a forgotten one counts as dropped here."""

    def __init__(self, link: RedisLink, clock: Clock, most: int = 200_000) -> None:
        self.changes = Changes()
        self._link = link
        self._clock = clock
        self._heard = Heard(most)
        # Of each question under way, the names of the tags that somebody dropped since.
        self._asking: dict[object, set[bytes]] = {}
        # What was dropped here and Redis was not told of, and the bars of this process' writes.
        self._owed: dict[Tag, bytes] = {}
        self._bars: dict[str, Bar] = {}
        self._hearing: Flights[Snapshot] = Flights(needless_end=False)
        link.on_message(BUMPED, self._receive)
        link.on_open(self._begin)
        link.on_return(self._settle)

    @property
    def sure(self) -> bool:
        return self._link.hears

    async def current(self, tags: Iterable[Tag]) -> Snapshot:
        tags = list(tags)
        try:
            return await self._ask(tags)
        except Away:
            epochs = {tag: self._heard.setdefault(tag, new_epoch()) for tag in tags}
            self.changes.note()
            return Snapshot(epochs, storable=False)

    def at_hand(self, tags: Iterable[Tag]) -> Snapshot | None:  # noqa: ARG002  # Redis has them
        return None

    def stand(self, snapshot: Snapshot) -> bool:
        return self._link.hears and stand_in(self._heard, snapshot, self.changes)

    async def confirm(self, snapshot: Snapshot) -> bool:
        if self._link.hears and all(tag in self._heard for tag in snapshot.epochs):
            return self.stand(snapshot)
        try:
            return (await self._ask(list(snapshot.epochs))).epochs == snapshot.epochs
        except Away:
            return False

    async def heard(self, tags: Iterable[Tag]) -> Hashable:
        tags = set(tags)
        if not all(tag in self._heard for tag in tags):
            await self._hearing.join(frozenset(tags), lambda: self.current(tags))
        # Of what others dropped nothing may be heard: then only who comes together goes together.
        moment = None if self._link.hears else int(asyncio.get_running_loop().time())
        return moment, frozenset([self._heard.get(tag, b"") for tag in tags])

    async def bump(self, tags: Iterable[Tag]) -> None:
        await self._bump(list(tags))

    @asynccontextmanager
    async def writing(self, tags: frozenset[Tag], unknown_for: float) -> AsyncIterator[Writing]:
        """Should this process die meanwhile, the bar stands as if the write's end was not seen.

        A write takes as long as an unknown one stays barred, at the most: hence twice that.
        """
        write, dropped, name = Writing(), list(tags), secrets.token_hex(8)
        await self._bump(dropped, name, self._bar(name, dropped, 2 * unknown_for))
        try:
            with write.watched():
                yield write
        finally:
            until = self._bar(name, dropped, unknown_for if write.unknown else 0)
            await asyncio.shield(asyncio.ensure_future(self._bump(dropped, name, until)))

    def _bar(self, write: str, tags: Sequence[Tag], seconds: float) -> float:
        """Until when the write bars its tags. Bars that have ended are forgotten."""
        now = self._clock.now()
        self._bars[write] = Bar(tags, now + seconds)
        self._bars = {name: bar for name, bar in self._bars.items() if bar.until > now}
        return now + seconds

    # --- Redis ------------------------------------------------------------------------------------

    async def _ask(self, tags: Sequence[Tag]) -> Snapshot:
        """What Redis has; remembered, unless a message about the tag came in meanwhile."""
        if not self._owed.keys().isdisjoint(tags):
            # It has an epoch that has ended here.
            raise Away
        overtaken = self._asking[asking := object()] = set()
        keys = self._keys(tags)
        given: list[Any] = [EPOCH_TTL, repr(self._clock.now()), *(new_epoch() for _ in tags)]
        try:
            found, barred = await self._link.run(_CURRENT, keys, given)
        finally:
            del self._asking[asking]
        epochs = dict(zip(tags, found, strict=True))
        for tag, epoch in epochs.items():
            if name_of(tag) not in overtaken:
                self._hear(tag, epoch)
        return Snapshot(epochs, storable=not barred)

    def _hear(self, tag: Tag, epoch: bytes) -> None:
        """Of a drop elsewhere an answer of Redis may tell before the message does."""
        if self._heard.get(tag) != epoch:
            self._heard[tag] = epoch
            self.changes.note()

    async def _bump(self, tags: Iterable[Tag], write: str = "", until: float = 0) -> None:
        """Here at once, at the others by Redis, and if that is away when it comes back."""
        epochs = {tag: new_epoch() for tag in tags}
        for tag, epoch in epochs.items():
            self._overtake(name_of(tag))
            self._heard[tag] = epoch
        self.changes.note()
        try:
            await self._tell(epochs, write, until)
        except Away:
            self._owed |= epochs

    async def _tell(self, epochs: Mapping[Tag, bytes], write: str = "", until: float = 0) -> None:
        if not epochs:
            return
        message = BUMPED + b"".join(name_of(tag) + epoch for tag, epoch in epochs.items())
        left = max(0, until - self._clock.now())
        # Redis forgets a bar that nobody lifts some time after its end, by its own clock.
        bar_ttl = math.ceil(left * 2000) + 60_000
        bar = repr(until) if left else ""
        given = [EPOCH_TTL, self._link.channel, message, write, bar, bar_ttl, *epochs.values()]
        await self._link.run(_BUMP, self._keys(list(epochs)), given)

    async def _settle(self) -> None:
        """Redis is back."""
        owed = dict(self._owed)
        with suppress(Away):
            await self._tell(owed)
            self._owed = dict(self._owed.items() - owed.items())
        for write, bar in list(self._bars.items()):
            await self._bump(bar.tags, write, bar.until)

    def _keys(self, tags: Sequence[Tag]) -> list[str]:
        names = [name_of(tag).hex() for tag in tags]
        prefix = self._link.prefix
        return [key for name in names for key in (f"{prefix}e:{name}", f"{prefix}b:{name}")]

    def _begin(self) -> None:
        """The subscription begins: what was dropped before may not have been heard of."""
        self._heard.clear()
        self.changes.forget()

    def _receive(self, message: bytes) -> None:
        self.changes.note()
        step = NAME_BYTES + EPOCH_BYTES
        for start in range(len(BUMPED), len(message), step):
            part = message[start : start + step]
            name = part[:NAME_BYTES]
            self._overtake(name)
            if (tag := self._heard.named.get(name)) is not None:
                self._heard[tag] = part[NAME_BYTES:]

    def _overtake(self, name: bytes) -> None:
        for overtaken in self._asking.values():
            overtaken.add(name)

    async def close(self) -> None:
        await self._hearing.close()


def name_of(tag: Tag) -> bytes:
    """Ids do not stand in Redis in clear."""
    return blake2b(repr(tag).encode(), digest_size=NAME_BYTES).digest()
