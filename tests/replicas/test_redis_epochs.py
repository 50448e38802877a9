"""Epochs that replicas share: what one drops the others hear, and what could not be told is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from app.cache.epochs import Snapshot
from app.cache.redis_epochs import BUMPED
from app.cache.redis_link import RedisLink
from app.catalogue.tags import Tag
from app.clock import MovableClock
from tests.replicas.parts import OTHER, TAG, Replica, entry, key_of, replica, run, until, well
from tests.replicas.proxy import Proxy
from tests.replicas.redis_server import RedisServer

UNKNOWN = 30.0


def together(
    urls: Sequence[str],
    clock: MovableClock,
    scenario: Callable[[Replica, Replica], Awaitable[None]],
    **more: Any,
) -> None:
    """Play with two replicas, each by its own way to Redis; `more` is about the first."""

    async def play() -> None:
        first, second = urls
        async with replica(first, clock, **more) as a, replica(second, clock) as b:
            await scenario(a, b)

    run(play())


@pytest.mark.holds(76)
def test_a_drop_of_another_replica_is_heard(redis: RedisServer, clock: MovableClock) -> None:
    """What one drops is gone at the other; what it did not drop is kept."""

    async def scenario(a: Replica, b: Replica) -> None:
        snapshot, other = await a.epochs.current({TAG}), await a.epochs.current({OTHER})
        assert (await b.epochs.current({TAG})).epochs == snapshot.epochs
        assert await b.epochs.confirm(snapshot)
        await b.epochs.bump({TAG})
        await until(lambda: not a.epochs.stand(snapshot))
        assert not await a.epochs.confirm(snapshot)
        assert a.epochs.stand(other)
        assert await a.epochs.heard({TAG}) == await b.epochs.heard({TAG})

    together([redis.url] * 2, clock, scenario)


@pytest.mark.holds(76)
def test_a_bar_of_another_replica_counts(redis: RedisServer, clock: MovableClock) -> None:
    """While one writes, and after an end that it did not see, the other keeps nothing either."""

    async def scenario(a: Replica, b: Replica) -> None:
        async with a.epochs.writing(frozenset({TAG}), UNKNOWN) as write:
            assert not (await b.epochs.current({TAG, OTHER})).storable
            write.unknown = True
        clock.advance(UNKNOWN - 1)
        assert not (await b.epochs.current({TAG})).storable
        clock.advance(2)
        assert (await b.epochs.current({TAG})).storable

    together([redis.url] * 2, clock, scenario)


@pytest.mark.holds(76)
def test_a_drop_of_a_tag_in_constant_use_is_heard(redis: RedisServer, clock: MovableClock) -> None:
    """However many other tags came meanwhile, the end of what is still believed is heard."""

    async def scenario(a: Replica, b: Replica) -> None:
        used = await a.epochs.current({OTHER})
        for n in range(50):
            await a.epochs.current({Tag(TAG.kind, f"act_{n}")})
            assert a.epochs.stand(used)
        await b.epochs.bump({OTHER})
        await until(lambda: not a.epochs.stand(used))

    together([redis.url] * 2, clock, scenario, most=20)


class Overtaken(RedisLink):
    """Between Redis' answer and its arrival here something else happens."""

    async def meanwhile(self) -> None:
        """Nothing, unless a test puts something in its place."""

    async def run(self, script: str, keys: Sequence[str], given: Sequence[Any]) -> Any:
        answer = await super().run(script, keys, given)
        await self.meanwhile()
        return answer


@pytest.mark.holds(76)
@pytest.mark.parametrize("known", [False, True])
def test_a_message_that_overtakes_an_answer_wins(
    redis: RedisServer, clock: MovableClock, known: bool
) -> None:
    """A tag is dropped after Redis told its epoch and before that is read: what was told is old.

    Also for a tag that is asked for the first time.
    """
    messages: list[bytes] = []

    async def scenario(a: Replica, b: Replica) -> None:
        a.link.on_message(BUMPED, messages.append)
        if known:
            await a.epochs.current({TAG})

        async def drop() -> None:
            a.link.meanwhile = Overtaken.meanwhile.__get__(a.link)  # type: ignore[attr-defined]
            await b.epochs.bump({TAG})
            await until(lambda: bool(messages))

        a.link.meanwhile = drop  # type: ignore[attr-defined]
        snapshot = await a.epochs.current({TAG})
        assert messages
        assert not a.epochs.stand(snapshot)
        assert not await a.epochs.confirm(snapshot)

    together([redis.url] * 2, clock, scenario, kind=Overtaken)


