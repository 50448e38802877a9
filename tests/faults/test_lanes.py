"""Who is at the platform takes no place from who is more urgent, and no owner takes all."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from app.testing.world import world
from app.upstream.lanes import Crowded, Lane, Lanes, Urgency
from tests.faults.reads import CAMPAIGNS, RENAME, TEAM, new_insights


@pytest.mark.holds(86)
def test_dashboards_leave_writes_and_first_visits_where_they_are() -> None:
    """While every place that dashboards have is taken, a write and a user without tokens are answered."""
    with world(upstream={"max_connections": 10, "read_deadline": 8}) as running:
        ben, ana = running.sign_in("ben"), running.sign_in("ana")
        ben.read(CAMPAIGNS)
        ana.read(TEAM)
        running.fault("getInsights", "latency", seconds=7, times=None)
        with ThreadPoolExecutor(30) as readers:
            paths = (path.replace("meta/insights", "dashboard") for path in new_insights())
            waiting = [readers.submit(ben.api, "GET", path) for path in islice(paths, 20)]
            while len(running.calls("getInsights")) < 5:
                pass
            assert ana.api("PATCH", TEAM, json=RENAME).status_code == 200
            assert running.sign_in("cleo").api("GET", TEAM).status_code == 200
            assert [one.result().text for one in waiting if one.done()] == []
            assert len(running.calls("getInsights")) == 5


class Visitors:
    """Those who want into a lane, in the order in which they got in, or were refused."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.inside: list[str] = []
        self.refused: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def comes(self, name: str, urgency: Urgency = Urgency.READ, owner: str = "") -> None:
        self._leave[name] = asyncio.Event()

        async def visit() -> None:
            try:
                await self._lane.enter(urgency, owner or name)
            except Crowded:
                self.refused.append(name)
                return
            try:
                self.inside.append(name)
                await self._leave[name].wait()
            finally:
                self._lane.leave(urgency, owner or name)

        self._tasks.append(asyncio.create_task(visit()))
        await asyncio.sleep(0)

    async def leaves(self, name: str) -> None:
        self._leave[name].set()
        for _ in range(3):
            await asyncio.sleep(0)

    async def give_up(self, *numbers: int) -> None:
        """All of them at the same moment."""
        for number in numbers:
            self._tasks[number].cancel()
        for _ in range(3):
            await asyncio.sleep(0)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.mark.holds(86)
def test_the_next_place_is_for_who_has_the_fewest() -> None:
    """One busy team cannot take what all share: another one's question is next."""

    async def scenario() -> None:
        visitors = Visitors(Lane(2, composed=2, patience=60))
        for name in ("busy1", "busy2", "busy3", "busy4"):
            await visitors.comes(name, owner="busy")
        await visitors.comes("other", owner="other")
        await visitors.leaves("busy1")
        assert visitors.inside == ["busy1", "busy2", "other"]
        await visitors.close()

    asyncio.run(scenario())


@pytest.mark.holds(86)
def test_composed_answers_have_half_at_most() -> None:
    """And who waits for one thing goes before who waits for a part of many."""

    async def scenario() -> None:
        visitors = Visitors(Lane(3, composed=2, patience=60))
        for name in ("part1", "part2", "part3"):
            await visitors.comes(name, Urgency.COMPOSED)
        assert visitors.inside == ["part1", "part2"]
        await visitors.comes("one")
        await visitors.comes("two")
        assert visitors.inside == ["part1", "part2", "one"]
        await visitors.leaves("part1")
        assert visitors.inside[3:] == ["two"]
        await visitors.leaves("one")
        assert visitors.inside[4:] == ["part3"]
        await visitors.close()

    asyncio.run(scenario())


@pytest.mark.holds(86)
def test_what_does_not_keep_up_refuses_the_cheapest() -> None:
    """The first in the queue waits for too long: the least urgent, last come, is refused at once."""

    async def scenario() -> None:
        visitors = Visitors(Lane(1, composed=1, patience=0.0))
        await visitors.comes("inside")
        await visitors.comes("first")
        await visitors.comes("part", Urgency.COMPOSED)
        assert visitors.refused == ["part"]
        await visitors.comes("last")
        assert visitors.refused == ["part", "last"]
        await visitors.comes("background", Urgency.BACKGROUND)
        assert visitors.refused == ["part", "last", "background"]
        await visitors.leaves("inside")
        assert visitors.inside == ["inside", "first"]
        await visitors.close()

    asyncio.run(scenario())


@pytest.mark.holds(86, 87)
def test_who_gives_up_takes_no_place() -> None:
    """Neither from the queue nor at the moment when it is his turn."""

    async def scenario() -> None:
        visitors = Visitors(Lane(1, composed=1, patience=60))
        for name in ("inside", "first", "second"):
            await visitors.comes(name)
        await visitors.give_up(1)
        await visitors.leaves("inside")
        assert visitors.inside == ["inside", "second"]
        await visitors.comes("third")
        visitors._leave["second"].set()
        await asyncio.sleep(0)
        await visitors.give_up(3)
        await visitors.comes("fourth")
        assert visitors.inside[-1] == "fourth"
        await visitors.close()

    asyncio.run(scenario())


@pytest.mark.holds(86, 87)
def test_who_gives_up_at_the_same_moment_takes_no_place() -> None:
    """A place that becomes free is not for who has just been cancelled and does not know it yet."""

    async def scenario() -> None:
        visitors = Visitors(Lane(1, composed=1, patience=60))
        for name in ("inside", "first", "second"):
            await visitors.comes(name)
        await visitors.give_up(0, 1)
        assert visitors.inside == ["inside", "second"]
        await visitors.leaves("second")
        await visitors.comes("third")
        assert visitors.inside[-1] == "third"
        await visitors.close()

    asyncio.run(scenario())


@pytest.mark.holds(86, 87)
def test_who_gives_up_when_he_is_refused_gives_no_place_back() -> None:
    """He never had one: the lane does not become wider."""

    async def scenario() -> None:
        visitors = Visitors(Lane(1, composed=1, patience=0.0))
        await visitors.comes("inside")
        await visitors.comes("part", Urgency.COMPOSED)
        await visitors.comes("last")
        await visitors.give_up(1)
        assert visitors.inside == ["inside"]
        await visitors.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("connections", [1, 2, 5, 7, 100])
def test_every_lane_has_a_place(connections: int) -> None:
    """Few connections are shared out as well: nothing waits for ever."""
    lanes = Lanes(connections, patience=1)
    for urgency in Urgency:
        assert lanes.by_urgency[urgency]._has_room(urgency)
