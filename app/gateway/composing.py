"""Composed answers: their reads run together and come back as pieces.

Reads go the way that every read goes, so that what one dashboard fetched serves the next one, and
whoever asks for such a read alone. At the platform they have places of their own (upstream/lanes.py),
so that dashboards take none from sign-ins and writes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.cache.entries import Content, Entry, Found, State
from app.cache.epochs import Snapshot
from app.catalogue.composed import Composed, Piece, group_of
from app.catalogue.known import Known
from app.catalogue.operation import Read
from app.clock import Clock, loop_time, today
from app.errors import Forbidden, NotFound, Problem, UpstreamInvalid, UpstreamTimeout
from app.gateway.reading import Reading
from app.upstream.lanes import Urgency

NOTHING = Snapshot({}, storable=False)
_LEFT_OUT = "The ads platform answered some of this in a shape that cannot be read; it is left out."


@dataclass(frozen=True, slots=True)
class Arrived:
    """One read that came back; `found` is None when it failed."""

    name: str
    piece: Piece
    found: Found | None


class Lanes:
    """The lanes of one answer: reads of a group that has one follow each other."""

    def __init__(self, operation: Composed[Any]) -> None:
        self._lanes = {group: asyncio.Semaphore(n) for group, n in operation.abreast.items()}

    def of(self, name: str) -> AbstractAsyncContextManager[Any]:
        return self._lanes.get(group_of(name)) or nullcontext()


class Composing:
    """Runs the reads of composed operations; `deadline`, in seconds, holds for all of one answer."""

    def __init__(self, reading: Reading, clock: Clock, *, deadline: float) -> None:
        self._reading = reading
        self._clock = clock
        self._deadline = deadline

    async def compose(self, operation: Composed[Any], known: Known) -> Found:
        """The whole answer. Raises the problem of a read that is required, or of all when all failed.

        A refusal is a refusal of the whole: what was kept for the caller until then is gone as well.
        """
        reads = operation.reads(today(self._clock))
        required, arrived = operation.required(), list[Arrived]()
        async with aclosing(self.arriving(operation, reads, known)) as arriving:
            async for one in arriving:
                if one.piece.problem and (one.name in required or refuses(one.piece.problem)):
                    raise one.piece.problem
                arrived.append(one)
        pieces = {one.name: one.piece for one in arrived}
        problems = [one.piece.problem for one in arrived if one.piece.problem is not None]
        if len(problems) == len(arrived):
            raise problems[0]
        answer = operation.compose(pieces)
        body = operation.answer_adapter.dump_json(answer, by_alias=True)
        return _summary(body, [one.found for one in arrived if one.found is not None])

    async def arriving(
        self, operation: Composed[Any], reads: Mapping[str, Read[Any]], known: Known
    ) -> AsyncGenerator[Arrived, None]:
        """The reads as they come back; what is still under way when nobody listens ends."""
        lanes, until = Lanes(operation), self.until()
        tasks = [
            asyncio.create_task(self.piece(name, read, known, lanes, until))
            for name, read in reads.items()
        ]
        try:
            for coming in asyncio.as_completed(tasks):
                yield await coming
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def until(self) -> float:
        """When reads that start now have to be back, in the event loop's time."""
        return loop_time() + self._deadline

    async def piece(
        self, name: str, read: Read[Any], known: Known, lanes: Lanes, until: float
    ) -> Arrived:
        """One read, once its lane is free."""
        try:
            async with asyncio.timeout_at(until), lanes.of(name):
                found = (await self._reading.read(read, known, Urgency.COMPOSED)).found
        except TimeoutError:
            return Arrived(name, Piece(problem=UpstreamTimeout(reason="no time left")), None)
        except Problem as problem:
            return Arrived(name, Piece(problem=problem), None)
        return Arrived(name, _piece(found), found)


def refuses(problem: Problem) -> bool:
    """Whether it says that the caller may not see this account."""
    return isinstance(problem, Forbidden | NotFound)


def _piece(found: Found) -> Piece:
    entry = found.entry
    return Piece(
        # Decimals, so that parts add up to their whole to the last digit.
        data=json.loads(entry.content.body, parse_float=Decimal),
        as_of=datetime.fromtimestamp(int(entry.at), tz=UTC),
        stale=found.state is State.STALE,
        problem=UpstreamInvalid(_LEFT_OUT) if entry.content.partial else None,
    )


def _summary(body: bytes, found: list[Found]) -> Found:
    """The answer as the cache would have it: as old, and as fresh, as the worst of what it is of."""
    states = {one.state for one in found}
    state = next(state for state in (State.MISS, State.STALE, State.HIT) if state in states)
    entry = Entry(
        Content(body, keepable=False),
        at=min(one.entry.at for one in found),
        soft=min(one.entry.soft for one in found),
        hard=min(one.entry.hard for one in found),
        snapshot=NOTHING,
    )
    return Found(entry, state, stored=all(one.stored for one in found))
