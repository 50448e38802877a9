"""Signing in with the sandbox's identity provider: its login page, its tokens, its demo users."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
from pydantic import SecretStr

from app.clock import MovableClock
from app.sandbox.server import SandboxServer
from app.sandbox.state import SandboxOptions
from app.settings import OidcSettings

from .browser import Browser
from .loopback_server import Stage
from .small_gateway import SmallGateway

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


@pytest.fixture
def browser(gateway_stage: Stage, clock: MovableClock) -> Iterator[Browser]:
    """A browser before a gateway that trusts the sandbox's identity provider."""
    options = SandboxOptions(origin="", gateway_origin=gateway_stage.origin, api_key="k" * 32)
    sandbox = SandboxServer(options, clock, port=0)
    sandbox.start()
    oidc = OidcSettings(
        issuer=f"http://127.0.0.1:{sandbox.port}/idp",
        client_id=options.client_id,
        client_secret=SecretStr(options.client_secret),
    )
    gateway = SmallGateway(gateway_stage.origin, gateway_stage.fetch, clock, oidc=oidc)
    gateway_stage.app = gateway.app()
    with Browser(gateway.origin) as browser:
        yield browser
    sandbox.stop()


def choose(address: str, user: str) -> str:
    """Press a user's button on the login page; the answer is where it sends the browser."""
    with httpx2.Client(trust_env=False) as http:
        page = http.get(address)
        assert page.status_code == 200, page.text
        form = {name: html.unescape(value) for name, value in HIDDEN.findall(page.text)}
        answer = http.post(address.partition("?")[0], data={**form, "user": user})
    return str(answer.headers["location"])


@pytest.mark.holds(11, 25)
def test_demo_users_sign_in(browser: Browser) -> None:
    """Two demo users sign in one after the other, each with name and enterprises."""
    for user, enterprises in (("ana", ["acme"]), ("kim", ["acme", "globex"])):
        back = choose(browser.start("/teams?a=b"), user)
        answer = browser.http.get(f"/auth/callback?{urlsplit(back).query}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/teams?a=b")
        session = browser.session().json()
        assert (session["user"], session["enterprises"]) == (user, enterprises)
        assert session["name"]


def test_cancelling(browser: Browser) -> None:
    """Who cancels on the login page is not signed in."""
    back = choose(browser.start(), "")
    assert browser.http.get(f"/auth/callback?{urlsplit(back).query}").status_code == 401
    assert browser.session().status_code == 401


def test_a_late_code(browser: Browser, clock: MovableClock) -> None:
    """A code that the provider takes no more is a refusal, and the next login works."""
    back = choose(browser.start(), "ben")
    clock.advance(61)
    assert browser.http.get(f"/auth/callback?{urlsplit(back).query}").status_code == 401
    back = choose(browser.start(), "ben")
    assert browser.http.get(f"/auth/callback?{urlsplit(back).query}").status_code == 303
