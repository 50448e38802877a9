"""What counts as an outage of Redis, what an outage costs, and that nothing is left of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from app.cache.redis_link import CONNECTIONS, Away
from app.clock import MovableClock
from tests.replicas.parts import Replica, replica, run, well
from tests.replicas.redis_server import RedisServer


def alone(url: str, clock: MovableClock, scenario: Callable[[Replica], Awaitable[None]]) -> None:
    async def play() -> None:
        async with replica(url, clock) as one:
            await scenario(one)

    run(play())


async def gets(one: Replica, times: int) -> int:
    """How many of so many questions at the same time found Redis away."""

    async def get(n: int) -> bool:
        try:
            await one.link.ask(lambda redis: redis.get(f"bff:none:{n}"))
        except Away:
            return True
        return False

    return sum(await asyncio.gather(*(get(n) for n in range(times))))


@pytest.mark.holds(92)
def test_many_questions_at_once_are_no_outage(redis: RedisServer, clock: MovableClock) -> None:
    """More than there are connections wait for their turn, however long that takes."""

    async def scenario(one: Replica) -> None:
        assert await gets(one, 50 * CONNECTIONS) == 0
        assert one.counters.value("redis_away") == 0

    alone(redis.url, clock, scenario)


@pytest.mark.holds(92)
def test_idle_connections_that_were_closed_are_no_outage(
    redis: RedisServer, clock: MovableClock
) -> None:
    """Redis, or something on the way, closed them all: whoever asks next gets new ones."""

    async def scenario(one: Replica) -> None:
        await gets(one, CONNECTIONS)
        with redis.client() as client:
            assert client.client_kill_filter(_type="normal", skipme=True) > CONNECTIONS / 2
        assert await gets(one, 2 * CONNECTIONS) == 0
        assert one.counters.value("redis_away") == 0

    alone(redis.url, clock, scenario)


@pytest.mark.holds(92)
def test_a_late_loop_is_no_outage(redis: RedisServer, clock: MovableClock) -> None:
    """Answers that lay in the socket while this process was busy were in time."""

    async def busy() -> None:
        for _ in range(12):
            time.sleep(0.2)  # noqa: ASYNC251  # to be late is the point
            await asyncio.sleep(0)

    async def scenario(one: Replica) -> None:
        _, away = await asyncio.gather(busy(), gets(one, 20))
        assert away == 0
        await well(one)
        assert one.counters.value("redis_away") == 0

    alone(redis.url, clock, scenario)
