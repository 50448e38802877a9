"""What open logins are, wherever they are kept: one that starts here is finished there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.session.logins import MOST_PER_BROWSER, Logins

from .keeping import Keeper

Story = Callable[[Logins, Logins], Awaitable[None]]


def told(keeper: Keeper, story: Story) -> None:
    """Run a story between two replicas; in process both are the same."""

    async def run() -> None:
        async with keeper.replica() as a, keeper.replica() as b:
            await story(*(Logins(one.stores.logins, keeper.clock) for one in (a, b)))

    asyncio.run(run())


@pytest.mark.holds(25)
def test_started_here_finished_there(keeper: Keeper) -> None:
    """A login is finished at another replica, with all that was remembered, and only once."""

    async def story(here: Logins, there: Logins) -> None:
        started = await here.start("/campaigns", "prior session")
        held = {started.login.id: started.secret}
        ends = await asyncio.gather(*(one.finish(started.state, held) for one in (here, there) * 5))
        assert [end for end in ends if end is not None] == [started.login]
        assert await there.finish(started.state, held) is None

    told(keeper, story)


@pytest.mark.holds(25)
def test_another_browser_finds_nothing(keeper: Keeper) -> None:
    """Whoever knows the state and not the secret gets nothing, and takes nothing away."""

    async def story(here: Logins, there: Logins) -> None:
        started = await here.start("/", None)
        for held in ({}, {started.login.id: "guessed"}, {"other": started.secret}):
            assert await there.finish(started.state, held) is None
        assert await there.finish(started.state, {started.login.id: started.secret}) is not None

    told(keeper, story)


@pytest.mark.holds(3)
@pytest.mark.parametrize(("later", "open_"), [(599, True), (600, False)])
def test_ten_minutes(keeper: Keeper, later: int, open_: bool) -> None:
    """A login that is not finished within ten minutes is gone."""

    async def story(here: Logins, there: Logins) -> None:
        started = await here.start("/", None)
        keeper.clock.time += later
        held = {started.login.id: started.secret}
        assert (await there.finish(started.state, held) is not None) is open_

    told(keeper, story)


@pytest.mark.holds(3)
def test_a_browser_holds_five(keeper: Keeper) -> None:
    """At whichever replica they began: the oldest goes, what is not its own stays."""

    async def story(here: Logins, there: Logins) -> None:
        foreign = await here.start("/", None)
        begun = []
        for turn in range(MOST_PER_BROWSER):
            keeper.clock.time += 1
            begun.append(await (here, there)[turn % 2].start("/", None))
        held = {one.login.id: one.secret for one in begun}
        claimed = held | {foreign.login.id: "guessed", "n" * 22: "gone"}
        forgotten = await there.crowd_out(claimed)
        assert set(forgotten) == {begun[0].login.id, foreign.login.id, "n" * 22}
        assert await here.finish(begun[0].state, held) is None
        for one in begun[1:]:
            assert await here.finish(one.state, held) == one.login
        own = {foreign.login.id: foreign.secret}
        assert await here.finish(foreign.state, own) == foreign.login

    told(keeper, story)
