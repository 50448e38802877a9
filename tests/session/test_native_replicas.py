"""Apps and logouts of an installation with several replicas, which share a Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from redis import Redis

from app.session.native import NOT_EXCHANGED
from tests.replicas.cluster import Cluster, cluster
from tests.replicas.redis_server import RedisServer

from .app_of_a_phone import SCHEME, App
from .balanced import PATIENCE, Balanced
from .browser import query_of

T = TypeVar("T")


class TooSlow(Exception):
    """On a busy machine even a Redis that is there can be too slow to be waited for."""


@pytest.fixture
def both(redis: RedisServer, tmp_path: Path) -> Iterator[Cluster]:
    public = {"native_redirects": [SCHEME]}
    with cluster([redis.url] * 2, tmp_path / "bff.db", public=public) as running:
        yield running


@pytest.fixture
def browser(both: Cluster) -> Iterator[Balanced]:
    with Balanced(both) as one:
        one.at(0).event_hooks = {"response": [_look_for_503]}
        yield one


def _look_for_503(response: httpx2.Response) -> None:
    if response.status_code == 503:
        raise TooSlow


def undisturbed(story: Callable[[], T]) -> T:
    """The story from its beginning, until Redis was never too slow: what is taken once is used up by
    an answer that nobody waited for."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return story()
        except TooSlow:
            assert time.monotonic() < until


def hand_off(browser: Balanced, app: App) -> str:
    """A code that one replica issued, for a login that began at the other."""
    at = browser.at(0)
    started = at.get("/auth/login", params=app.request()).headers["location"]
    back = httpx2.URL(at.choose(started, "ana")).raw_path.decode()
    return app.opened(browser.finish(back, 1))["code"]


def exchanged(browser: Balanced, app: App, code: str, replica: int) -> httpx2.Response:
    body = {"code": code, "codeVerifier": app.verifier, "redirect": app.redirect}
    return browser.at(replica).post("/auth/native/token", json=body)


def logout_url(browser: Balanced, replica: int) -> str:
    url = browser.at(replica).post("/auth/logout").json()["logoutUrl"]
    if url is None:
        raise TooSlow
    return str(url)


def hint_at(browser: Balanced, url: str, replica: int) -> str:
    """The ID token that the provider is sent. A sign-in does without keeping it when Redis is slow."""
    answer = browser.at(replica).get(url)
    assert answer.status_code == 303, answer.text
    sent = query_of(answer.headers["location"])
    if "id_token_hint" not in sent:
        raise TooSlow
    return sent["id_token_hint"]


@pytest.mark.holds(11, 15)
def test_an_app_finds_every_replica(both: Cluster, browser: Balanced) -> None:
    """Its login, its code and its session are known to all; a code is good once, and an end is an
    end at each."""
    app = App(both.origins[0])

    def story() -> None:
        code = hand_off(browser, app)
        answer = exchanged(browser, app, code, 0)
        assert answer.status_code == 200, answer.text
        assert exchanged(browser, app, code, 1).json()["detail"] == NOT_EXCHANGED
        bearer = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
        asked = [browser.at(one).get("/auth/session", headers=bearer) for one in (0, 1)]
        assert [one.json()["user"] for one in asked] == ["ana", "ana"]
        assert browser.at(1).post("/auth/logout", headers=bearer).status_code == 200
        asked = [browser.at(one).get("/auth/session", headers=bearer) for one in (0, 1)]
        assert [one.status_code for one in asked] == [401, 401]

    undisturbed(story)


@pytest.mark.holds(15)
def test_a_logout_goes_on_at_another_replica(browser: Balanced) -> None:
    """The address of one replica leads to the provider from the other, with the ID token, once."""

    def story() -> None:
        browser.sign_in("ana")
        url = logout_url(browser, 0)
        assert hint_at(browser, url, 1)
        assert browser.at(0).get(url).status_code == 404

    undisturbed(story)


@pytest.mark.holds(99)
def test_redis_learns_nothing(redis: RedisServer, both: Cluster, browser: Balanced) -> None:
    """Neither codes, nor addresses, nor the ID token stand there in clear."""
    app = App(both.origins[0])

    def story() -> tuple[list[str], list[dict[bytes, bytes]]]:
        code = hand_off(browser, app)
        browser.sign_in("ben")
        waiting = _everything(redis)
        url = logout_url(browser, 0)
        leaving = _everything(redis)
        hint = hint_at(browser, url, 0)
        return [code, url.rpartition("/")[2], *hint.split("."), "ben@example"], [waiting, leaving]

    secrets, (waiting, leaving) = undisturbed(story)
    assert {b"bff:ho", b"bff:h"} <= {name.rpartition(b":")[0] for name in waiting}
    assert {b"bff:ho", b"bff:a"} <= {name.rpartition(b":")[0] for name in leaving}
    for secret in secrets:
        assert secret not in repr(waiting) + repr(leaving)


def _everything(redis: RedisServer) -> dict[bytes, bytes]:
    """Every name, with its value as Redis writes it down."""
    client: Redis
    with redis.client() as client:
        names = list(client.scan_iter("*"))
        return {name: client.dump(name) or b"" for name in names}