@pytest.mark.holds(76)
def test_a_restarted_redis_has_nothing_that_stood(redis: RedisServer, clock: MovableClock) -> None:
    """Everything kept before is gone on every replica, and what is kept afterwards stands."""

    async def scenario(a: Replica, b: Replica) -> None:
        kept = entry(await a.epochs.current({TAG}), clock)
        assert await a.cache.keep(key_of("a"), kept)
        assert await b.cache.find(key_of("a")) is not None
        redis.stop()
        await until(lambda: not a.link.hears and not b.link.hears)
        assert await a.cache.find(key_of("a")) is None
        redis.start()
        await well(a, b)
        for one in (a, b):
            assert await one.cache.find(key_of("a")) is None
            assert not one.epochs.stand(kept.snapshot)
            assert not await one.epochs.confirm(kept.snapshot)
        assert await a.cache.keep(key_of("a"), entry(await a.epochs.current({TAG}), clock))
        assert await b.cache.find(key_of("a")) is not None

    together([redis.url] * 2, clock, scenario)


@pytest.mark.holds(76)
@pytest.mark.parametrize("loss", ["everything", "the epoch alone"])
def test_a_lost_epoch_never_comes_back(redis: RedisServer, clock: MovableClock, loss: str) -> None:
    """FLUSHALL, or an eviction: nothing is stored under it, who did not know it gets another one,
    and a later drop is heard by who did."""

    async def scenario(a: Replica, b: Replica) -> None:
        kept = entry(await a.epochs.current({TAG}), clock)
        with redis.client() as client:
            if loss == "everything":
                client.flushall()
            else:
                assert client.delete(*client.keys("bff:e:*"))
        assert not await a.cache.keep(key_of("a"), kept)
        assert not await b.epochs.confirm(kept.snapshot)
        assert (await b.epochs.current({TAG})).epochs != kept.snapshot.epochs
        await b.epochs.bump({TAG})
        await until(lambda: not a.epochs.stand(kept.snapshot))

    together([redis.url] * 2, clock, scenario)


@pytest.mark.holds(76)
def test_a_new_subscription_begins_with_an_empty_mirror(
    redis: RedisServer, clock: MovableClock
) -> None:
    """What was dropped while nobody listened counts: what was heard before is asked for again."""

    async def scenario(a: Replica, b: Replica) -> None:
        snapshot, other = await a.epochs.current({TAG}), await a.epochs.current({OTHER})
        away = a.counters.value("redis_away")
        with redis.client() as client:
            client.client_kill_filter(_type="pubsub", skipme=True)
        await b.epochs.bump({TAG})
        await until(lambda: not a.epochs.stand(other))
        await well(a)
        assert a.counters.value("redis_away") == away + 1
        assert not a.epochs.stand(snapshot)
        assert not a.epochs.stand(other)
        assert await a.epochs.confirm(other)
        assert not await a.epochs.confirm(snapshot)

    together([redis.url] * 2, clock, scenario)


# --- what could not be told -----------------------------------------------------------------------


@pytest.mark.holds(76, 92)
@pytest.mark.parametrize("subscribed", [True, False], ids=["a hiccup", "an outage"])
def test_a_drop_that_could_not_be_told_is_told_on_return(
    redis: RedisServer, clock: MovableClock, subscribed: bool
) -> None:
    """Whether the subscription lived on meanwhile or not; and nobody here believes it in between."""

    async def scenario(a: Replica, b: Replica) -> None:
        kept = entry(await b.epochs.current({TAG}), clock)
        assert await b.cache.keep(key_of("a"), kept)
        # A starved event loop takes Redis for away until it has asked again.
        found = None
        while found is None:
            found = await a.cache.find(key_of("a"))
            await asyncio.sleep(0)
        way.turn("reset", way.commands)
        if not subscribed:
            way.turn("reset")
            await until(lambda: not a.link.hears)
        await a.epochs.bump({TAG})
        assert b.epochs.stand(kept.snapshot)
        way.turn("pass")
        while b.epochs.stand(kept.snapshot):
            assert not await a.epochs.confirm(kept.snapshot)
            assert await a.cache.find(key_of("a")) is None
            await asyncio.sleep(0)
        assert await b.cache.find(key_of("a")) is None

    with Proxy(redis.port) as way:
        together([way.url, redis.url], clock, scenario)


