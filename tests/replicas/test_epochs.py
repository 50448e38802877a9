"""Epochs keep the same promises, whether they are of one process or shared through Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from app.cache.cache import Cache
from app.cache.epochs import Epochs, LocalEpochs
from app.cache.store import Store
from app.catalogue.tags import Tag
from app.clock import MovableClock
from app.errors import NotFound
from app.testing.world import no_jitter
from tests.replicas.parts import OTHER, TAG, entry, key_of, replica, run
from tests.replicas.redis_server import RedisServer

MOST = 20
# How long an unknown outcome bars, in the clock that tests move.
UNKNOWN = 30.0

Scenario = Callable[[Epochs, Cache], Awaitable[None]]
Play = Callable[[Scenario], None]


@asynccontextmanager
async def of_one_process(clock: MovableClock) -> AsyncIterator[tuple[Epochs, Cache]]:
    epochs = LocalEpochs(clock, MOST)
    yield epochs, Cache(Store(1 << 20), None, epochs, clock, no_jitter)


@asynccontextmanager
async def of_replicas(
    redis: RedisServer, clock: MovableClock
) -> AsyncIterator[tuple[Epochs, Cache]]:
    async with replica(redis.url, clock, most=MOST) as one:
        yield one.epochs, one.cache


@pytest.fixture(params=["local", "redis"])
def play(request: pytest.FixtureRequest, clock: MovableClock) -> Play:
    """Plays a scenario on epochs of either kind, and a cache over them."""
    if request.param == "local":
        parts = of_one_process(clock)
    else:
        parts = of_replicas(request.getfixturevalue("redis"), clock)

    async def played(scenario: Scenario) -> None:
        async with parts as (epochs, cache):
            await scenario(epochs, cache)

    return lambda scenario: run(played(scenario))


@pytest.mark.holds(76)
def test_a_bump_ends_what_bears_the_tag_and_nothing_else(play: Play) -> None:
    """A snapshot stands until one of its tags is dropped; then for good."""

    async def scenario(epochs: Epochs, _cache: Cache) -> None:
        both, other = await epochs.current({TAG, OTHER}), await epochs.current({OTHER})
        assert both.storable
        assert epochs.stand(both)
        assert await epochs.confirm(both)
        heard = await epochs.heard({TAG})
        await epochs.bump({TAG})
        assert not epochs.stand(both)
        assert not await epochs.confirm(both)
        assert epochs.stand(other)
        assert await epochs.heard({TAG}) != heard
        assert await epochs.heard({OTHER}) == await epochs.heard({OTHER})
        again = await epochs.current({TAG, OTHER})
        assert epochs.stand(again)
        assert again.epochs[TAG] != both.epochs[TAG]
        assert again.epochs[OTHER] == both.epochs[OTHER]

    play(scenario)


@pytest.mark.holds(76)
def test_what_set_out_before_a_write_is_never_kept(play: Play, clock: MovableClock) -> None:
    """Neither while the write runs, nor after it ended, nor after another one ended."""

    async def scenario(epochs: Epochs, cache: Cache) -> None:
        early = entry(await epochs.current({TAG}), clock)
        async with epochs.writing(frozenset({TAG}), UNKNOWN):
            assert not await cache.keep(key_of("a"), early)
        assert not await cache.keep(key_of("a"), early)
        assert await cache.find(key_of("a")) is None
        late = entry(await epochs.current({TAG}), clock)
        assert await cache.keep(key_of("a"), late)
        assert await cache.find(key_of("a")) is not None

    play(scenario)


@pytest.mark.holds(76)
def test_while_a_write_runs_its_tags_are_barred(play: Play) -> None:
    """Questions that set out meanwhile are not kept; those about other tags are."""

    async def scenario(epochs: Epochs, _cache: Cache) -> None:
        async with epochs.writing(frozenset({TAG}), UNKNOWN):
            assert not (await epochs.current({TAG, OTHER})).storable
            assert (await epochs.current({OTHER})).storable
        assert (await epochs.current({TAG, OTHER})).storable

    play(scenario)


@pytest.mark.holds(76)
def test_what_set_out_under_a_bar_is_not_kept_after_it(play: Play, clock: MovableClock) -> None:
    """Its question may have seen the state from before the write, however late its answer comes."""

    async def scenario(epochs: Epochs, cache: Cache) -> None:
        async with epochs.writing(frozenset({TAG}), UNKNOWN) as write:
            write.unknown = True
        under_the_bar = await epochs.current({TAG})
        clock.advance(UNKNOWN + 1)
        # Nobody drops anything when the time is over: only the snapshot itself knows.
        assert epochs.stand(under_the_bar)
        assert not await cache.keep(key_of("a"), entry(under_the_bar, clock))
        assert await cache.find(key_of("a")) is None

    play(scenario)


async def problem(_epochs: Epochs) -> None:
    raise NotFound


async def failure(_epochs: Epochs) -> None:
    raise ValueError("none of the platform's answers")


async def cancelled(_epochs: Epochs) -> None:
    raise asyncio.CancelledError


@pytest.mark.holds(76)
@pytest.mark.parametrize(("end", "unknown"), [(problem, False), (failure, True), (cancelled, True)])
def test_only_a_problem_tells_how_a_write_ended(
    play: Play,
    clock: MovableClock,
    end: Callable[[Epochs], Awaitable[None]],
    unknown: bool,
) -> None:
    """Any other end, a cancelled request too, bars for the given seconds and no longer."""

    async def scenario(epochs: Epochs, _cache: Cache) -> None:
        with pytest.raises((NotFound, ValueError, asyncio.CancelledError)):
            async with epochs.writing(frozenset({TAG}), UNKNOWN):
                await end(epochs)
        assert (await epochs.current({TAG})).storable is not unknown
        clock.advance(UNKNOWN - 1)
        assert (await epochs.current({TAG})).storable is not unknown
        clock.advance(2)
        assert (await epochs.current({TAG})).storable

    play(scenario)


@pytest.mark.holds(76)
def test_the_last_of_several_writers_lifts_the_bar(play: Play) -> None:
    """Two writes to one tag: while one of them runs nothing is kept, whichever ends first."""

    async def scenario(epochs: Epochs, _cache: Cache) -> None:
        started, goes_on = asyncio.Event(), asyncio.Event()

        async def another() -> None:
            async with epochs.writing(frozenset({TAG}), UNKNOWN):
                started.set()
                await goes_on.wait()

        async with epochs.writing(frozenset({TAG, OTHER}), UNKNOWN):
            writer = asyncio.create_task(another())
            await started.wait()
        assert not (await epochs.current({TAG})).storable
        assert (await epochs.current({OTHER})).storable
        between = await epochs.current({TAG})
        goes_on.set()
        await writer
        assert not epochs.stand(between)
        assert (await epochs.current({TAG})).storable

    play(scenario)


@pytest.mark.holds(76)
def test_an_unknown_outcome_outlasts_a_known_one(play: Play, clock: MovableClock) -> None:
    """A later write that succeeds says nothing of the earlier one, whose end was not seen."""

    async def scenario(epochs: Epochs, _cache: Cache) -> None:
        async with epochs.writing(frozenset({TAG}), UNKNOWN) as write:
            write.unknown = True
        async with epochs.writing(frozenset({TAG}), UNKNOWN):
            pass
        assert not (await epochs.current({TAG})).storable
        clock.advance(UNKNOWN + 1)
        assert (await epochs.current({TAG})).storable

    play(scenario)


def test_what_bears_a_forgotten_epoch_is_gone(play: Play) -> None:
    """More tags than are remembered: those longest unused count as dropped, others stand."""

    async def scenario(epochs: Epochs, _cache: Cache) -> None:
        old, used = await epochs.current({TAG}), await epochs.current({OTHER})
        for n in range(MOST - 1):
            await epochs.current({Tag(TAG.kind, f"act_{n}")})
            assert epochs.stand(used)
        assert not epochs.stand(old)

    play(scenario)
