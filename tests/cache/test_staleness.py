"""Stale answers: inside their window, marked, refreshed behind the reader's back, never after no."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.cache.entries import Found, State
from app.catalogue.campaigns import CampaignField
from app.catalogue.keep import ByPeriod, Keep
from app.catalogue.operation import Read
from app.clock import today
from app.errors import (
    AccessUnavailable,
    Forbidden,
    Invalid,
    Problem,
    UpstreamInvalid,
    UpstreamUnavailable,
)
from app.testing.world import Browser, World
from tests.cache.reads import MEMBERS, PAST, TEAM, campaigns, insights, members
from tests.inside import Inside, Platform, inside


async def read(gateway: Inside, operation: Read[Any], user: str = "ben") -> Found:
    found = (await gateway.ask(user, operation)).found
    assert found is not None
    return found


@pytest.mark.holds(77)
def test_a_stale_answer_is_served_and_refreshed_once(sandbox: Platform) -> None:
    """Past its freshness everybody gets the old one at once, and one call fetches the next."""

    async def scenario(gateway: Inside) -> None:
        await read(gateway, members())
        sandbox.clock.advance(31)
        sandbox.fault("getTeamMembers", "latency", seconds=0.1)
        for _ in range(20):
            assert (await read(gateway, members())).state is State.STALE
        await gateway.settle()
        assert sandbox.asked("getTeamMembers") == 2
        assert (await read(gateway, members())).state is State.HIT

    inside(sandbox, scenario)


@pytest.mark.holds(80)
def test_an_answer_ages_from_when_it_was_asked_for(sandbox: Platform) -> None:
    """What took long to come is as old as the question: nobody knows when the platform looked."""

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", insights(PAST))  # so that facts and tokens are there
        sandbox.fault("getTeamMembers", "latency", seconds=0.2, after_effect=True)
        slow = asyncio.create_task(read(gateway, members()))
        await gateway.until(lambda: sandbox.asked("getTeamMembers") == 1)
        sandbox.clock.advance(31)
        await slow
        assert (await read(gateway, members())).state is State.STALE

    inside(sandbox, scenario)


@pytest.mark.holds(77)
def test_account_data_is_refreshed_in_the_background_on_a_live_proof(sandbox: Platform) -> None:
    """With a proof at hand stale account data is served, and its refresh proves anew."""

    async def scenario(gateway: Inside) -> None:
        await read(gateway, campaigns())
        sandbox.clock.advance(50)
        await read(gateway, campaigns(CampaignField.NAME))
        sandbox.clock.advance(15)
        assert (await read(gateway, campaigns())).state is State.STALE
        await gateway.settle()
        sandbox.clock.advance(29)  # the refresh's proof lives, the one before would have ended
        sandbox.sandbox.calls.clear()
        assert (await read(gateway, campaigns())).state is State.HIT
        assert sandbox.asked("getCampaigns") == 0

    inside(sandbox, scenario)


@pytest.mark.holds(77, 100)
def test_the_background_asks_with_the_readers_own_token(sandbox: Platform) -> None:
    """Each reader's stale answer is refreshed with his token, whoever else reads the same."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await read(gateway, members(), user)
        sandbox.clock.advance(31)
        sandbox.sandbox.calls.clear()
        for user in ("ben", "cleo"):
            assert (await read(gateway, members(), user)).state is State.STALE
        await gateway.settle()
        assert sorted(str(call.user) for call in sandbox.calls("getTeamMembers")) == ["ben", "cleo"]

    inside(sandbox, scenario)


VERDICTS = [
    ("status", 403, Forbidden),
    ("status", 404, Problem),
    ("garbage", None, UpstreamInvalid),
]


@pytest.mark.holds(77)
@pytest.mark.parametrize(("kind", "status", "problem"), VERDICTS)
def test_a_refusal_in_the_background_ends_the_stale_answer(
    sandbox: Platform, kind: Any, status: int | None, problem: type[Problem]
) -> None:
    """The reader who set it off got the old answer; nobody gets it after the verdict."""

    async def scenario(gateway: Inside) -> None:
        await read(gateway, members())
        sandbox.clock.advance(31)
        sandbox.fault("getTeamMembers", kind, times=2, status=status)
        assert (await read(gateway, members())).state is State.STALE
        await gateway.settle()
        with pytest.raises(problem):
            await read(gateway, members())
        assert (await read(gateway, members())).state is State.MISS

    inside(sandbox, scenario)


@pytest.mark.holds(53, 54, 77)
def test_a_refusal_in_the_background_ends_all_of_the_account(sandbox: Platform) -> None:
    """Refused for one kept answer of the account, the others are not served stale either."""

    async def scenario(gateway: Inside) -> None:
        await read(gateway, campaigns())
        sandbox.clock.advance(50)
        await read(gateway, campaigns(CampaignField.NAME))
        sandbox.clock.advance(15)
        # An old token is suspected once: twice no is no.
        sandbox.fault("getCampaigns", "status", times=2, status=403)
        assert (await read(gateway, campaigns())).state is State.STALE
        await gateway.settle()
        sandbox.fault("*", "reset", times=None)
        for operation in (campaigns(), campaigns(CampaignField.NAME)):
            with pytest.raises(Problem):
                await read(gateway, operation)

    inside(sandbox, scenario)


