"""Epochs: every tag has one, a random value; what was kept under another epoch is gone.

Random and never a counter, because a counter that restarts repeats itself. A tag whose epoch is
missing (never seen, or evicted) gets a new one, so whatever was kept under it is stale.

A write bumps its tags before it is sent, so that a crash afterwards leaves nothing old behind, and
again at its end. In between nothing under these tags is stored: a read that overlaps a write may
have seen either side of it. A write whose end was not seen bars its tags for a while, in the same
way: a read that began under the bar is not stored after it either.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cachetools import LRUCache

from app.catalogue.tags import Epochs as Snapshot
from app.catalogue.tags import Tag
from app.clock import Clock


class Epochs:
    """The epochs of all tags in this process, bounded by eviction of those longest unused."""

    def __init__(self, clock: Clock, most: int = 200_000) -> None:
        self._clock = clock
        self._epochs: LRUCache[Tag, bytes] = LRUCache(most)
        self._writing: dict[Tag, int] = {}
        self._barred: dict[Tag, float] = {}

    def current(self, tags: Iterable[Tag]) -> Snapshot:
        """The epochs to remember beside what is about to be fetched."""
        tags = set(tags)
        self._lift(tags)
        return {tag: self._epoch(tag) for tag in tags}

    def stand(self, snapshot: Snapshot) -> bool:
        """Whether nothing was dropped since the snapshot was taken."""
        return all(self._epochs.get(tag) == epoch for tag, epoch in snapshot.items())

    def may_store(self, snapshot: Snapshot) -> bool:
        """Whether an answer fetched under this snapshot may be kept."""
        return self.stand(snapshot) and not any(self._is_barred(tag) for tag in snapshot)

    def bump(self, tags: Iterable[Tag]) -> None:
        """Everything kept under these tags is gone."""
        for tag in tags:
            self._epochs[tag] = secrets.token_bytes(8)

    @contextmanager
    def writing(self, tags: frozenset[Tag]) -> Iterator[None]:
        """Hold while a write to these tags is under way."""
        self.bump(tags)
        for tag in tags:
            self._writing[tag] = self._writing.get(tag, 0) + 1
        try:
            yield
        finally:
            for tag in tags:
                self._writing[tag] -= 1
                if not self._writing[tag]:
                    del self._writing[tag]
            self.bump(tags)

    def bar(self, tags: Iterable[Tag], seconds: float) -> None:
        """Store nothing under these tags for a while: a write may still take effect."""
        self._lift(set(self._barred))
        self._barred |= dict.fromkeys(tags, self._clock.now() + seconds)

    def _epoch(self, tag: Tag) -> bytes:
        epoch = self._epochs.get(tag)
        if epoch is None:
            epoch = self._epochs[tag] = secrets.token_bytes(8)
        return epoch

    def _lift(self, tags: set[Tag]) -> None:
        """Take away the bars that have ended; what was fetched under them stays unkept."""
        now = self._clock.now()
        ended = [tag for tag in self._barred.keys() & tags if self._barred[tag] <= now]
        for tag in ended:
            del self._barred[tag]
        self.bump(ended)

    def _is_barred(self, tag: Tag) -> bool:
        """A bar that ended counts until it is lifted: nobody began to fetch after its end yet."""
        return tag in self._writing or tag in self._barred
