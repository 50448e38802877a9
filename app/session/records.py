"""Records: values that are kept for a while under a key, in this process or for all replicas.

Sessions, open logins and what a logout bars are records. Two things keep them: `LocalRecords` here
and `RedisRecords` (redis_records.py). One suite of tests holds both to this protocol.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import Generic, Protocol, TypeVar

from app.clock import Clock
from app.session.endings import Endings

T = TypeVar("T")

NAME_BYTES = 16

Names = Callable[[T], Collection[str]]


class Records(Protocol[T]):
    """`until` is a moment by the clock: from then on the record is gone. Keys and names stand in Redis
    as they are, so they have to be hashes. Where the records cannot be asked, every method raises
    AccessUnavailable."""

    async def put(self, key: str, value: T, until: float) -> None:
        """Keep the value, whatever was kept under that key."""

    async def add(self, key: str, value: T, until: float) -> bool:
        """Keep the value, unless there is one already: of many who add one, one is told True.

        Whether one is gone Redis decides by its own clock here, and not by ours.
        """

    async def replace(self, key: str, value: T, until: float) -> bool:
        """Keep the value in the place of another; False, and nothing kept, where that is gone."""

    async def exchange(self, key: str, known: T, value: T, until: float) -> bool:
        """Keep the value in the place of the one that is known; False, and nothing kept, where another
        stands, or none: of many who exchange the same one, one is told True."""

    async def get(self, key: str) -> T | None:
        """The value, None when there is none or its time is over."""

    async def take(self, key: str) -> T | None:
        """The value, for the last time: of many who take it one gets it."""

    async def named(self, name: str) -> list[T]:
        """Every value that bears this name."""

    async def take_named(self, name: str) -> list[T]:
        """The same, for the last time; what cannot be read here is gone afterwards as well."""


def hashed(kind: str, value: str) -> str:
    """A name that says nothing of the id that it is made of."""
    return blake2b(f"{kind}\0{value}".encode(), digest_size=NAME_BYTES).hexdigest()


def no_names(_value: object) -> Collection[str]:
    """Of records that are found by their key alone."""
    return ()


# So many bearers of a name are a tuple, more of them a set.
FEW = 8


class LocalRecords(Generic[T]):
    """In this process: the longest unchanged first, and beyond `most` that one is dropped.

    `endings` are told of each that ends.
    """

    def __init__(
        self,
        clock: Clock,
        most: int,
        names: Names[T] = no_names,
        endings: Endings | None = None,
    ) -> None:
        self._clock = clock
        self._most = most
        self._names = names
        self._endings = endings or Endings()
        self._kept: OrderedDict[str, tuple[T, float]] = OrderedDict()
        # Most names are borne by one: a set for each would take five times as much.
        self._bearers: dict[str, tuple[str, ...] | set[str]] = {}

    def __len__(self) -> int:
        """How many there are, with those whose time is over and that nobody asked for since."""
        return len(self._kept)

    async def put(self, key: str, value: T, until: float) -> None:
        self._drop(key)
        self._make_room()
        self._keep(key, value, until)

    async def add(self, key: str, value: T, until: float) -> bool:
        if self._alive(key) is not None:
            return False
        await self.put(key, value, until)
        return True

    async def replace(self, key: str, value: T, until: float) -> bool:
        # Nothing is awaited between the look and the change: what ended meanwhile stays ended.
        if self._alive(key) is None:
            return False
        self._drop(key)
        self._keep(key, value, until)
        return True

    async def exchange(self, key: str, known: T, value: T, until: float) -> bool:
        if self._alive(key) != known:
            return False
        return await self.replace(key, value, until)

    async def get(self, key: str) -> T | None:
        return self._alive(key)

    async def take(self, key: str) -> T | None:
        value = self._alive(key)
        self._end(key)
        return value

    async def named(self, name: str) -> list[T]:
        found = [self._alive(key) for key in list(self._bearers.get(name, ()))]
        return [value for value in found if value is not None]

    async def take_named(self, name: str) -> list[T]:
        taken = [await self.take(key) for key in list(self._bearers.get(name, ()))]
        return [value for value in taken if value is not None]

    def _keep(self, key: str, value: T, until: float) -> None:
        self._kept[key] = value, until
        for name in self._names(value):
            bearers = self._bearers.get(name, ())
            if isinstance(bearers, set):
                bearers.add(key)
            else:
                self._bearers[name] = (*bearers, key) if len(bearers) < FEW else {*bearers, key}

    def _alive(self, key: str) -> T | None:
        value, until = self._kept.get(key, (None, 0.0))
        if value is not None and self._clock.now() >= until:
            self._end(key)
            return None
        return value

    def _end(self, key: str) -> None:
        self._drop(key)
        self._endings.end(key)

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        for name in self._names(kept[0]) if kept else ():
            bearers = self._bearers[name]
            if isinstance(bearers, set):
                bearers.discard(key)
            else:
                bearers = self._bearers[name] = tuple(one for one in bearers if one != key)
            if not bearers:
                del self._bearers[name]

    def _make_room(self) -> None:
        now = self._clock.now()
        while self._kept:
            key, (_, until) = next(iter(self._kept.items()))
            if now < until and len(self._kept) < self._most:
                return
            self._end(key)
