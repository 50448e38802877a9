"""Epochs: every tag has one, a random value; what was kept under another epoch is gone.

Random and never a counter, because a counter that restarts repeats itself. A tag whose epoch is
missing (never seen, or evicted) gets a new one, so whatever was kept under it is stale.

A write bumps its tags before it is sent, so that a crash afterwards leaves nothing old behind, and
again at its end. In between, and for a while after an end that nobody saw, the tags are barred: a
question that set out under a bar may have seen either side of the write, and its answer is not kept.
One that set out before has another epoch.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter
from sys import getsizeof
from typing import Protocol

from msgspec import Struct

from app.cache.changes import Changes
from app.catalogue.tags import Tag
from app.clock import Clock
from app.errors import Problem
from app.oldest import drop_oldest
from app.recent import Recent

EPOCH_BYTES = 8
# Snapshots that may be given again (1 kB apiece).
MOST_TAKEN = 500
# What a text takes besides its characters.
_TEXT = getsizeof("")
_ID = attrgetter("id")


class Snapshot(Struct, eq=False, gc=False):
    """The epochs of some tags before a question, and whether what it gives may be kept.

    `seen` is the count of changes at which they last stood: until it moves nobody has to look again. Many
    entries share one, so what is made of it is kept here.
    """

    epochs: Mapping[Tag, bytes]
    storable: bool
    seen: int = -1
    _size: int = 0
    _heard: frozenset[bytes] | None = None
    _parts: dict[frozenset[Tag], Snapshot] | None = None

    @property
    def heard(self) -> frozenset[bytes]:
        """Another one for those who come after a drop."""
        if self._heard is None:
            self._heard = frozenset(self.epochs.values())
        return self._heard

    def bearing(self, tags: frozenset[Tag]) -> Snapshot:
        """The same of these of its tags only."""
        parts = self._parts
        if parts is None:
            parts = self._parts = {}
        part = parts.get(tags)
        if part is None:
            epochs = {tag: self.epochs[tag] for tag in tags}
            part = parts[tags] = Snapshot(epochs, self.storable, self.seen)
        return part

    @property
    def size(self) -> int:
        """Bytes of the ids in its tags, which are as long as somebody made them."""
        if not self._size:
            ids = "".join(map(_ID, self.epochs))
            self._size = getsizeof(ids) + _TEXT * (len(self.epochs) - 1)
        return self._size


@dataclass(slots=True, eq=False)
class Writing:
    """A write under way; its sender says when its end was not seen."""

    unknown: bool = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """A Problem says what became of the write; after anything else that is not known."""
        try:
            yield
        except Problem:
            raise
        except BaseException:
            self.unknown = True
            raise


class Epochs(Protocol):
    """What is asked of epochs, those of this process and those that replicas share.

    `changes` moves whenever the epoch of a tag becomes another one here.
    """

    changes: Changes

    @property
    def sure(self) -> bool:
        """Whether whatever was dropped until a second ago, here or elsewhere, has been heard of."""

    async def current(self, tags: Iterable[Tag]) -> Snapshot:
        """To be taken before a question whose answer depends on these tags."""

    def at_hand(self, tags: Iterable[Tag]) -> Snapshot | None:
        """The same, None where somebody has to be asked for it."""

    def stand(self, snapshot: Snapshot) -> bool:
        """Whether nothing was dropped since, as far as this process has heard."""

    async def confirm(self, snapshot: Snapshot) -> bool:
        """The same for a snapshot that another process took."""

    async def heard(self, tags: Iterable[Tag]) -> Hashable:
        """Another value once one of the tags was dropped: who comes after that must not be served by
        what set out before. Replicas that have heard the same give the same."""

    async def bump(self, tags: Iterable[Tag]) -> None:
        """Everything kept under these tags is gone."""

    def writing(
        self, tags: frozenset[Tag], unknown_for: float
    ) -> AbstractAsyncContextManager[Writing]:
        """Hold while a write to these tags is under way; `unknown_for`: seconds that its tags stay
        barred when its end was not seen."""


def new_epoch() -> bytes:
    return secrets.token_bytes(EPOCH_BYTES)


def digest_of(epochs: Mapping[Tag, bytes]) -> bytes:
    """One value for all of these epochs."""
    digest = blake2b(digest_size=16)
    for tag, epoch in sorted(epochs.items()):
        digest.update(repr(tag).encode() + epoch)
    return digest.digest()


def stand_in(known: Mapping[Tag, bytes], snapshot: Snapshot, changes: Changes) -> bool:
    """Whether these are the known epochs of the snapshot's tags."""
    if snapshot.seen == changes.count:
        return True
    for tag, epoch in snapshot.epochs.items():
        if known.get(tag) != epoch:
            return False
    snapshot.seen = changes.count
    return True


