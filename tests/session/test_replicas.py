"""Sessions of an installation with several replicas, which share a Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.settings import OidcSettings
from app.testing.world import API
from tests.replicas.cluster import Cluster, cluster
from tests.replicas.redis_server import RedisServer

from .balanced import PATIENCE, Balanced, Patient
from .small_provider import SmallProvider

WORKSPACE = f"{API}/workspaces/acme"


@pytest.fixture(scope="module")
def both(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two replicas; what was said about one test's users stays in Redis for the next."""
    ledger = tmp_path_factory.mktemp("ledger") / "bff.db"
    with cluster([redis.url] * 2, ledger) as running:
        yield running


@pytest.fixture
def browser(both: Cluster) -> Iterator[Balanced]:
    with Balanced(both) as one:
        yield one


def told(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


@pytest.mark.holds(11, 25)
def test_a_login_is_finished_where_it_did_not_begin(browser: Balanced) -> None:
    """Begun at one replica and finished at the other, a session is good at both."""
    back = browser.start("ana", 0)
    assert browser.finish(back, 1).status_code == 303
    assert browser.statuses() == browser.statuses(WORKSPACE) == [200, 200]
    for replica in (0, 1):
        assert told(browser.finish(back, replica)) == (401, "unauthenticated")


@pytest.mark.holds(15)
def test_signed_out_everywhere_at_once(both: Cluster, browser: Balanced) -> None:
    """After a logout at one replica the next request is a 401 at each."""
    for replica in (0, 1):
        browser.sign_in("ben")
        old = browser.at(0).session_cookie
        assert browser.statuses() == [200, 200]
        assert browser.at(replica).post("/auth/logout").status_code == 200
        browser.at(0).cookies.set("bff-dev", old)
        assert browser.statuses() == browser.statuses(WORKSPACE) == [401, 401]
        browser.at(0).cookies.clear()


@pytest.mark.holds(12)
def test_activity_at_one_replica_counts_at_the_other(both: Cluster, browser: Balanced) -> None:
    """A session that is used here stays alive there, and ends for both when nobody uses it."""
    browser.sign_in("cleo")
    for replica in (0, 1, 0):
        both.advance(1700)
        assert browser.at(replica).get(WORKSPACE).status_code == 200
    both.advance(1801)
    assert browser.statuses() == [401, 401]


@pytest.mark.holds(54, 92)
def test_without_redis_nobody_is_signed_out(
    both: Cluster, redis: RedisServer, browser: Balanced
) -> None:
    """While Redis is away sessions and sign-ins are a 503 with Retry-After, never a 401; whoever
    brings a host token is served; when it is back everybody is still signed in."""
    browser.sign_in("ana")
    back = browser.start("ben")
    browser.at(0).patient = False
    redis.freeze()
    try:
        for replica in (0, 1):
            at = browser.at(replica)
            for asking in (
                at.get("/auth/session"),
                at.get(WORKSPACE),
                at.post("/auth/logout"),
                at.get("/auth/login"),
                browser.finish(back, replica),
            ):
                assert told(asking) == (503, "access-unavailable")
                assert asking.headers["retry-after"] == "1"
                assert "set-cookie" not in asking.headers
            assert both.client("ana", replica).get(WORKSPACE).status_code == 200
    finally:
        redis.thaw()
    until = time.monotonic() + PATIENCE
    while browser.statuses() != [200, 200]:
        assert set(browser.statuses()) <= {200, 503}
        assert time.monotonic() < until
    browser.at(0).patient = True
    assert browser.finish(back, 1).status_code == 303


@pytest.mark.holds(15, 53)
def test_the_provider_signs_somebody_out(
    redis: RedisServer, tmp_path: Path, provider: SmallProvider, oidc: OidcSettings
) -> None:
    """Its order to one replica is a 401 at each at once and bars sign-ins under way at the other; it
    is good once at all of them, and can be repeated when it failed for want of Redis."""
    identity = {"oidc": oidc.model_dump(), "enterprise_claim": "enterprises"}
    running = cluster([redis.url] * 2, tmp_path / "bff.db", identity=identity)
    with running as both, Balanced(both) as browser:
        for began, finished in ((0, 1), (1, 0)):
            begun = [browser.at(began).get("/auth/login").headers["location"] for _ in range(2)]
            provider.claims = {"sid": f"sid-{began}"}
            brought, under_way = [provider.approve(address, "ana") for address in begun]
            assert browser.at(finished).get("/auth/callback", params=brought).status_code == 303
            assert browser.statuses() == [200, 200]
            form = {"logout_token": provider.logout_token(sub="ana", **provider.claims)}
            addresses = [f"{one.origin}/auth/backchannel-logout" for one in both.gateways]
            with Patient("") as caller:
                caller.patient = False
                redis.freeze()
                try:
                    answer = caller.post(addresses[began], data=form)
                finally:
                    redis.thaw()
                assert told(answer) == (503, "access-unavailable")
                caller.patient = True
                answer = caller.post(addresses[began], data=form)
                assert (answer.status_code, answer.content) == (200, b"")
                assert answer.headers["cache-control"] == "no-store"
                assert browser.statuses() == [401, 401]
                for address in addresses:
                    again = caller.post(address, data=form)
                    assert told(again) == (400, "malformed")
                    assert again.headers["cache-control"] == "no-store"
            late = browser.at(finished).get("/auth/callback", params=under_way)
            assert told(late) == (401, "unauthenticated")
