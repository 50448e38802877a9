"""One address may only try to sign in so often; others, and those who are signed in, do not notice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.testing.world import World, world
from tests.replicas.cluster import cluster
from tests.replicas.redis_server import RedisServer, redis_server

FEW = {"logins_per_minute": 5}
PROXY = {"trusted_proxies": ["127.0.0.1"]}


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def attempt(at: str, path: str = "/auth/login", **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False, verify=False) as client:
        return client.get(at + path, headers=headers)


def statuses(at: str, times: int, **more: Any) -> list[int]:
    return [attempt(at, **more).status_code for _ in range(times)]


@pytest.mark.holds(90)
def test_the_sixth_attempt_in_a_minute_is_too_many() -> None:
    """429 as a problem, with Retry-After and the RateLimit fields; no login was begun by it."""
    with world(limits=FEW) as running:
        assert statuses(running.origin, 5) == [303] * 5
        refused = attempt(running.origin)
        assert refused.status_code == 429
        assert refused.json()["code"] == "rate-limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit-policy"] == '"sign-in";q=5;w=60'
        assert re.fullmatch(r'"sign-in";r=0;t=\d{1,2}', refused.headers["ratelimit"])
        assert "set-cookie" not in refused.headers


def test_who_comes_back_counts_as_well() -> None:
    """Made-up callbacks are attempts like any other, and each fails alike until the limit."""
    with world(limits=FEW) as running:
        answers = [attempt(running.origin, "/auth/callback?state=x&code=y") for _ in range(7)]
        assert [one.status_code for one in answers[5:]] == [429, 429]
        texts = {re.sub(r"[0-9a-f]{24}", "…", one.text) for one in answers[:5]}
        assert len(texts) == 1


def test_who_is_signed_in_does_not_notice(strict_world: World) -> None:
    """Only what signs in is throttled."""
    with world(limits=FEW) as running:
        ben = running.sign_in("ben")
        statuses(running.origin, 10)
        assert attempt(running.origin).status_code == 429
        assert ben.get("/auth/session").status_code == 200
        assert ben.post("/auth/logout").status_code == 200


def test_addresses_are_told_apart_behind_a_trusted_proxy_only() -> None:
    """What a proxy of ours says of the address counts; what the caller says of himself does not."""
    with world(limits=FEW, public=PROXY) as running:
        one, other = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        assert statuses(running.origin, 6, **one)[5] == 429
        assert attempt(running.origin, **other).status_code == 303
    with world(limits=FEW) as running:
        answers = [attempt(running.origin, **{"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(6)]
        assert answers[5].status_code == 429


def test_zero_is_any_number() -> None:
    """The limit can be switched off where something in front has one."""
    with world(limits={"logins_per_minute": 0}) as running:
        assert set(statuses(running.origin, 200)) == {303}


@pytest.mark.holds(92)
def test_replicas_count_together_and_each_for_itself_without_redis(
    redis: RedisServer, tmp_path: Path
) -> None:
    """The limit is one for all of them; while Redis is away it is one for each."""
    with cluster([redis.url] * 2, tmp_path / "ledger.db", limits=FEW) as running:
        one, other = running.origins
        assert 429 not in statuses(one, 3)
        assert [status == 429 for status in statuses(other, 3)] == [False, False, True]
        with redis.client() as client:
            assert not any(b"127.0.0.1" in key for key in client.keys("*"))
        redis.stop()
        try:
            assert [status == 429 for status in statuses(one, 6)] == [False] * 5 + [True]
        finally:
            redis.start()
