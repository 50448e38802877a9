"""A group that fails is left alone, and only that group; what is kept goes on being served."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.clock import MovableClock, loop_time
from app.observe.counters import Counters
from app.testing.world import Browser, World, no_jitter, world
from app.upstream.breaker import LEAST_CALLS, PAUSE
from app.upstream.exchange import Incoming, Outgoing, Refrained
from app.upstream.lanes import Lanes, Urgency
from app.upstream.resilience import Purpose, Resilience
from tests.faults.reads import CAMPAIGNS, TEAM, new_insights

DAYS = new_insights()


@pytest.fixture
def ben(strict_world: World) -> Browser:
    """Who has read before: facts and tokens are there."""
    browser = strict_world.sign_in("ben")
    browser.read(next(DAYS))
    return browser


def until_open(world: World, ben: Browser) -> None:
    """Ask until nothing is sent any more."""
    for path in DAYS:
        world.forget_calls()
        ben.api("GET", path)
        if not world.calls("getInsights"):
            return


def failing(world: World) -> None:
    world.fault("getInsights", "status", status=500, times=None)


@pytest.mark.holds(85)
def test_a_group_that_fails_is_left_alone(strict_world: World, ben: Browser) -> None:
    """Its questions are answered at once, with the time to come back at; others are asked on."""
    failing(strict_world)
    until_open(strict_world, ben)
    answer = ben.api("GET", next(DAYS))
    assert (answer.status_code, answer.json()["code"]) == (503, "upstream-unavailable")
    assert 1 <= int(answer.headers["retry-after"]) <= PAUSE
    assert strict_world.calls("getInsights") == []
    assert ben.api("GET", CAMPAIGNS).status_code == 200


@pytest.mark.holds(77, 85)
def test_what_is_kept_is_served_meanwhile(strict_world: World, ben: Browser) -> None:
    """Marked as stale, and nobody is asked for it."""
    kept = next(DAYS)
    ben.read(kept)
    strict_world.advance(4000)
    ben.sign_in("ben")
    ben.read(CAMPAIGNS)
    failing(strict_world)
    until_open(strict_world, ben)
    answer = ben.api("GET", kept)
    assert answer.status_code == 200
    assert "detail=stale" in answer.headers["cache-status"]
    assert strict_world.calls("getInsights") == []


@pytest.fixture
def opened(strict_world: World, ben: Browser) -> Iterator[World]:
    """Its breaker has been open for as long as it stays so."""
    failing(strict_world)
    until_open(strict_world, ben)
    strict_world.advance(PAUSE + 0.1)
    yield strict_world
    strict_world.heal()


@pytest.mark.holds(85)
def test_one_probe_decides(opened: World, ben: Browser) -> None:
    """After its pause one question goes, whoever asks; when it fails nothing goes again."""
    opened.heal()
    opened.fault("getInsights", "status", status=500, seconds=0.3, times=None)
    with ThreadPoolExecutor(10) as readers:
        paths = [next(DAYS) for _ in range(10)]
        statuses = list(readers.map(lambda path: ben.api("GET", path).status_code, paths))
    assert sorted(set(statuses)) == [502, 503]
    assert len(opened.calls("getInsights")) == 1
    ben.api("GET", next(DAYS))
    assert len(opened.calls("getInsights")) == 1


@pytest.mark.holds(85)
def test_a_probe_that_succeeds_closes_it(opened: World, ben: Browser) -> None:
    """Then everything goes as ever."""
    opened.heal()
    assert [ben.api("GET", next(DAYS)).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.holds(85)
def test_refusals_are_no_failures(strict_world: World, ben: Browser) -> None:
    """However many questions are refused, the next one is asked."""
    strict_world.fault("getInsights", "status", status=404, times=None)
    for _ in range(2 * LEAST_CALLS):
        assert ben.api("GET", next(DAYS)).status_code == 404
        strict_world.forget_calls()
        ben.read(f"{TEAM}/connections")
    ben.api("GET", next(DAYS))
    assert len(strict_world.calls("getInsights")) == 1


@pytest.mark.holds(82, 85)
def test_a_platform_that_never_answers_is_left_alone_too() -> None:
    """Whoever asked has given up before the platform did, and that says enough about it."""
    with world(upstream={"read_deadline": 0.5}) as running:
        ben = running.sign_in("ben")
        ben.read(next(DAYS))
        running.fault("getInsights", "latency", seconds=30, times=None)
        paths = [next(DAYS) for _ in range(2 * LEAST_CALLS)]
        with ThreadPoolExecutor(LEAST_CALLS) as readers:
            list(readers.map(lambda path: ben.api("GET", path), paths))
        running.forget_calls()
        assert ben.api("GET", next(DAYS)).status_code == 503
        assert running.calls("getInsights") == []


@pytest.mark.holds(85)
def test_a_platform_that_crawls_is_left_alone_too() -> None:
    """Answers that take too long are as bad as none: here every one is too long."""

    class Answering:
        async def send(self, _request: Outgoing, _deadline: float) -> Incoming:
            return Incoming(200, {}, b"{}")

        async def close(self) -> None:
            """Nothing is open."""

    resilience = Resilience(
        Answering(),
        Lanes(10, patience=1),
        MovableClock(),
        Counters(),
        no_jitter,
        slow_after=0.0,
        slow_write_after=0.0,
    )
    request = Outgoing("GET", "http://platform/", {}, None)
    purpose = Purpose("getInsights", "Insights", False, Urgency.READ, owner="ben")

    async def play() -> None:
        for _ in range(LEAST_CALLS):
            await resilience.send(request, "key", purpose, loop_time() + 5)
        with pytest.raises(Refrained):
            await resilience.send(request, "key", purpose, loop_time() + 5)

    asyncio.run(play())
