"""Nothing is left of lost connections: no task, no connection, no file, nothing remembered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from app.cache.redis_link import CONNECTIONS, Away
from app.clock import MovableClock
from tests.replicas.parts import TAG, Replica, entry, key_of, replica, run, until, well
from tests.replicas.redis_server import RedisServer

UNKNOWN = 30.0


async def use(one: Replica, clock: MovableClock) -> None:
    """A bit of everything, many at a time, whether it succeeds or not."""

    async def question(n: int) -> None:
        with suppress(Away):
            await one.link.ask(lambda redis: redis.get(f"bff:none:{n}"))

    async def write() -> None:
        async with one.epochs.writing(frozenset({TAG}), UNKNOWN):
            pass

    async def keep() -> None:
        async with one.second.flights.leading(b"flight"):
            await one.cache.keep(key_of("a"), entry(await one.epochs.current({TAG}), clock))

    await asyncio.gather(*(question(n) for n in range(8)), write(), keep())


async def kill_connections(redis: RedisServer, one: Replica) -> None:
    with redis.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)


async def kill_subscription(redis: RedisServer, one: Replica) -> None:
    away = one.counters.value("redis_away")
    with redis.client() as client:
        client.client_kill_filter(_type="pubsub", skipme=True)
    await until(lambda: one.counters.value("redis_away") > away)
    await well(one)


async def restart(redis: RedisServer, one: Replica) -> None:
    redis.stop()
    await until(lambda: not one.link.hears)
    redis.start()
    await well(one)


async def stall(redis: RedisServer, one: Replica) -> None:
    """Commands are given up under way."""
    redis.freeze()
    with pytest.raises(Away):
        await one.link.ask(lambda client: client.get("bff:none"))
    redis.thaw()
    await well(one)


def files() -> int:
    """Open ones of this process, sockets too."""
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.holds(92)
@pytest.mark.parametrize(
    ("lose", "rounds"),
    [(kill_connections, 200), (kill_subscription, 15), (restart, 5), (stall, 15)],
)
def test_nothing_is_left_of_lost_connections(
    redis: RedisServer,
    clock: MovableClock,
    lose: Callable[[RedisServer, Replica], Awaitable[None]],
    rounds: int,
) -> None:
    """However often they are lost, as much is held afterwards as before."""

    async def scenario() -> None:
        async with replica(redis.url, clock) as one:
            for _ in range(3):
                await lose(redis, one)
                await use(one, clock)
            tasks, most = len(asyncio.all_tasks()), files() + CONNECTIONS
            for _ in range(rounds):
                await lose(redis, one)
                await use(one, clock)
                assert files() <= most
            await until(lambda: len(asyncio.all_tasks()) <= tasks)
            pool = one.link._redis.connection_pool
            # The subscription's.
            await until(lambda: len(pool._in_use_connections) == 1)
            assert one.second.flights._waiting == {}
            assert one.epochs._asking == {}
            clock.advance(2 * UNKNOWN)
            await use(one, clock)
            assert one.epochs._bars == {}
            await until(lambda: one.epochs._owed == {})

    before = files()
    run(scenario())
    assert files() <= before
