"""What a frontend may have the identity provider show, and signing in without a word."""

from __future__ import annotations

import httpx2
import pytest

from app.testing.world import World as WholeWorld

from .attempts import failed
from .browser import Browser, query_of, set_cookies
from .conftest import World

SILENT = {"returnTo": "/campaigns?page=2#top", "prompt": "none"}
VALUES = ("none", "login", "consent", "select_account")
UNANSWERED = (
    "login_required",
    "interaction_required",
    "account_selection_required",
    "consent_required",
)


def asked(browser: Browser, **params: str) -> str:
    """Where the browser is sent to."""
    answer = browser.http.get("/auth/login", params=params)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def declined(
    world: World, browser: Browser, error: str, params: dict[str, str], **change: str
) -> httpx2.Response:
    """The end of a login that the provider answers with that error."""
    state = query_of(asked(browser, **params))["state"]
    return browser.finish({"state": state, "iss": world.provider.issuer, "error": error, **change})


@pytest.mark.parametrize("prompt", VALUES)
def test_prompt_reaches_the_provider(browser: Browser, prompt: str) -> None:
    """Each value that OpenID Connect knows is passed on; without one none is sent."""
    assert query_of(asked(browser, prompt=prompt))["prompt"] == prompt
    assert "prompt" not in query_of(asked(browser))


@pytest.mark.parametrize("prompt", ["", "create", "None", "login consent", "none login"])
def test_no_other_prompt_reaches_the_provider(browser: Browser, prompt: str) -> None:
    """What is not on the list is refused, a combination too."""
    assert browser.http.get("/auth/login", params={"prompt": prompt}).status_code == 422


@pytest.mark.parametrize("error", UNANSWERED)
def test_a_silent_login_that_fails_comes_back(world: World, browser: Browser, error: str) -> None:
    """Where the provider would have to ask, the browser returns with a mark, and as who it was."""
    browser.sign_in(world.provider)
    session = browser.session_cookie
    answer = declined(world, browser, error, SILENT)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/campaigns?page=2&login=required#top"
    assert "Max-Age=0" in set_cookies(answer)[0]
    assert len(set_cookies(answer)) == 1
    assert browser.session_cookie == session
    assert browser.session().status_code == 200
    assert world.gateway.lines[-1] == {"event": "session.interaction_required", "reason": error}


def test_a_silent_login_can_succeed(world: World, browser: Browser) -> None:
    """Who is signed in at the provider returns signed in, without a mark."""
    answer = browser.finish(world.provider.approve(asked(browser, **SILENT), "ana"))
    assert answer.headers["location"] == SILENT["returnTo"]
    assert browser.session().json()["user"] == "ana"


@pytest.mark.holds(25)
def test_only_a_silent_login_comes_back(world: World, browser: Browser) -> None:
    """The same error after a login that was not silent, or from another provider, is a failure; so
    is another error."""
    assert failed(declined(world, browser, "login_required", {"prompt": "login"}))
    assert failed(declined(world, browser, "login_required", {}))
    assert failed(declined(world, browser, "access_denied", SILENT))
    other = declined(world, browser, "login_required", SILENT, iss="https://other.example")
    assert failed(other)


def test_the_sandbox_asks_nobody(strict_world: WholeWorld) -> None:
    """Through the whole gateway: a silent login at a provider where nobody is signed in."""
    browser = strict_world.browser()
    sent = browser.get("/auth/login", params={"returnTo": "/", "prompt": "none"})
    with httpx2.Client(trust_env=False) as elsewhere:
        back = elsewhere.get(sent.headers["location"]).headers["location"]
    assert browser.follow(back).headers["location"] == "/?login=required"
    assert browser.get("/auth/session").status_code == 401
