"""A provider that fails: nobody is signed in, nothing is given away, nothing breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from .attempts import attempt, refused
from .browser import Browser
from .conftest import World


@pytest.mark.parametrize("bend", [lambda _: None, lambda _: 1, lambda _: {"a": 1}])
def test_no_token(world: World, browser: Browser, bend: Callable[[str], object]) -> None:
    """A token answer without an ID token is the provider's failure."""
    world.provider.bend_token = bend
    refused(world, browser, "upstream-unavailable")


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=500),
        Response("{}", 200),
        Response("[]", 200),
        Response("no", 200),
        Response("[" * 100_000, 200),
        Response(b"\xff\xfe{}", 200),
        Response('{"error":"invalid_client"}', 401),
        Response('{"error":"invalid_request"}', 400),
        Response("", 302, {"Location": "https://evil.example"}),
    ],
)
def test_a_failing_token_endpoint(world: World, browser: Browser, answer: Response) -> None:
    """Whatever it answers instead of tokens is one more failed sign-in; the log tells why."""
    world.provider.failing["/token"] = answer
    refused(world, browser, "upstream-unavailable")


def new_login(browser: Browser) -> tuple[int, str]:
    answer = browser.http.get("/auth/login")
    return answer.status_code, answer.json()["code"] if answer.status_code != 303 else ""


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://evil.example/keys#fragment"},
    ],
)
def test_bad_metadata(world: World, browser: Browser, change: dict[str, Any]) -> None:
    """Metadata of another issuer, or with addresses that could be read on the way, is not used."""
    world.provider.metadata |= change
    assert new_login(browser) == (503, "upstream-unavailable")


def test_discovery_recovers(world: World, browser: Browser) -> None:
    """A provider that was away is asked again by the next login."""
    path = "/.well-known/openid-configuration"
    world.provider.failing[path] = Response(status_code=502)
    assert new_login(browser)[0] == 503
    del world.provider.failing[path]
    assert new_login(browser)[0] == 303


def test_documents_are_kept_for_an_hour(world: World, browser: Browser) -> None:
    """Metadata and keys are fetched once an hour, and serve on while the provider is away."""
    documents = ["/.well-known/openid-configuration", "/jwks"]
    for _ in range(3):
        assert attempt(world, browser).status_code == 303
    assert [one for one in world.provider.fetched if one != "/token"] == documents
    world.clock.advance(3601)
    assert attempt(world, browser).status_code == 303
    assert [one for one in world.provider.fetched if one != "/token"] == documents * 2
    world.clock.advance(3601)
    world.provider.failing = dict.fromkeys(documents, Response(status_code=503))
    assert attempt(world, browser).status_code == 303


def test_slow_documents_keep_nobody_waiting(world: World, browser: Browser) -> None:
    """A provider whose documents hang while they are due for renewal delays no sign-in."""
    assert attempt(world, browser).status_code == 303
    world.clock.advance(3000)
    world.provider.hanging |= {"/.well-known/openid-configuration", "/jwks"}
    started = time.monotonic()
    assert attempt(world, browser).status_code == 303
    assert time.monotonic() - started < 4, "it waited until the fetch gave up"
    assert httpx2.get(f"{world.provider.issuer}/release").status_code == 200


def test_the_provider_cannot_be_reached(world: World, browser: Browser) -> None:
    """A provider that nobody listens for on the way back is one more failed sign-in."""
    world.provider.metadata["token_endpoint"] = "http://127.0.0.1:9/token"
    refused(world, browser, "upstream-unavailable")
