"""Kept answers: fresh for a while, usable when stale for a while longer, fetched once by whoever asks.

Access is decided before anything here is asked. A kept answer is used only while the epochs of all
its tags stand; see epochs.py for what writes do to them. The first level is this process', the
second (Redis) is shared by replicas, which also agree on who of them fetches what is missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Hashable
from contextlib import AsyncExitStack
from enum import StrEnum
from functools import partial
from typing import Any

from cachetools import LRUCache
from msgspec import Struct
from msgspec.structs import replace

from app.cache.entries import Content, Entry, Found, Key, State, entry_of
from app.cache.epochs import Epochs, Snapshot, digest_of
from app.cache.flights import Flights
from app.cache.second_level import SecondLevel
from app.cache.store import Store
from app.catalogue.keep import Keep
from app.catalogue.tags import Tag
from app.clock import Clock
from app.errors import Problem, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from app.observe.trail import trail

# Freshness is shortened by this part of it at the most.
JITTER = 0.1
# After a refresh in the background gave nothing to keep, the stale answer goes on this long before the
# next one (seconds): neither an outage nor an odd answer must cost one attempt per reader.
REFRESH_PAUSE = 5.0


class Want(Struct, frozen=True):
    """What is asked of the cache: the answer under a key, how long it keeps, how it is fetched.

    `load` is the fetch that somebody waits for, `refresh` the one that nobody does.
    `place` keeps a fetched entry where it belongs, and gives it as it is kept, if it is. An entry that
    was asked for before `since` (seconds since the epoch) does not serve. Who fetches an answer for
    `alike` would fetch this one as well: one of them does.
    """

    key: Key
    keep: Keep
    tags: frozenset[Tag]
    load: Callable[[], Coroutine[Any, Any, Content]]
    refresh: Callable[[], Coroutine[Any, Any, Content]]
    place: Callable[[Entry], Awaitable[Entry | None]]
    since: float = float("-inf")
    alike: Key | None = None


class Outcome(StrEnum):
    """How a failed fetch is taken: an outage lets a kept answer be served, a verdict never."""

    OUTAGE = "outage"
    VERDICT = "verdict"


def outcome_of(problem: Problem) -> Outcome:
    """Only transport failures, timeouts, 429 and 5xx are outages."""
    outage = isinstance(problem, UpstreamUnavailable | UpstreamTimeout | UpstreamError)
    return Outcome.OUTAGE if outage else Outcome.VERDICT


class Cache:
    """`chance` gives numbers from 0 to 1."""

    def __init__(
        self,
        store: Store,
        second: SecondLevel | None,
        epochs: Epochs,
        clock: Clock,
        chance: Callable[[], float],
    ) -> None:
        self.store = store
        self._second = second
        self._epochs = epochs
        self._clock = clock
        self._chance = chance
        self._flights: Flights[Found] = Flights(needless_end=True)
        self._paused: LRUCache[bytes, float] = LRUCache(10_000)

    async def get_or_load(self, want: Want) -> Found:
        """A kept answer, or a loaded one; raises what `load` raises when it had to be loaded.

        A stale answer is served while a new one is fetched.
        """
        entry = self.held(want.key)
        if entry is not None and entry.at >= want.since:
            return self._served(entry, want, want.key.digest)
        return await self.load(want)

    def load(self, want: Want) -> Coroutine[Any, Any, Found]:
        """A loaded answer, where it is known that none is kept here: by one for all who ask."""
        snapshot = self._epochs.at_hand(want.tags)
        # Who wants an answer of now must not wait for one that may be found to be older.
        if snapshot is None or want.since > float("-inf"):
            return self._load_anew(want, snapshot)
        return self._joined(want, snapshot.heard, snapshot)

    async def _load_anew(self, want: Want, snapshot: Snapshot | None) -> Found:
        heard = await self._epochs.heard(want.tags) if snapshot is None else snapshot.heard
        found = await self._joined(want, heard, snapshot)
        return found if found.entry.at >= want.since else await self._joined(want, heard, None)

    def _joined(
        self, want: Want, heard: Hashable, snapshot: Snapshot | None
    ) -> Coroutine[Any, Any, Found]:
        """The fetch that is under way for whoever has heard the same, or a new one."""
        digest = want.key.digest
        flight = (digest, heard, want.since > float("-inf"))
        if self._flights.under_way(flight) and (told := trail()):
            told.joined()
        if self._second is None:
            return self._flights.join(flight, partial(self._load, want, snapshot))
        return self._flights.join(flight, partial(self._obtain_below, self._second, want, digest))

    @property
    def is_shared(self) -> bool:
        """Whether what is kept is more than what this process holds."""
        return self._second is not None

    async def find(self, key: Key) -> Entry | None:
        """The kept answer, fresh or stale, while its tags stand."""
        entry = self.held(key)
        if entry is not None or self._second is None:
            return entry
        return await self._from_second(self._second, key, key.digest)

    def held(self, key: Key) -> Entry | None:
        """The same, if this process has it."""
        entry = self.store.get(key.digest)
        if entry is None:
            return None
        if self._clock.now() >= entry.hard or not self._epochs.stand(entry.snapshot):
            self.store.drop(key.digest)
            return None
        return entry

    async def keep(
        self, key: Key, entry: Entry, copied: tuple[Key, Entry] | None = None
    ) -> Entry | None:
        """Keep the entry; None when it may not be kept, was overtaken by a write, or is too large.

        `copied` is the same content under another key and fewer tags, which is kept with it.
        """
        if not entry.content.keepable or not entry.snapshot.storable:
            return None
        if self._second is not None:
            return await self._keep_below(self._second, key, entry, copied)
        if copied is not None:
            self._put(*copied)
        return self._put(key, entry)

    async def drop(self, key: Key) -> None:
        """Keep this answer no longer."""
        self.store.drop(key.digest)
        if self._second is not None:
            await self._second.drop(key.digest)

    # --- below the first level --------------------------------------------------------------------

    def _put(self, key: Key, entry: Entry) -> Entry | None:
        if not self._epochs.stand(entry.snapshot):
            return None
        return self.store.put(key, key.digest, entry)

    async def _keep_below(
        self, second: SecondLevel, key: Key, entry: Entry, copied: tuple[Key, Entry] | None
    ) -> Entry | None:
        """On both levels, the bytes of the content once."""
        like = None
        if copied is not None and await self._put_below(second, *copied):
            like = copied[0].digest
        return await self._put_below(second, key, entry, like)

    async def _put_below(
        self, second: SecondLevel, key: Key, entry: Entry, like: bytes | None = None
    ) -> Entry | None:
        """`like` is where the same content is kept already."""
        kept = await second.put(key.digest, entry, like)
        if kept is False:
            # Redis' word on the epochs is the last one.
            return None
        return self._put(key, entry) or (entry if kept else None)

    async def _from_second(self, second: SecondLevel, key: Key, digest: bytes) -> Entry | None:
        entry = await second.get(digest)
        if entry is None or self._clock.now() >= entry.hard:
            return None
        if not await self._epochs.confirm(entry.snapshot):
            return None
        if self._epochs.stand(entry.snapshot):
            return self.store.put(key, digest, entry) or entry
        return entry

    def _served(self, entry: Entry, want: Want, digest: bytes) -> Found:
        """A kept answer; if it is stale, one fetch for a newer one sets out."""
        now = self._clock.now()
        if now < entry.soft:
            return Found(entry, State.HIT, stored=True)
        if now >= self._paused.get(digest, 0):
            fresher = replace(want, since=entry.soft, load=want.refresh)
            self._flights.start(("refresh", digest), lambda: self._refresh(fresher, digest))
        return Found(entry, State.STALE, stored=True)

    async def _refresh(self, want: Want, digest: bytes) -> Found:
        try:
            if self._second is None:
                found = await self._load(want)
            else:
                found = await self._obtain_below(self._second, want, digest)
        except Problem as problem:
            if outcome_of(problem) is Outcome.OUTAGE:
                self._pause(digest)
            raise
        if not found.stored:
            self._pause(digest)
        return found

    def _pause(self, digest: bytes) -> None:
        self._paused[digest] = self._clock.now() + REFRESH_PAUSE

    async def _obtain_below(self, second: SecondLevel, want: Want, digest: bytes) -> Found:
        """From the second level, or by one fetch of all replicas."""
        entry = await self._from_second(second, want.key, digest)
        if entry is not None and entry.at >= want.since:
            return self._served(entry, want, digest)
        snapshot = await self._epochs.current(want.tags)
        keys = [key for key in (want.key, want.alike) if key is not None]
        async with AsyncExitStack() as leases:
            for key in keys:
                # Who comes after a write must not wait for whoever set out before it.
                flight = key.digest + digest_of(snapshot.epochs)
                if not await leases.enter_async_context(second.flights.leading(flight)):
                    break
            else:
                return await self._load(want, snapshot)
        for key in keys:
            entry = await self._from_second(second, key, key.digest)
            if entry is not None and entry.at >= want.since:
                kept = entry if key is want.key else await want.place(entry)
                return Found(kept or entry, State.MISS, stored=kept is not None)
        return await self._load(want)

    async def _load(self, want: Want, snapshot: Snapshot | None = None) -> Found:
        snapshot = snapshot or await self._epochs.current(want.tags)
        # The platform looked at some moment since: only this one is safe to count the age from.
        at = self._clock.now()
        content = await want.load()
        entry = entry_of(content, at, want.keep, snapshot, jitter=JITTER * self._chance())
        kept = await want.place(entry)
        return Found(kept or entry, State.MISS, stored=kept is not None)

    @property
    def collapsed(self) -> int:
        """How many reads waited for the fetch of another."""
        return self._flights.joined

    async def close(self) -> None:
        await self._flights.close()
