"""Without Redis the gateway works, slower: requests go on, nothing stale is served, and it recovers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.faults import Kind
from tests.cache.reads import ACCOUNT, CAMPAIGNS, MEMBERS, TEAM
from tests.replicas.cluster import Cluster, cluster
from tests.replicas.proxy import Proxy
from tests.replicas.redis_server import RedisServer

CAMPAIGN = "cmp_1001_1"
STATUS = f"/teams/{TEAM}/meta/campaigns/{CAMPAIGN}?adAccountId={ACCOUNT}"
READS = (CAMPAIGNS, MEMBERS, f"/teams/{TEAM}")
BOTH = (0, 1)
# A first level that has not heard from Redis for so long answers nothing (seconds).
SILENCE = 1.0


@dataclass
class Lines:
    """Two replicas, each with its own line to Redis."""

    redis: RedisServer
    ways: tuple[Proxy, ...]
    replicas: Cluster

    def status(self, replica: int, user: str = "ben") -> str:
        items = self.replicas.read(user, CAMPAIGNS, replica)["items"]
        return next(str(item["status"]) for item in items if item["id"] == CAMPAIGN)

    def write(self, replica: int, status: str) -> None:
        answer = self.replicas.client("ben", replica).api("PATCH", STATUS, json={"status": status})
        assert answer.status_code == 200, answer.text

    def kept(self, replica: int) -> bool:
        """Whether it serves what it keeps."""
        answer = self.replicas.client("ben", replica).api("GET", CAMPAIGNS)
        assert answer.status_code == 200, answer.text
        return str(answer.headers["cache-status"]).startswith("bff; hit")

    def until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < until

    def until_all_keep(self) -> None:
        self.until(lambda: all(self.kept(replica) for replica in BOTH))


@pytest.fixture
def lines(redis: RedisServer, tmp_path: Path) -> Iterator[Lines]:
    with ExitStack() as stack:
        ways = tuple(stack.enter_context(Proxy(redis.port)) for _ in BOTH)
        urls = [way.url for way in ways]
        replicas = stack.enter_context(cluster(urls, tmp_path / "ledger.db"))
        yield Lines(redis, ways, replicas)
        redis.thaw()


def kill(lines: Lines) -> None:
    lines.redis.stop()


def freeze(lines: Lines) -> None:
    lines.redis.freeze()


def swallow(lines: Lines) -> None:
    for way in lines.ways:
        way.turn("hole")


def reset(lines: Lines) -> None:
    for way in lines.ways:
        way.turn("reset")


def slow(lines: Lines) -> None:
    for way in lines.ways:
        for line in (way.commands, way.subscriptions):
            line.delay = 3.0


def mend(lines: Lines) -> None:
    if not lines.redis.running:
        lines.redis.start()
    lines.redis.thaw()
    for way in lines.ways:
        way.turn("pass")
        way.commands.delay = way.subscriptions.delay = 0


@pytest.mark.holds(76, 92)
@pytest.mark.parametrize("outage", [kill, freeze, swallow, reset, slow])
def test_requests_go_on_and_it_recovers_by_itself(
    lines: Lines, outage: Callable[[Lines], None]
) -> None:
    """Whatever is wrong with Redis: reads and writes are answered, a write through one replica is
    seen on the other a second later, and when it is well again both keep as before."""
    for replica in BOTH:
        for path in READS:
            lines.replicas.read("ben", path, replica)
    lines.until_all_keep()
    outage(lines)
    lines.until(lambda: not any(lines.kept(replica) for replica in BOTH))
    for n in range(4):
        status = ("PAUSED", "ACTIVE")[n % 2]
        lines.write(n % 2, status)
        for replica in BOTH:
            assert lines.status(replica) == status
            for path in READS:
                lines.replicas.read("ben", path, replica)
    mend(lines)
    lines.until_all_keep()
    lines.write(0, "PAUSED")
    lines.until(lambda: lines.status(1) == "PAUSED")


@pytest.mark.holds(92)
def test_an_outage_is_paid_for_once(lines: Lines) -> None:
    """At its begin a request waits for Redis at most once, afterwards none does."""
    lines.until_all_keep()
    swallow(lines)
    way, client = lines.ways[0], lines.replicas.client("ben", 0)
    path = f"{CAMPAIGNS}&fields=name"
    asked = way.asked
    assert client.api("GET", path).status_code == 200
    assert way.asked - asked == 1
    lines.until(lambda: not lines.kept(0))
    asked = way.asked
    for _ in range(20):
        assert client.api("GET", path).status_code == 200
    lines.write(0, "PAUSED")
    assert way.asked == asked


@pytest.mark.holds(76, 92)
def test_one_replica_without_redis(lines: Lines) -> None:
    """It serves nothing that it kept a second later, so that a write elsewhere is seen; its own
    writes are told the others when it is back."""
    lines.until_all_keep()
    for user in ("ben", "ana"):
        assert {lines.status(replica, user) for replica in BOTH} == {"ACTIVE"}
    lines.ways[1].turn("hole")
    cut = time.monotonic()
    lines.write(0, "PAUSED")
    seen: dict[str, float] = {}
    while len(seen) < 2:
        for user in ("ben", "ana"):
            asked = time.monotonic()
            if lines.status(1, user) == "PAUSED":
                seen.setdefault(user, asked)
            else:
                assert asked - cut < SILENCE
    assert lines.status(0) == "PAUSED"
    lines.until(lambda: lines.kept(0))

    lines.write(1, "ACTIVE")
    assert lines.status(1) == "ACTIVE"
    # Nothing could tell this one yet.
    assert lines.status(0) == "PAUSED"
    lines.ways[1].turn("pass")
    lines.until(lambda: lines.status(0) == "ACTIVE")
    lines.until_all_keep()
    assert {lines.status(replica) for replica in BOTH} == {"ACTIVE"}


@pytest.mark.holds(67, 92)
@pytest.mark.parametrize(
    ("kind", "more"),
    [("status", {"status": 503}), ("rate-limit", {"retry_after": "0"}), ("reset", {})],
)
def test_with_the_platform_away_as_well_there_are_problems(
    lines: Lines, kind: Kind, more: dict[str, Any]
) -> None:
    """Neither Redis nor the platform answers: a problem document says so, never a failure of ours."""
    lines.until_all_keep()
    swallow(lines)
    lines.until(lambda: not any(lines.kept(replica) for replica in BOTH))
    lines.replicas.fault("*", kind, times=None, **more)
    for replica in BOTH:
        client = lines.replicas.client("ben", replica)
        answers = [client.api("GET", path) for path in READS]
        answers.append(client.api("PATCH", STATUS, json={"status": "PAUSED"}))
        for answer in answers:
            assert answer.status_code in {429, 502, 503, 504}, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
    lines.replicas.heal()
    mend(lines)
    lines.until_all_keep()