@pytest.mark.holds(76, 92)
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("loss", ["restarted", "unreachable"])
def test_a_bar_outlives_an_outage_of_redis(
    redis: RedisServer, clock: MovableClock, loss: str, told: bool
) -> None:
    """A write whose end was not seen bars for as long as ever, whether Redis forgot of it or could
    not be told; and no longer."""

    async def scenario(a: Replica, b: Replica) -> None:
        async def lose() -> None:
            if loss == "restarted":
                redis.stop()
            else:
                way.turn("reset")
            await until(lambda: not a.link.hears)

        if not told:
            await lose()
        async with a.epochs.writing(frozenset({TAG}), UNKNOWN) as write:
            write.unknown = True
        if told:
            await lose()
        if loss == "restarted":
            redis.start()
        way.turn("pass")
        await well(a, b)
        while (await b.epochs.current({TAG})).storable:  # noqa: ASYNC110  # another process tells
            await asyncio.sleep(0)
        clock.advance(UNKNOWN + 1)
        assert (await b.epochs.current({TAG})).storable

    with Proxy(redis.port) as way:
        together([way.url, redis.url], clock, scenario)


@pytest.mark.holds(76, 92)
def test_a_write_that_ended_well_in_an_outage_bars_nothing_afterwards(
    redis: RedisServer, clock: MovableClock
) -> None:
    """What it dropped is dropped at the others, and they keep again."""

    async def scenario(a: Replica, b: Replica) -> None:
        before = await b.epochs.current({TAG})
        way.turn("reset")
        await until(lambda: not a.link.hears)
        async with a.epochs.writing(frozenset({TAG}), UNKNOWN):
            pass
        assert b.epochs.stand(before)
        way.turn("pass")
        await until(lambda: not b.epochs.stand(before))
        assert (await b.epochs.current({TAG})).storable

    with Proxy(redis.port) as way:
        together([way.url, redis.url], clock, scenario)


# --- what is believed to be heard -----------------------------------------------------------------


@pytest.mark.holds(76)
def test_nothing_is_believed_from_before_the_subscription(
    redis: RedisServer, clock: MovableClock
) -> None:
    """A drop between an answer of Redis and the begin of a slow subscription is not missed."""

    async def scenario(a: Replica, b: Replica) -> None:
        way.turn("hole", way.subscriptions)
        with redis.client() as client:
            client.client_kill_filter(_type="pubsub", skipme=True)
        await until(lambda: not a.link.hears)
        early = []
        for _ in range(200):
            early.append(await a.epochs.current({TAG}))
            await b.epochs.bump({TAG})
        way.turn("pass")
        await until(lambda: a.link.hears)
        await until(lambda: not any(a.epochs.stand(one) for one in early))

    with Proxy(redis.port) as way:
        together([way.url, redis.url], clock, scenario)


@pytest.mark.holds(76)
def test_an_answer_to_an_old_ping_proves_nothing_new(
    redis: RedisServer, clock: MovableClock
) -> None:
    """A line that was slow and then dies: a second after a drop elsewhere nothing is believed."""

    async def scenario(a: Replica, b: Replica) -> None:
        way.subscriptions.delay = 0.8
        loop = asyncio.get_running_loop()
        slow_since = loop.time()
        await until(lambda: loop.time() > slow_since + 2)
        snapshot: Snapshot | None = None
        while snapshot is None or not a.epochs.stand(snapshot):
            snapshot = await a.epochs.current({TAG})
            await asyncio.sleep(0)
        dropped = last = loop.time()
        await b.epochs.bump({TAG})
        while loop.time() < dropped + 2:
            if a.epochs.stand(snapshot):
                last = loop.time()
            if loop.time() > dropped + 0.75:
                way.turn("hole")
            await asyncio.sleep(0.002)
        assert last - dropped <= 1

    with Proxy(redis.port) as way:
        together([way.url, redis.url], clock, scenario)
