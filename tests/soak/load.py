"""The load: workers of each kind, which work while their kind is on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from tests.soak.callers import Callers
from tests.soak.changes import Owned, keep_changing
from tests.soak.money import Spenders
from tests.soak.readers import Gate, Readers

Work = Literal["reads", "figures", "dashboards", "streams", "sessions", "changes", "money"]
ALL: tuple[Work, ...] = get_args(Work)
# Seconds between two things that somebody sets out to make, on average.
BETWEEN = 0.25
READERS, DASHBOARDS, STREAMS, BROWSERS = 6, 12, 2, 2
# Seconds at most between two questions of a reader.
PAUSE = 0.3
Workers = Iterator[Coroutine[None, None, None]]


@dataclass
class Load:
    """Who does what. `seed` decides what is drawn, not what the machine makes of it."""

    callers: Callers
    readers: Readers
    spenders: Spenders
    things: list[Owned]
    seed: int
    on: dict[Work, asyncio.Event] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """Nobody works yet: see `turn`."""
        self.on = {work: asyncio.Event() for work in ALL}
        chances = (random.Random(f"{self.seed} {n}") for n in range(1000))
        self.tasks = [asyncio.create_task(worker) for worker in self._workers(chances.__next__)]

    def turn(self, *works: Work) -> None:
        """Exactly these work from now on."""
        for work, event in self.on.items():
            if work in works:
                event.set()
            else:
                event.clear()

    async def stop(self) -> None:
        """Everybody goes away; what failed in a worker itself is raised."""
        for task in self.tasks:
            task.cancel()
        ends = await asyncio.gather(*self.tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def _workers(self, chance: Callable[[], random.Random]) -> Workers:
        readers, gates = self.readers, {work: _gate(event) for work, event in self.on.items()}
        for _ in range(READERS):
            yield readers.read(chance(), gates["reads"], PAUSE)
        for _ in range(READERS):
            yield readers.figures(chance(), gates["figures"])
        for _ in range(DASHBOARDS):
            yield readers.dashboard(chance(), gates["dashboards"])
        for _ in range(STREAMS):
            yield readers.stream(chance(), gates["streams"])
        for _ in range(BROWSERS):
            yield readers.browse(chance(), gates["sessions"])
        for thing in self.things:
            yield keep_changing(thing, chance(), gates["changes"])
        yield self._spend(chance())

    async def _spend(self, chance: random.Random) -> None:
        while True:
            await self.on["money"].wait()
            if not self.spenders.full:
                self.spenders.want()
            await asyncio.sleep(chance.expovariate(1 / BETWEEN))


def _gate(event: asyncio.Event) -> Gate:
    async def gate() -> None:
        await event.wait()

    return gate
