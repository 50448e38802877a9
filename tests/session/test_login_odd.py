"""Odd beginnings and ends of a login: parameters, hosts, a provider that says no."""

from __future__ import annotations

import pytest

from .attempts import failed
from .browser import Browser, set_cookies
from .conftest import World


def test_the_provider_says_no(world: World, browser: Browser) -> None:
    """A person who cancels over there is signed out here, and that login is over."""
    brought = world.provider.approve(browser.start(), "ana")
    cancelled = {"state": brought["state"], "iss": brought["iss"], "error": "access_denied"}
    answer = browser.finish(cancelled)
    assert failed(answer)
    assert "Max-Age=0" in set_cookies(answer)[0]
    assert failed(browser.finish(brought))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=",
        "state=a&state=b",
        "code=a&code=b&state=a",
        "state=" + "a" * 300,
        "code=" + "a" * 5000,
        "state=%00",
        "state=%ff%fe&code=%c3",
        "iss=x&iss=y",
    ],
)
def test_odd_answers_are_refused(browser: Browser, query: str) -> None:
    """Whatever arrives at the way back without an open login is a 4xx."""
    assert browser.http.get(f"/auth/callback?{query}").status_code in {400, 401, 422}


def test_parameters_that_a_provider_adds_are_ignored(world: World, browser: Browser) -> None:
    """Providers add parameters of their own to their answers."""
    brought = world.provider.approve(browser.start(), "ana") | {"session_state": "x", "scope": "y"}
    assert browser.finish(brought).status_code == 303


@pytest.mark.parametrize(
    "query",
    [
        "returnTo=/a&returnTo=/b",
        "prompt=login&prompt=login",
        "returnto=/a",
        "next=/a",
        "x=",
    ],
)
def test_login_knows_its_parameters(browser: Browser, query: str) -> None:
    """A parameter that login does not know, or one of its own twice, is refused."""
    assert browser.http.get(f"/auth/login?{query}").status_code == 400


def test_login_begins_on_the_origin(world: World, browser: Browser) -> None:
    """Asked under another name of this machine, login moves to the origin before it sets a cookie."""
    port = world.gateway.origin.rpartition(":")[2]
    answer = browser.http.get("/auth/login?returnTo=/a%3Fb", headers={"Host": f"localhost:{port}"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{world.gateway.origin}/auth/login?returnTo=/a%3Fb"
    assert set_cookies(answer) == []


def test_a_proxy_that_names_its_target_leads_on(world: World, browser: Browser) -> None:
    """A development server may write another name and port of this machine into Host: whoever comes
    through it is on the origin already, and is not sent there for ever."""
    answer = browser.http.get("/auth/login", headers={"Host": "localhost:9"})
    assert answer.headers["location"].startswith(world.provider.issuer)


@pytest.mark.parametrize("host", ["evil.example", "[", "127.0.0.1:x"])
def test_a_foreign_host_leads_nowhere(world: World, browser: Browser, host: str) -> None:
    """A Host that is no name of this machine never appears in a redirect."""
    answer = browser.http.get("/auth/login", headers={"Host": host})
    assert answer.headers["location"].startswith(world.provider.issuer)
