"""Who may be at the platform at the same time: lanes of their own, so that none starves another.

    access   tokens, and the facts that access is decided on
    writes   changes, and the looks that money needs before them
    reads    everything else; of these, composed answers get half of all connections at the most

Where a lane is full its next place goes to the most urgent who wait, among these to whoever has the
fewest: one busy team cannot take what all share. A lane that does not keep up refuses the least
urgent at once; what nobody waits for is not queued at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Urgency(IntEnum):
    """How much somebody waits for it; the least comes first."""

    BACKGROUND = 0
    COMPOSED = 1
    READ = 2
    WRITE = 3
    ACCESS = 4


class Crowded(Exception):
    """The lane does not keep up."""


@dataclass(eq=False, slots=True)
class Place:
    """One who wants in; `turn` is set when he may, and fails with Crowded when he is refused."""

    urgency: Urgency
    owner: str
    since: float
    turn: asyncio.Future[None]


class Lane:
    """`places` at a time, of these `composed` for composed answers.

    When the first in its queue waits for longer than `patience` (seconds), it does not keep up.
    """

    def __init__(self, places: int, *, composed: int, patience: float) -> None:
        self._places = places
        self._composed = composed
        self._patience = patience
        # All together, and by owner: those who have any.
        self._occupied = 0
        self._having: dict[str, int] = {}
        self._composed_inside = 0
        self._queue: list[Place] = []

    @property
    def places(self) -> int:
        return self._places

    @property
    def inside(self) -> int:
        """How many are at the platform."""
        return self._occupied

    @property
    def waiting(self) -> int:
        """How many want to be."""
        return len(self._queue)

    def enter_at_once(self, urgency: Urgency, owner: str) -> bool:
        """Be at the platform if there is room; whoever enters has to `leave`."""
        if not self._has_room(urgency):
            return False
        self._occupied += 1
        self._having[owner] = self._having.get(owner, 0) + 1
        if urgency is Urgency.COMPOSED:
            self._composed_inside += 1
        return True

    async def enter(self, urgency: Urgency, owner: str) -> None:
        """Be at the platform as soon as it is one's turn; raises Crowded."""
        if self.enter_at_once(urgency, owner):
            return
        if urgency is Urgency.BACKGROUND:
            raise Crowded
        loop = asyncio.get_running_loop()
        now = loop.time()
        mine = Place(urgency, owner, now, loop.create_future())
        self._queue.append(mine)
        self._shed(now)
        try:
            await mine.turn
        except asyncio.CancelledError:
            if mine in self._queue:
                self._queue.remove(mine)
            elif not mine.turn.cancelled() and mine.turn.exception() is None:
                self.leave(urgency, owner)  # it was let in at the very moment
            raise

    def _shed(self, now: float) -> None:
        """Refuse the cheapest, the last to come first, while the queue is too slow."""
        waiting = self._waiting()
        if now - waiting[0].since > self._patience:
            cheapest = min(reversed(waiting), key=lambda place: place.urgency)
            self._queue.remove(cheapest)
            cheapest.turn.set_exception(Crowded())

    def leave(self, urgency: Urgency, owner: str) -> None:
        self._occupied -= 1
        self._having[owner] -= 1
        if not self._having[owner]:
            del self._having[owner]
        if urgency is Urgency.COMPOSED:
            self._composed_inside -= 1
        if self._queue and (one := self._next()) is not None:
            self._queue.remove(one)
            self.enter_at_once(one.urgency, one.owner)
            one.turn.set_result(None)

    def _next(self) -> Place | None:
        """Who waits the longest of the most urgent whose owner has the fewest places."""
        ready = [one for one in self._waiting() if self._has_room(one.urgency)]
        return min(
            ready, key=lambda one: (-one.urgency, self._having.get(one.owner, 0)), default=None
        )

    def _waiting(self) -> list[Place]:
        """The queue without those who gave up at this moment, and do not know it yet."""
        return [one for one in self._queue if not one.turn.cancelled()]

    def _has_room(self, urgency: Urgency) -> bool:
        if urgency is Urgency.COMPOSED and self._composed_inside >= self._composed:
            return False
        return self._occupied < self._places


class Lanes:
    """So many `connections` shared out; `patience` is that of every lane, in seconds."""

    def __init__(self, connections: int, *, patience: float) -> None:
        fifth = max(1, connections // 5)
        half = max(1, connections // 2)
        access = Lane(fifth, composed=0, patience=patience)
        writes = Lane(fifth, composed=0, patience=patience)
        reads = Lane(max(1, connections - 2 * fifth), composed=half, patience=patience)
        self.by_name: Mapping[str, Lane] = {"access": access, "writes": writes, "reads": reads}
        self.by_urgency: Mapping[Urgency, Lane] = {
            Urgency.ACCESS: access,
            Urgency.WRITE: writes,
            Urgency.READ: reads,
            Urgency.COMPOSED: reads,
            Urgency.BACKGROUND: reads,
        }
