"""Asking again: what is repeated, how often, and that it never multiplies a failure."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from app.clock import MovableClock, loop_time
from app.observe.counters import Counters
from app.testing.world import World, no_jitter
from app.upstream.exchange import ExchangeError, Incoming, Outgoing, Sent
from app.upstream.lanes import Lanes, Urgency
from app.upstream.resilience import Purpose, Resilience
from app.upstream.retries import FLOOR, MOST, SHARE, RetryBudget
from app.upstream.window import SECONDS
from tests.faults.reads import CAMPAIGNS, RENAME, TEAM, new_insights

PASSING: dict[str, dict[str, Any]] = {
    "408": {"kind": "status", "status": 408},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503},
    "reset": {"kind": "reset"},
    "cut in the body": {"kind": "reset", "body": '{"success":true'},
    "429": {"kind": "rate-limit", "retryAfter": "0"},
}


@pytest.mark.holds(83)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_read_that_failed_once_is_answered(strict_world: World, fault: dict[str, Any]) -> None:
    """What may be otherwise a moment later is asked again, and the caller notices nothing."""
    ben = strict_world.sign_in("ben")
    ben.read(f"{TEAM}/connections")
    strict_world.forget_calls()
    strict_world.fault("getCampaigns", **fault)
    assert ben.api("GET", CAMPAIGNS).status_code == 200
    assert len(strict_world.calls("getCampaigns")) == 2


@pytest.mark.holds(83)
def test_a_read_is_repeated_twice_at_most(strict_world: World) -> None:
    """Then the caller is told."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getCampaigns", "status", status=503, times=None)
    assert ben.api("GET", CAMPAIGNS).status_code == 502
    assert len(strict_world.calls("getCampaigns")) == 1 + MOST


@pytest.mark.holds(83)
@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_refusal_is_not_repeated(strict_world: World, status: int) -> None:
    """It would be the same a moment later."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getCampaigns", "status", status=status, times=None)
    assert ben.api("GET", CAMPAIGNS).status_code >= 400
    assert len(strict_world.calls("getCampaigns")) == 1


@pytest.mark.holds(83, 89)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_write_that_may_have_been_done_is_not_repeated(
    strict_world: World, fault: dict[str, Any]
) -> None:
    """Whatever became of it, it was sent once."""
    ana = strict_world.sign_in("ana")
    strict_world.fault("updateTeamName", **fault)
    assert ana.api("PATCH", TEAM, json=RENAME).status_code in {503, 504}
    assert len(strict_world.calls("updateTeamName")) == 1


@pytest.mark.holds(83, 90)
def test_a_429_is_obeyed_by_everybody(strict_world: World) -> None:
    """It is about the key: nobody's question reaches the platform before its time is over."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    ana.read(TEAM)
    strict_world.fault("getCampaigns", "rate-limit", retryAfter="30")
    first = ben.api("GET", CAMPAIGNS)
    assert (first.status_code, first.headers["retry-after"]) == (503, "30")
    strict_world.forget_calls()
    second = ana.api("GET", "/workspaces/acme/teams")
    assert second.status_code == 503
    assert 1 <= int(second.headers["retry-after"]) <= 30
    assert strict_world.calls() == []
    assert ana.api("PATCH", TEAM, json=RENAME).status_code == 503
    assert strict_world.calls() == []
    strict_world.advance(31)
    assert ben.api("GET", CAMPAIGNS).status_code == 200


@pytest.mark.holds(83, 90)
def test_a_date_to_come_back_at_is_understood(strict_world: World) -> None:
    """Retry-After may be an HTTP date; the caller is told seconds."""
    ben = strict_world.sign_in("ben")
    then = datetime.fromtimestamp(strict_world.clock.now() + 40, tz=UTC)
    strict_world.fault("getCampaigns", "rate-limit", retryAfter=format_datetime(then, usegmt=True))
    answer = ben.api("GET", CAMPAIGNS)
    assert answer.status_code == 503
    assert 30 <= int(answer.headers["retry-after"]) <= 40


@pytest.mark.holds(83, 90)
@pytest.mark.parametrize("named", ["soon", "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"])
def test_a_date_that_is_none_is_no_reason_to_fail(strict_world: World, named: str) -> None:
    """Whatever stands there, the caller is told that the platform takes no more."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getCampaigns", "rate-limit", retryAfter=named, times=None)
    answer = ben.api("GET", CAMPAIGNS)
    assert (answer.status_code, answer.json()["code"]) == (503, "upstream-unavailable")


@pytest.mark.holds(84)
def test_a_platform_that_is_down_is_not_asked_more_often(strict_world: World) -> None:
    """Of many requests of many a tenth is repeated at the most, whatever breaks."""
    ben = strict_world.sign_in("ben")
    ben.read(CAMPAIGNS)
    strict_world.forget_calls()
    strict_world.fault("*", "status", status=503, times=None)
    days = new_insights()
    requests = 200
    assert {ben.api("GET", next(days)).status_code for _ in range(requests)} <= {502, 503}
    assert len(strict_world.calls()) <= (1 + SHARE) * requests


# --- the budget alone, where no breaker interferes ------------------------------------------------


class Alternating:
    """A platform that fails every third time."""

    def __init__(self, failure: Incoming | ExchangeError) -> None:
        self.asked = 0
        self._failure = failure

    async def send(self, _request: Outgoing, _deadline: float) -> Incoming:
        self.asked += 1
        if self.asked % 3:
            return Incoming(200, {}, b"{}")
        if isinstance(self._failure, ExchangeError):
            raise self._failure
        return self._failure

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.holds(83)
@pytest.mark.parametrize(
    "failure", [Incoming(503, {}, b""), ExchangeError(Sent.MAYBE, "reset")], ids=["503", "reset"]
)
@pytest.mark.parametrize("urgency", [Urgency.READ, Urgency.BACKGROUND])
def test_the_budget_is_a_tenth(failure: Incoming | ExchangeError, urgency: Urgency) -> None:
    """Second attempts are a tenth of what is asked, or a few where little is; in the background none."""
    platform, clock = Alternating(failure), MovableClock()
    resilience = Resilience(
        platform,
        Lanes(10, patience=1),
        clock,
        Counters(),
        no_jitter,
        slow_after=5,
        slow_write_after=15,
    )
    request = Outgoing("GET", "http://platform/", {}, None)
    purpose = Purpose("listCampaigns", "Campaigns", changes=False, urgency=urgency, owner="ben")

    async def repeated(times: int) -> int:
        before = platform.asked
        for _ in range(times):
            with suppress(ExchangeError):
                await resilience.send(request, "key", purpose, loop_time() + 5)
        return platform.asked - before - times

    async def play() -> tuple[int, int]:
        few = await repeated(20)
        clock.advance(20)
        return few, await repeated(1000)

    few, many = asyncio.run(play())
    if urgency is Urgency.BACKGROUND:
        assert (few, many) == (0, 0)
    else:
        assert few == FLOOR
        assert 0.9 * SHARE * 1000 <= many <= SHARE * 1000


@pytest.mark.holds(84)
def test_the_budget_remembers_ten_seconds() -> None:
    """However long nothing fails, so that nobody asks it for a second attempt."""
    clock = MovableClock()
    budget = RetryBudget(clock)
    for _ in range(100):
        budget.request()
        clock.advance(1)
    assert len(budget._window._seconds) <= SECONDS