@pytest.mark.holds(77)
@pytest.mark.parametrize(
    "failure",
    [{"kind": "reset"}, {"kind": "status", "status": 500}, {"kind": "rate-limit"}],
    ids=["reset", "500", "429"],
)
def test_stale_answers_end_with_their_window(sandbox: Platform, failure: dict[str, Any]) -> None:
    """While refreshing fails a stale answer goes on to its hard end and not a second longer."""

    async def scenario(gateway: Inside) -> None:
        await read(gateway, members())
        sandbox.fault("getTeamMembers", times=None, **failure)
        sandbox.clock.advance(295)
        assert (await read(gateway, members())).state is State.STALE
        await gateway.settle()
        sandbox.clock.advance(6)
        with pytest.raises(Problem):
            await read(gateway, members())

    inside(sandbox, scenario)


@pytest.mark.holds(52, 54, 77)
def test_facts_that_refuse_end_stale_answers(sandbox: Platform) -> None:
    """Refused by the facts, and then the platform goes away: nothing of before is served."""

    async def scenario(gateway: Inside) -> None:
        await read(gateway, members())
        await read(gateway, campaigns())
        sandbox.clock.advance(31)
        sandbox.fault("getTeam", "status", status=403)
        with pytest.raises(Problem):
            await read(gateway, members())
        sandbox.fault("*", "reset", times=None)
        for operation in (members(), campaigns()):
            with pytest.raises(AccessUnavailable):
                await read(gateway, operation)

    inside(sandbox, scenario)


@pytest.mark.holds(54, 77)
def test_a_403_that_nothing_disproves_is_no_outage(sandbox: Platform) -> None:
    """Refused with an old token while no other is to be had: a refusal, and nothing stale."""

    async def scenario(gateway: Inside) -> None:
        await read(gateway, campaigns())
        sandbox.clock.advance(100)
        await read(gateway, members())  # so that facts are there
        sandbox.fault("getCampaigns", "status", status=403, times=None)
        sandbox.fault("exchangeToken", "status", status=503, times=None)
        with pytest.raises(Forbidden):
            await read(gateway, campaigns())
        sandbox.fault("*", "reset", times=None)
        with pytest.raises(Problem):
            await read(gateway, campaigns())

    inside(sandbox, scenario)


@pytest.mark.holds(54, 77)
def test_one_question_disliked_gives_nothing_stale_without_a_proof(sandbox: Platform) -> None:
    """Who waited for another's question that was invalid is not served what his proof is too old for."""

    async def scenario(gateway: Inside) -> None:
        closed = insights(today(sandbox.clock) - timedelta(days=200))
        await read(gateway, closed)
        sandbox.clock.advance(1000)  # past the outage window, inside the answer's own
        await read(gateway, members())
        sandbox.fault("getCampaigns", "status", status=400, seconds=0.2)
        sandbox.fault("getInsights", "reset", times=None)
        other = asyncio.create_task(gateway.ask("ben", campaigns()))
        await gateway.until(lambda: sandbox.asked("getCampaigns") == 1)
        with pytest.raises(UpstreamUnavailable):
            await read(gateway, closed)
        with pytest.raises(Invalid):
            await other

    inside(sandbox, scenario)


# --- by period ------------------------------------------------------------------------------------

BY_PERIOD = ByPeriod()
PERIODS = [(28, BY_PERIOD.closed), (27, BY_PERIOD.recent), (2, BY_PERIOD.recent)]
PERIODS += [(1, BY_PERIOD.open), (0, BY_PERIOD.open)]


@pytest.mark.parametrize(("ago", "keep"), PERIODS)
def test_figures_keep_by_the_age_of_their_period(sandbox: Platform, ago: int, keep: Keep) -> None:
    """What ended longer ago keeps longer: counted in UTC days from the period's end."""

    async def scenario(gateway: Inside) -> tuple[float, float]:
        entry = (await read(gateway, insights(today(sandbox.clock) - timedelta(days=ago)))).entry
        return entry.soft - entry.at, entry.hard - entry.at

    assert inside(sandbox, scenario) == pytest.approx((keep.fresh, keep.stale))


@pytest.mark.holds(77)
def test_figures_age_by_the_clock(sandbox: Platform) -> None:
    """The open period's figures are fresh for a minute, those of a closed one for an hour."""

    async def scenario(gateway: Inside) -> list[State]:
        day = today(sandbox.clock)
        asked = [insights(day), insights(day - timedelta(days=10)), insights(day - timedelta(60))]
        for operation in asked:
            await read(gateway, operation)
        states = []
        for seconds in (59, 2, 540, 3000):
            sandbox.clock.advance(seconds)
            # Whatever is asked with a new parameter proves the account anew.
            await read(gateway, insights(day - timedelta(days=100 + seconds)))
            states += [(await read(gateway, operation)).state for operation in asked]
            await gateway.settle()
        return states

    hit, stale = State.HIT, State.STALE
    first, second = [hit, hit, hit], [stale, hit, hit]
    third, fourth = [stale, stale, hit], [State.MISS, stale, stale]
    assert inside(sandbox, scenario) == first + second + third + fourth


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.fixture
def reader(shared_world: World, ben: Browser) -> Iterator[Browser]:
    shared_world.advance(400)
    yield ben
    shared_world.heal()


@pytest.mark.holds(77, 80)
def test_a_stale_answer_says_so(reader: Browser, shared_world: World) -> None:
    """Its Age is that of its data, and Cache-Status marks it."""
    reader.read(MEMBERS)
    shared_world.fault("getTeamMembers", "reset", times=None)
    shared_world.advance(45)
    answer = reader.api("GET", f"/teams/{TEAM}/members")
    assert re.fullmatch(r"bff; hit; ttl=-1[567]; detail=stale", answer.headers["cache-status"])
    assert 45 <= int(answer.headers["age"]) <= 47
