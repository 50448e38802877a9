"""A thousand requests over three processes ask the platform once, and nobody hurts the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import httpx2 as httpx
import pytest

from app.testing.world import API
from tests.cache.reads import CAMPAIGNS, MEMBERS, TEAM
from tests.replicas.processes import Processes, processes
from tests.replicas.redis_server import RedisServer

INSIGHTS = f"/teams/{TEAM}/meta/insights?adAccountId=act_1001&startDate=2026-01-01&endDate="
# How long the platform takes, so that all requests are there meanwhile (seconds).
SLOW = 2.0
SHARED = {
    "getCampaigns": f"{CAMPAIGNS}&fields=objective",
    "getAds": f"/teams/{TEAM}/meta/ads?adAccountId=act_1001",
    "getInsights": f"{INSIGHTS}2026-01-31",
}
# Another question to the same operation.
OTHERS = {
    "getAds": f"{SHARED['getAds']}&fields=name",
    "getInsights": f"{INSIGHTS}2026-01-30",
}
HIS_OWN = {"getTeamMembers": MEMBERS, "getTeamConnections": f"/teams/{TEAM}/connections"}


@pytest.fixture(scope="module")
def replicas(
    shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Processes]:
    with processes(shared_redis.url, tmp_path_factory.mktemp("replicas")) as running:
        yield running


@pytest.fixture
def fresh(replicas: Processes, redis: RedisServer) -> Processes:
    """Nothing is kept anywhere: what the processes still remember is of a moment without Redis."""
    replicas.heal()
    redis.stop()
    redis.start()
    _wait_for_redis(redis, len(replicas.running))
    replicas.sandbox.calls.clear()
    return replicas


def _wait_for_redis(redis: RedisServer, replicas: int) -> None:
    """All of them listen again."""
    until = time.monotonic() + 10
    with redis.client() as client:
        while client.pubsub_numsub("bff:heard")[0][1] < replicas:
            assert time.monotonic() < until


def everywhere(
    replicas: Processes, path: str, times: int, user: str = "ben"
) -> list[httpx.Response]:
    """The same read at the same time, spread over the replicas, each on a connection of its own."""

    async def ask() -> list[httpx.Response]:
        token = replicas.token(user)
        limits = httpx.Limits(max_connections=times)
        async with httpx.AsyncClient(
            limits=limits, trust_env=False, verify=False, timeout=60
        ) as client:
            origins = replicas.origins
            asks = [
                client.get(
                    f"{origins[n % len(origins)]}{API}{path}",
                    headers={"Authorization": f"Bearer {token}"},
                )
                for n in range(times)
            ]
            return list(await asyncio.gather(*asks))

    return asyncio.run(ask())


@pytest.mark.holds(78)
@pytest.mark.parametrize("name", [*SHARED, *HIS_OWN])
@pytest.mark.parametrize("known", [False, True], ids=["first of all", "known reader"])
def test_a_thousand_misses_on_three_replicas_are_one_call(
    fresh: Processes, name: str, known: bool
) -> None:
    """Whether readers share the answer or each has his own, and whether he has read before."""
    if known:
        for replica in range(len(fresh.origins)):
            fresh.read("ben", f"{CAMPAIGNS}&fields=status", replica)
            fresh.read("ben", OTHERS.get(name, f"/teams/{TEAM}"), replica)
    fresh.sandbox.calls.clear()
    fresh.fault(name, "latency", times=None, seconds=SLOW)
    answers = everywhere(fresh, (SHARED | HIS_OWN)[name], 1000)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert fresh.asked(name) == ["ben"]
