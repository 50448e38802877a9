"""One deadline for everything that a request waits for, and what it leaves when nobody waits."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.testing.world import Browser, World, world
from tests import drafts
from tests.faults.reads import CAMPAIGNS, RENAME, TEAM
from tests.harness import asking
from tests.money.asks import named, outcome, sent

DEADLINE = 1.0
# Each step takes less than the deadline, together they take a multiple of it.
STEP = 0.8
# What a busy machine may add (seconds): still less than the steps one after the other.
SLACK = 0.95


@pytest.fixture
def slow_world() -> Iterator[World]:
    deadlines = {"read_deadline": DEADLINE, "write_deadline": DEADLINE}
    with world(upstream=deadlines) as running:
        running.sign_in("ben").read(TEAM)
        yield running


def took(browser: Browser, method: str, path: str, **more: Any) -> tuple[int, float]:
    began = time.monotonic()
    answer = browser.api(method, path, **more)
    return answer.status_code, time.monotonic() - began


@pytest.mark.holds(82)
def test_every_step_of_a_read_takes_from_one_deadline(slow_world: World) -> None:
    """Tokens, facts and the read itself are slow, one after the other: the deadline is the same."""
    cleo = slow_world.sign_in("cleo")
    slow_world.fault("*", "latency", seconds=STEP, times=None)
    status, seconds = took(cleo, "GET", CAMPAIGNS)
    assert status in {503, 504}
    assert DEADLINE <= seconds < DEADLINE + SLACK


@pytest.mark.holds(82, 83)
def test_further_attempts_take_from_it_as_well(slow_world: World) -> None:
    """A platform that fails slowly is not asked again when there is no time left."""
    ben = slow_world.sign_in("ben")
    slow_world.fault("getCampaigns", "status", status=503, seconds=STEP, times=None)
    status, seconds = took(ben, "GET", CAMPAIGNS)
    assert status in {502, 504}
    assert seconds < DEADLINE + SLACK


@pytest.mark.holds(82, 89)
def test_a_write_is_not_sent_when_its_time_is_over(slow_world: World) -> None:
    """The facts took all of it: the caller is told, and nothing was done."""
    ana = slow_world.sign_in("ana")
    ana.read(TEAM)
    slow_world.advance(10)
    slow_world.fault("*", "latency", seconds=2 * DEADLINE, times=None)
    status, seconds = took(ana, "PATCH", TEAM, json=RENAME)
    assert status in {503, 504}
    assert seconds < DEADLINE + SLACK
    assert slow_world.calls("updateTeamName") == []


# --- who leaves -----------------------------------------------------------------------------------


def until_asked(running: World, number: int) -> None:
    while not running.sandbox.calls.list(number):
        time.sleep(0.002)


@pytest.mark.holds(87)
def test_a_read_that_nobody_waits_for_ends(strict_world: World) -> None:
    """Its asker left, and nobody else wants it: the platform's answer is not waited for."""
    ben = strict_world.sign_in("ben")
    ben.read(f"{TEAM}/connections")
    strict_world.sandbox.calls.clear()
    strict_world.fault("getCampaigns", "latency", seconds=9)
    with asking(ben, "GET", CAMPAIGNS):
        until_asked(strict_world, 33)
    began = time.monotonic()
    while '"status":499' not in strict_world.log.getvalue():
        assert time.monotonic() - began < 8, "it is still waited for"
        time.sleep(0.01)
    flights = strict_world.parts.cache._flights
    while len(flights):
        assert time.monotonic() - began < 8, "it is still under way"
        time.sleep(0.01)


@pytest.mark.holds(87)
def test_a_write_goes_on_without_its_asker(strict_world: World) -> None:
    """Who left finds out later what became of it."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("createTrafficCampaign", "latency", seconds=0.5)
    draft = drafts.BODIES["createTrafficCampaign"]
    path = f"{TEAM}/meta/campaigns/traffic?adAccountId=act_1001"
    with asking(ben, "POST", path, json.dumps(draft).encode(), "left"):
        while not sent(strict_world):
            time.sleep(0.002)
    while (told := outcome(ben, "left"))["state"] == "pending":
        time.sleep(0.01)
    assert told["state"] == "succeeded"
    assert named(strict_world, "Summer tents") == [told["answer"]["campaignId"]]
