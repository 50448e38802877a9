"""A thousand requests over three processes ask the platform once, and nobody hurts the others."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cache.leases import LEASE
from tests.cache.reads import CAMPAIGNS, MEMBERS, TEAM
from tests.replicas.processes import Processes, processes
from tests.replicas.raw import at_once, request, under_way
from tests.replicas.redis_server import RedisServer

META = f"/teams/{TEAM}/meta"
INSIGHTS = f"{META}/insights?adAccountId=act_1001&startDate=2026-01-01&endDate="
# How long the platform takes, and within which time all requests arrive (seconds). On a small
# machine a thousand connections in one moment would leave Redis itself no time to answer.
SLOW = 3.0
ARRIVE = 1.5
# By the operation's name at the platform: what all ask, and another question to it.
SHARED = {
    "getCampaigns": (f"{CAMPAIGNS}&fields=objective", f"{CAMPAIGNS}&fields=name"),
    "getAds": (f"{META}/ads?adAccountId=act_1001", f"{META}/ads?adAccountId=act_1001&fields=name"),
    "getInsights": (f"{INSIGHTS}2026-01-31", f"{INSIGHTS}2026-01-30"),
}
HIS_OWN = {"getTeamMembers": (MEMBERS, CAMPAIGNS)}
# The replicas where the reader is known.
NOWHERE, ON_ONE, EVERYWHERE = (), (0,), (0, 1, 2)
READ_DEADLINE = 10.0
# What a replica says of a request whose asker has left.
LEFT = '"status":499'
ROUNDS = 5


def undisturbed(replicas: Processes, redis: RedisServer) -> Iterator[None]:
    """Rounds from a fresh start, until there was one in which nobody found Redis away.

    A machine that is too busy to let Redis answer within its patience proves nothing.
    """
    for _ in range(ROUNDS):
        forget(replicas, redis)
        outages = replicas.outages
        yield
        if replicas.outages == outages:
            return
    pytest.fail("Redis was away each time")


def forget(replicas: Processes, redis: RedisServer) -> None:
    """Nothing is kept anywhere: Redis was away until all had missed it, and is heard again."""
    replicas.heal()
    numbers = range(len(replicas.origins))
    redis.stop()
    for replica in numbers:
        until_kept(replicas, replica, False)
    redis.start()
    for replica in numbers:
        until_kept(replicas, replica, True)
    replicas.sandbox.calls.clear()


def until_kept(replicas: Processes, replica: int, kept: bool) -> None:
    """This one keeps answers, hence hears; or it does not."""
    client, until = replicas.client("hugo", replica), time.monotonic() + 10
    while True:
        answer = client.api("GET", "/teams/team-globex-shop")
        if answer.headers["cache-status"].startswith("bff; hit") is kept:
            return
        assert time.monotonic() < until, answer.text


def until_left(replicas: Processes, before: int) -> None:
    """The first replica has noticed one more asker who left."""
    until = time.monotonic() + 10
    while replicas.running[0].said.count(LEFT) <= before:
        assert time.monotonic() < until


def until_asked(replicas: Processes, name: str) -> None:
    """The platform has been asked this."""
    until = time.monotonic() + 10
    while not replicas.asked(name):
        assert time.monotonic() < until


@pytest.mark.holds(78)
@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("getCampaigns", NOWHERE),
        ("getTeamMembers", NOWHERE),
        ("getCampaigns", EVERYWHERE),
        ("getInsights", EVERYWHERE),
        ("getTeamMembers", EVERYWHERE),
        ("getAds", ON_ONE),
    ],
)
def test_a_thousand_misses_on_three_replicas_are_one_call(
    running: Processes, redis: RedisServer, name: str, known: tuple[int, ...]
) -> None:
    """Whether readers share the answer or each has his own, wherever he has read before."""
    path, before = (SHARED | HIS_OWN)[name]
    asked = request(running.token("ben"), path)
    for _ in undisturbed(running, redis):
        for replica in known:
            running.read("ben", before, replica)
        running.sandbox.calls.clear()
        running.fault(name, "latency", times=None, seconds=SLOW)
        answers = at_once(running.origins, asked, 1000, ARRIVE)
        assert {answer.status for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1
    assert running.asked(name) == ["ben"]


@pytest.mark.holds(78)
def test_an_aborted_leader_hurts_nobody_elsewhere(running: Processes, redis: RedisServer) -> None:
    """Who set out first goes away, and with him his question: one of those who wait elsewhere asks."""
    asked = request(running.token("ben"), MEMBERS)
    for _ in undisturbed(running, redis):
        running.fault("getTeamMembers", "latency", seconds=SLOW)
        left = running.running[0].said.count(LEFT)
        with under_way(running.origins[0], asked):
            until_asked(running, "getTeamMembers")
        # Who comes before it is noticed would wait for the question of him who left.
        until_left(running, left)
        answers = at_once(running.origins, asked, 30)
        assert {answer.status for answer in answers} == {200}
    # Each replica at the most: who left may not have given the question back yet.
    assert 2 <= len(running.asked("getTeamMembers")) <= 1 + len(running.origins)


@pytest.mark.holds(78, 96)
def test_a_killed_leader_holds_nobody_up_for_long(redis: RedisServer, tmp_path: Path) -> None:
    """Its lease ends by itself: the others fetch within that and their own deadline."""
    with processes(redis.url, tmp_path) as replicas:
        asked = request(replicas.token("ben"), MEMBERS)
        others = replicas.origins[1:]
        for replica in (1, 2):
            until_kept(replicas, replica, True)
        replicas.fault("getTeamMembers", "latency", seconds=60)
        with under_way(replicas.origins[0], asked):
            until_asked(replicas, "getTeamMembers")
            replicas.running[0].process.send_signal(signal.SIGKILL)
            killed = time.monotonic()
            answers = at_once(others, asked, 30)
        assert {answer.status for answer in answers} == {200}
        assert time.monotonic() - killed < LEASE + READ_DEADLINE
        assert len(replicas.asked("getTeamMembers")) <= 1 + len(others)
