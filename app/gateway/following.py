"""One live answer: what is news of its reads, for as long as the caller may know it.

It looks at its reads like somebody who asks again and again: what became old is asked for anew, by
the way and the rules of any other read. Before anything is told, and once a second anyhow, who asks
and whether he may is decided again; while that cannot be known nothing is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from app.cache.entries import Found
from app.cache.epochs import Epochs
from app.caller import Caller
from app.catalogue.composed import Bye, Farewell, Live, group_of, told
from app.catalogue.known import Known
from app.catalogue.operation import Read
from app.catalogue.shapes import Answer
from app.clock import Clock, today
from app.errors import Forbidden, Malformed, NotFound, Problem, Unauthenticated
from app.gateway.composing import NOTHING, Arrived, Composing, Lanes, refuses
from app.gateway.draining import Drain
from app.gateway.pipeline import Pipeline

# Seconds between two looks at who asks, whether he may, and what has become old.
LOOK = 1.0
# Seconds after which silence is broken, so that nobody on the way takes the connection for dead.
SILENCE = 15.0
# Seconds that an answer may be older than it should before that is told: usually a newer one is
# about to arrive.
PATIENCE = 2.0
# Seconds at most before what failed, or cannot be known to stand, is tried again; each time four
# times as many as before. It holds for reads, and for the decision who may.
LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Means:
    """What every stream follows with."""

    pipeline: Pipeline
    composing: Composing
    epochs: Epochs
    drain: Drain
    clock: Clock


class Ended(Exception):
    """The stream ends, with these words."""

    def __init__(self, reason: Farewell, problem: Problem | None = None) -> None:
        super().__init__(reason)
        self.problem = problem
        self.bye = Bye(reason=reason, problem=problem and told(problem))


@dataclass(slots=True)
class Watched:
    """One read of a stream: what it came to, and when it may be looked at again (clock's time)."""

    read: Read[Any]
    arrived: Arrived | None = None
    again_at: float = 0.0
    setbacks: int = 0
    task: asyncio.Task[Arrived] | None = None

    def due(self, now: float, epochs: Epochs) -> bool:
        """Whether what is known of it became old, may be overtaken by a write, or never came."""
        if self.task is not None or now < self.again_at:
            return False
        found = self.arrived.found if self.arrived else None
        return found is None or now >= found.entry.soft or not _settled(found, epochs)

    def take(self, arrived: Arrived, now: float, epochs: Epochs) -> bool:
        """What came back, and whether that may be news; that something known became old is told when
        no newer one comes soon.

        A write may have come in between, and then the next look is soon, however many they are. Or
        nobody can say whether one did, as when Redis is away: then every look would be a question
        to the platform.
        """
        self.again_at = now + _pause(self.setbacks)
        if arrived.found is not None and _settled(arrived.found, epochs):
            self.setbacks = 0
        elif arrived.found is not None and _heard(epochs):
            self.setbacks = 1
        else:
            self.setbacks += 1
        if self.arrived is None or not arrived.piece.stale or _overdue(arrived, now):
            self.arrived = arrived
            return True
        return False


class Following:
    """One stream. `again` says who asks by now, from the same credentials."""

    def __init__(
        self,
        means: Means,
        operation: Live[Any],
        caller: Caller,
        known: Known,
        again: Callable[[], Awaitable[Caller]],
    ) -> None:
        self._means = means
        self._operation = operation
        self._caller = caller
        self._known = known
        self._again = again
        self._lanes = Lanes(operation)
        self._required = operation.required()
        self._watched = {
            name: Watched(read) for name, read in operation.reads(today(means.clock)).items()
        }
        self._told = operation.compose({})
        self._spoke_at = means.clock.now()
        self._allowed = True
        self._decide_at = 0.0
        self._doubts = 0

    async def events(self) -> AsyncGenerator[bytes, None]:
        """The stream's bytes, event by event, until its end.

        Nothing is told before the platform answered once, and not without what is required: raises
        the Problem if there is one.
        """
        drain = asyncio.create_task(self._means.drain.begun())
        try:
            await self._begin()
            yield self._event("scope", self._operation.scope())
            async for event in self._follow(drain):
                yield event
        except Ended as ended:
            yield self._event("bye", ended.bye)
        finally:
            tasks = [drain, *(one.task for one in self._watched.values() if one.task)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self) -> None:
        """Wait for what is required, and for one answer at least."""
        self._ask()
        wanted = [self._watched[name].task for name in self._required]
        first = [one.task for one in self._watched.values()]
        if wanted:
            await asyncio.wait([task for task in wanted if task])
        await asyncio.wait([task for task in first if task], return_when=asyncio.FIRST_COMPLETED)
        try:
            self._take()
        except Ended as ended:
            raise (ended.problem or ended) from None

    async def _follow(self, drain: asyncio.Task[None]) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        look_at, ready, untold = loop.time(), False, True
        while True:
            if untold or loop.time() >= look_at:
                look_at = loop.time() + LOOK
                if await self._unless(drain, self._may()) and untold:
                    untold = False
                    if (news := self._news()) is not None:
                        yield self._event("parts", news)
                    if not ready and all(one.arrived for one in self._watched.values()):
                        ready = True
                        yield self._event("ready", Answer())
                if self._means.clock.now() - self._spoke_at >= SILENCE:
                    self._spoke_at = self._means.clock.now()
                    yield KEEPALIVE_COMMENT
            self._ask()
            await self._something(drain, look_at)
            if drain.done():
                raise Ended(Farewell.DRAIN)
            untold = self._take() or untold

    async def _unless(self, drain: asyncio.Task[None], deciding: Coroutine[Any, Any, bool]) -> bool:
        """What is decided; the decision can take as long as the platform does, and a drain cannot."""
        task = asyncio.create_task(deciding)
        try:
            await asyncio.wait({drain, task}, return_when=asyncio.FIRST_COMPLETED)
            if drain.done():
                raise Ended(Farewell.DRAIN)
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _something(self, drain: asyncio.Task[None], look_at: float) -> None:
        """Returns when a read came back, the gateway is about to stop, or it is time to look."""
        under_way = [one.task for one in self._watched.values() if one.task]
        wait = max(0.0, look_at - asyncio.get_running_loop().time())
        await asyncio.wait([drain, *under_way], timeout=wait, return_when=asyncio.FIRST_COMPLETED)

    def _ask(self) -> None:
        """Set out for what is due, while the caller may."""
        if not self._allowed:
            return
        now, composing = self._means.clock.now(), self._means.composing
        for name, one in self._watched.items():
            if one.due(now, self._means.epochs):
                one.task = asyncio.create_task(
                    composing.piece(name, one.read, self._known, self._lanes, composing.until())
                )

    def _take(self) -> bool:
        """Whether news may have come. Raises Ended for a refusal, and for what is required."""
        news = False
        came = [one for one in self._watched.values() if one.task is not None and one.task.done()]
        for one in came:
            assert one.task is not None
            arrived, one.task = one.task.result(), None
            problem = arrived.piece.problem
            if problem is not None and (arrived.name in self._required or refuses(problem)):
                raise Ended(Farewell.REFUSED, problem)
            news = one.take(arrived, self._means.clock.now(), self._means.epochs) or news
        return news

    async def _may(self) -> bool:
        """Whether the caller may know what is news; raises Ended when he certainly may not.

        Who asks is looked at every time. Whether he may is a question to the platform wherever the
        facts are old or cannot be kept: while they stay so it is put ever more seldom, and until
        then not answered.
        """
        self._allowed = False
        try:
            caller = self._same(await self._again())
        except (Unauthenticated, Malformed) as problem:
            raise Ended(Farewell.SIGNED_OUT, problem) from None
        except Problem:
            return False
        if self._means.clock.now() < self._decide_at:
            return False
        self._allowed = await self._decided(caller)
        if self._allowed and not self._known.believed and _heard(self._means.epochs):
            self._doubts = 0
        else:
            self._decide_at = self._means.clock.now() + _pause(self._doubts)
            self._doubts += 1
        return self._allowed

    async def _decided(self, caller: Caller) -> bool:
        try:
            self._known = await self._means.pipeline.admit(self._operation, caller)
        except (Forbidden, NotFound) as problem:
            raise Ended(Farewell.REFUSED, problem) from None
        except Problem:
            return False
        return True

    def _same(self, caller: Caller) -> Caller:
        if caller.user != self._caller.user:
            raise Unauthenticated(reason="another user by now")
        return caller

    def _news(self) -> Answer | None:
        """What changed in the groups that are complete."""
        waiting = {group_of(name) for name, one in self._watched.items() if one.arrived is None}
        now = self._operation.compose(
            {
                name: one.arrived.piece
                for name, one in self._watched.items()
                if one.arrived is not None and group_of(name) not in waiting
            }
        )
        news = self._operation.update(self._told, now)
        self._told = now
        return news

    def _event(self, name: str, data: Answer) -> bytes:
        self._spoke_at = self._means.clock.now()
        return format_sse_event(event=name, data_str=data.model_dump_json(by_alias=True))


def _settled(found: Found, epochs: Epochs) -> bool:
    """Whether no write came in between, or was under way: what was read then can be of before it."""
    return found.entry.snapshot.storable and epochs.stand(found.entry.snapshot)


def _heard(epochs: Epochs) -> bool:
    """Whether it would be known here if something were dropped."""
    return epochs.stand(NOTHING)


def _pause(setbacks: int) -> float:
    """Seconds until the next attempt after so many in vain."""
    return float(min(LONGEST_PAUSE, LOOK * 4 ** min(setbacks, 10)))


def _overdue(arrived: Arrived, now: float) -> bool:
    return arrived.found is None or now >= arrived.found.entry.soft + PATIENCE
