"""A consent that starts at one replica ends at another, and all of them watch meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.replicas.cluster import Cluster, cluster
from tests.replicas.redis_server import RedisServer, redis_server

CONNECTIONS = "/teams/team-acme-brand/connections"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def two(redis: RedisServer, tmp_path: Path) -> Iterator[Cluster]:
    with redis.client() as client:
        client.flushall()
    with cluster([redis.url] * 2, tmp_path / "ledger.db") as running:
        yield running


def test_a_consent_ends_where_it_did_not_begin(two: Cluster, redis: RedisServer) -> None:
    """Its address works once, at any replica, and what both had kept of the connections is gone."""
    for replica in (0, 1):
        assert two.client("ben", replica).api("GET", CONNECTIONS).status_code == 200
    begun = two.client("ben", 0).api("POST", CONNECTIONS, json={"platform": "meta"})
    assert begun.status_code == 201, begun.text
    state = json.loads(parse_qs(urlsplit(begun.json()["authUrl"]).query)["state"][0])
    path = urlsplit(state["redirect"]).path
    with redis.client() as client:
        assert not any(path.rpartition("/")[2].encode() in key for key in client.keys("*"))
    ended = two.client("ben", 1).get(f"{path}?connection=success")
    assert ended.status_code == 303, ended.text
    assert ended.headers["location"].endswith("connection=success")
    assert two.client("ben", 0).get(path).status_code == 404
    for replica in (0, 1):
        answer = two.client("ben", replica).api("GET", CONNECTIONS)
        assert "hit" not in answer.headers["cache-status"] or answer.headers["age"] == "0"


@pytest.mark.holds(53)
def test_while_it_may_end_all_replicas_look_every_two_seconds(two: Cluster) -> None:
    """The other one has heard of it too: three seconds later it asks the platform again."""
    other = two.client("ben", 1)
    assert two.client("ben", 0).api("POST", CONNECTIONS, json={"platform": "meta"}).is_success
    assert other.api("GET", CONNECTIONS).is_success
    two.sandbox.calls.clear()
    two.advance(3)
    assert other.api("GET", CONNECTIONS).is_success
    assert two.asked("getTeamConnections") == ["ben"]
