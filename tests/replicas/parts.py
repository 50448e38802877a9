"""What a replica shares with others, in the test's own event loop, on a real Redis."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvloop

from app.cache.cache import Cache
from app.cache.entries import Content, Entry, Key, entry_of
from app.cache.epochs import Snapshot
from app.cache.leases import Leases
from app.cache.redis_epochs import RedisEpochs
from app.cache.redis_link import RedisLink
from app.cache.second_level import SecondLevel
from app.cache.store import Store
from app.catalogue import tags
from app.catalogue.keep import Keep
from app.clock import Clock
from app.observe.counters import Counters
from app.observe.logs import make_log
from app.sealing import Sealing
from app.settings import LogSettings
from app.testing.world import no_jitter

RING = (b"the newest key of the ring......",)
KEPT = Keep(fresh=60, stale=600)
TAG, OTHER = tags.account("act_1001"), tags.account("act_1002")


@dataclass(frozen=True)
class Replica:
    """The parts of one."""

    link: RedisLink
    epochs: RedisEpochs
    second: SecondLevel
    cache: Cache
    counters: Counters
    log: io.StringIO


@asynccontextmanager
async def replica(
    url: str,
    clock: Clock,
    *,
    ring: tuple[bytes, ...] = RING,
    most: int = 1000,
    kind: type[RedisLink] = RedisLink,
) -> AsyncIterator[Replica]:
    """Started; `most` tags are remembered."""
    counters, log = Counters(), io.StringIO()
    link = kind(url, "bff:", counters, make_log(LogSettings(), log))
    epochs = RedisEpochs(link, clock, most)
    second = SecondLevel(link, Leases(link, counters), Sealing(ring), clock, counters)
    cache = Cache(Store(1 << 20), second, epochs, clock, no_jitter)
    await link.start()
    try:
        yield Replica(link, epochs, second, cache, counters, log)
    finally:
        await cache.close()
        await epochs.close()
        await link.close()


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """In the event loop that the gateway is served with, whose closed connections fail otherwise."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario)


def key_of(name: str, user: str = "ben") -> Key:
    return Key("listCampaigns", ("user", user), name)


def entry(snapshot: Snapshot, clock: Clock, body: bytes = b'{"items":[]}') -> Entry:
    """An answer that was asked for now, under these epochs."""
    return entry_of(Content(body), clock.now(), KEPT, snapshot, jitter=0)


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for what Redis, or the listener, makes true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what comes from another process sets no event
            await asyncio.sleep(0.002)


async def well(*replicas: Replica) -> None:
    """Wait until each of them hears, and can ask."""
    await until(lambda: all(one.link.hears and not one.link._away for one in replicas))