class LocalEpochs:
    """The epochs of one process, bounded by eviction of those longest unused."""

    def __init__(self, clock: Clock, most: int = 200_000) -> None:
        self.changes = Changes()
        self._clock = clock
        self._epochs: Recent[Tag, bytes] = Recent(most)
        # Those of the tags that were asked for last, each of which is given again while it stands.
        self._taken: dict[frozenset[Tag], Snapshot] = {}
        # Until when each write bars each of its tags, in seconds since the epoch.
        self._bars: dict[Tag, dict[Writing, float]] = {}

    @property
    def sure(self) -> bool:
        return True

    async def current(self, tags: Iterable[Tag]) -> Snapshot:
        return self.at_hand(tags)

    def at_hand(self, tags: Iterable[Tag]) -> Snapshot:
        tags = frozenset(tags)
        taken = self._taken.get(tags)
        if taken is not None and not self._bars and self.stand(taken):
            return taken
        known = self._epochs.young
        epochs = {tag: known.get(tag) or self._epoch(tag) for tag in tags}
        barred = bool(self._bars) and any(self._barred(tag) for tag in epochs)
        snapshot = Snapshot(epochs, not barred, self.changes.count)
        if not barred:
            self._taken[tags] = snapshot
            drop_oldest(self._taken, MOST_TAKEN)
        return snapshot

    def stand(self, snapshot: Snapshot) -> bool:
        changes = self.changes
        return snapshot.seen == changes.count or stand_in(self._epochs, snapshot, changes)

    async def confirm(self, snapshot: Snapshot) -> bool:
        return self.stand(snapshot)

    async def heard(self, tags: Iterable[Tag]) -> Hashable:
        known = self._epochs.young
        return frozenset([known.get(tag) or self._epoch(tag) for tag in tags])

    async def bump(self, tags: Iterable[Tag]) -> None:
        for tag in tags:
            self._begin(tag)

    @asynccontextmanager
    async def writing(self, tags: frozenset[Tag], unknown_for: float) -> AsyncIterator[Writing]:
        write = Writing()
        await self.bump(tags)
        self._bar(write, tags, math.inf)
        try:
            with write.watched():
                yield write
        finally:
            self._bar(write, tags, self._clock.now() + unknown_for if write.unknown else 0)
            await self.bump(tags)

    def _epoch(self, tag: Tag) -> bytes:
        return self._epochs.get(tag) or self._begin(tag)

    def _begin(self, tag: Tag) -> bytes:
        """The tag has another epoch from now on."""
        epoch = self._epochs[tag] = new_epoch()
        self.changes.note()
        return epoch

    def _bar(self, write: Writing, tags: Iterable[Tag], until: float) -> None:
        for tag in tags:
            self._bars.setdefault(tag, {})[write] = until
        for tag in list(self._bars):
            self._barred(tag)

    def _barred(self, tag: Tag) -> bool:
        """Whether a write bars the tag now; bars that have ended are forgotten."""
        bars = self._bars.get(tag)
        if bars is None:
            return False
        now = self._clock.now()
        for write in [write for write, until in bars.items() if until <= now]:
            del bars[write]
        if not bars:
            del self._bars[tag]
        return bool(bars)
