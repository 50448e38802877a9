"""Replicas of one installation in one event loop: made, asked, crashed, and cut off from Redis."""

from __future__ import annotations

import asyncio
import io
import secrets
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from app.cache.epochs import Epochs
from app.cache.flights import Flights
from app.cache.redis_epochs import RedisEpochs
from app.cache.redis_link import RedisLink
from app.caller import Caller, Via
from app.catalogue.operation import Operation
from app.clock import MovableClock
from app.gateway.pipeline import Answered
from app.observe.logs import make_log
from app.parts import Parts, make_parts
from app.testing.world import no_jitter, settings_for
from tests.inside import GATEWAY
from tests.replicas.cluster import RING_KEY
from tests.replicas.redis_server import RedisServer

T = TypeVar("T")

MARK = b"m"


class Replicas:
    """As many gateways as wanted; `redis` None: one that shares with nobody."""

    def __init__(
        self,
        origin: str,
        clock: MovableClock,
        ledger: Path,
        redis: RedisServer | None,
        **groups: Any,
    ) -> None:
        shared: dict[str, Any] = {"ledger": {"path": str(ledger)}}
        if redis is not None:
            shared |= {"redis": {"url": redis.url}, "session": {"keys": [RING_KEY]}}
        self._settings = settings_for(origin, GATEWAY, **shared, **groups)
        self._clock = clock
        self._redis = redis
        self._cut_off = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._marks: dict[int, set[bytes]] = {}
        self.parts: list[Parts] = []

    def play(self, scene: Coroutine[Any, Any, T]) -> T:
        """What comes of the scene; connections to Redis live on between scenes."""
        return asyncio.run_coroutine_threadsafe(scene, self._loop).result()

    async def start(self, count: int) -> None:
        self.parts = [await self._make() for _ in range(count)]

    async def crash(self, replica: int) -> None:
        """Its memory is gone, and another one takes its place."""
        await self.parts[replica].close()
        self.parts[replica] = await self._make()

    async def ask(self, replica: int, user: str, operation: Operation[Any]) -> Answered:
        caller = Caller(user, Via.SESSION, by_cookie=True)
        return await self.parts[replica].pipeline.run(operation, caller)

    async def settle(self) -> None:
        """Nothing goes on in the background, and everybody has heard of what was dropped."""
        while tasks := [flight.task for one in self._flights() for flight in one._flights.values()]:
            await asyncio.wait(tasks)
        if self._redis is not None and not self._cut_off:
            await self._hear(self._redis)

    async def lose_redis(self) -> None:
        """Returns when all of them have noticed."""
        self._cut_off = True
        await _until(lambda: not any(link.hears for link in self._links()))

    async def find_redis(self) -> None:
        self._cut_off = False
        await self.settle()

    async def close(self) -> None:
        for parts in self.parts:
            await parts.close()

    def end(self) -> None:
        self.play(self.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _new(self) -> Parts:
        log = make_log(self._settings.log, io.StringIO())
        return make_parts(self._settings, self._clock, log, no_jitter)

    async def _make(self) -> Parts:
        parts = self._new()
        heard: set[bytes] = set()
        self._marks[id(parts)] = heard
        if parts.link is not None:
            parts.link.on_message(MARK[:1], heard.add)
        await parts.start()
        return parts

    async def _hear(self, redis: RedisServer) -> None:
        """Nobody owes anything to Redis, and a message that comes after all others arrived."""
        await _until(lambda: all(link.hears and not link._away for link in self._links()))
        await _until(lambda: not any(owed(parts.epochs) for parts in self.parts))
        mark = MARK + secrets.token_bytes(8)
        with redis.client() as client:
            client.publish(self._links()[0].channel, mark)
        await _until(lambda: all(mark in self._marks[id(parts)] for parts in self.parts))

    def _links(self) -> list[RedisLink]:
        return [parts.link for parts in self.parts if parts.link is not None]

    def _flights(self) -> Iterator[Flights[Any]]:
        for parts in self.parts:
            yield parts.reading._proving
            yield parts.cache._flights
            yield parts.facts._flights
            yield parts.platform.tokens._flights


def owed(epochs: Epochs) -> bool:
    return isinstance(epochs, RedisEpochs) and bool(epochs._owed)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # a connection sets no event
            await asyncio.sleep(0.002)


async def gathered(asks: Sequence[Awaitable[T]]) -> list[T]:
    """What comes of all of them, at the same time."""
    return list(await asyncio.gather(*asks))
