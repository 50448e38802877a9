"""Kept answers: bytes with their ETag, fresh for a while, usable when stale for a while longer.

Access is decided before anything here is asked. A kept answer is used only while the epochs of all
its tags stand; see epochs.py for what writes do to them.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from sys import getsizeof
from typing import Any

from cachetools import LRUCache

from app.cache.epochs import Epochs
from app.cache.flights import Flights
from app.catalogue.keep import Keep
from app.catalogue.tags import Epochs as Snapshot
from app.catalogue.tags import Tag
from app.clock import Clock
from app.errors import Problem, UpstreamError, UpstreamTimeout, UpstreamUnavailable

# What an entry costs besides its body and the ids in its tags: the objects around them, its place
# in the cache included (measured on CPython 3.11: 1.0 kB with four tags, less than this with six).
OVERHEAD_BYTES = 1150
# An answer larger than this part of the cache would push out too much: it passes through.
LARGEST_SHARE = 8


@dataclass(frozen=True, slots=True)
class Content:
    """A public answer: its bytes, how many items a list holds, and whether it may be kept."""

    body: bytes
    items: int | None = None
    keepable: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer. `at`, `soft` and `hard` are seconds since the epoch."""

    content: Content
    etag: str
    at: float
    soft: float
    hard: float
    epochs: Snapshot

    @property
    def size(self) -> int:
        """What it costs in memory; the ids in its tags are as long as somebody made them."""
        ids = sum(getsizeof(tag.id) for tag in self.epochs)
        return len(self.content.body) + ids + OVERHEAD_BYTES


class State(StrEnum):
    HIT = "hit"
    STALE = "stale"
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class Found:
    """What a read got: the entry, how, and whether it is kept now."""

    entry: Entry
    state: State
    stored: bool


class Outcome(StrEnum):
    """How a failed fetch is taken: an outage lets a kept answer be served, a verdict never."""

    OUTAGE = "outage"
    VERDICT = "verdict"


def outcome_of(problem: Problem) -> Outcome:
    """Only transport failures, timeouts, 429 and 5xx are outages."""
    outage = isinstance(problem, UpstreamUnavailable | UpstreamTimeout | UpstreamError)
    return Outcome.OUTAGE if outage else Outcome.VERDICT


def etag_of(body: bytes) -> str:
    """A weak ETag (RFC 9110, section 8.8.1): a compressed form is the same answer."""
    return f'W/"{urlsafe_b64encode(blake2b(body, digest_size=12).digest()).decode()}"'


class Cache:
    """Answers kept in this process, at most `max_bytes`, those longest unused leave first."""

    def __init__(self, max_bytes: int, clock: Clock, epochs: Epochs) -> None:
        self._clock = clock
        self._epochs = epochs
        self._largest = max_bytes // LARGEST_SHARE
        self._entries: LRUCache[bytes, Entry] = LRUCache(
            max_bytes, getsizeof=lambda entry: entry.size
        )
        self._flights: Flights[Found] = Flights()

    @property
    def size_bytes(self) -> int:
        """Bytes kept now."""
        return int(self._entries.currsize)

    def find(self, key: Hashable) -> Entry | None:
        """The kept answer, fresh or stale, while its tags stand."""
        digest = _digest(key)
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if self._clock.now() >= entry.hard or not self._epochs.stand(entry.epochs):
            self._entries.pop(digest, None)
            return None
        return entry

    async def get_or_load(
        self,
        key: Hashable,
        keep: Keep,
        tags: set[Tag],
        load: Callable[[], Coroutine[Any, Any, Content]],
        *,
        revalidate: bool = False,
    ) -> Found:
        """A kept answer, or a loaded one; raises what `load` raises when it had to be loaded.

        A stale answer is served while a new one is fetched. `revalidate` loads in any case.
        """
        entry = None if revalidate else self.find(key)
        if entry is None:
            return await self._join(key, keep, tags, load)
        if self._clock.now() < entry.soft:
            return Found(entry, State.HIT, stored=True)
        self._fetch(key, keep, tags, load)
        return Found(entry, State.STALE, stored=True)

    async def _join(
        self,
        key: Hashable,
        keep: Keep,
        tags: set[Tag],
        load: Callable[[], Coroutine[Any, Any, Content]],
    ) -> Found:
        snapshot = self._epochs.current(tags)
        return await self._flights.join(
            _flight(key, snapshot), lambda: self._load(key, keep, snapshot, load)
        )

    def _fetch(
        self,
        key: Hashable,
        keep: Keep,
        tags: set[Tag],
        load: Callable[[], Coroutine[Any, Any, Content]],
    ) -> None:
        snapshot = self._epochs.current(tags)
        self._flights.start(_flight(key, snapshot), lambda: self._load(key, keep, snapshot, load))

    async def _load(
        self,
        key: Hashable,
        keep: Keep,
        snapshot: Snapshot,
        load: Callable[[], Coroutine[Any, Any, Content]],
    ) -> Found:
        # The platform looked at some moment since: only this one is safe to count the age from.
        at = self._clock.now()
        try:
            content = await load()
        except Problem as problem:
            if outcome_of(problem) is Outcome.VERDICT:
                self._entries.pop(_digest(key), None)
            raise
        etag = etag_of(content.body)
        entry = Entry(content, etag, at, at + keep.fresh, at + keep.stale, snapshot)
        return Found(entry, State.MISS, stored=self._store(key, entry))

    def _store(self, key: Hashable, entry: Entry) -> bool:
        """Keep the entry unless it may not be, was overtaken by a write, or is too large."""
        keepable = entry.content.keepable and entry.size <= self._largest
        if not keepable or not self._epochs.may_store(entry.epochs):
            return False
        self._entries[_digest(key)] = entry
        return True

    async def close(self) -> None:
        await self._flights.close()


def _flight(key: Hashable, snapshot: Snapshot) -> Hashable:
    """A read that starts after a write must not join a fetch that started before it."""
    return key, frozenset(snapshot.items())


def _digest(key: Hashable) -> bytes:
    """Keys are as long as what somebody asked; a digest makes their size known."""
    return blake2b(repr(key).encode(), digest_size=20).digest()
