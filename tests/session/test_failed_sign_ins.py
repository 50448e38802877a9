"""However a sign-in fails, the browser is told the same."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from app.session.login_flow import SIGN_IN_FAILED
from app.testing.world import Browser, World, world


@pytest.fixture(scope="module")
def whole() -> Iterator[World]:
    with world() as running:
        yield running


def told(answer: httpx2.Response) -> tuple[object, ...]:
    """Everything in the answer that could differ, but for what names the request."""
    document = {k: v for k, v in answer.json().items() if k not in {"requestId", "instance"}}
    headers = {k: v for k, v in answer.headers.items() if k not in {"date", "x-request-id"}}
    headers.pop("set-cookie", None)
    return answer.status_code, document, headers


def failures(whole: World, browser: Browser) -> dict[str, httpx2.Response]:
    """One callback for each way to fail, by the reason that the log gives."""

    def back(user: str = "ben") -> httpx2.URL:
        started = browser.get("/auth/login").headers["location"]
        return httpx2.URL(browser.choose(started, user))

    used = back()
    browser.follow(str(used))
    other = httpx2.URL(whole.browser().get("/auth/login").headers["location"])
    late = back()
    whole.advance(61)
    return {
        "no open login of that state in this browser": browser.get("/auth/callback"),
        "the provider answered an error": browser.get(back(user="")),
        "neither code nor error": browser.get(back().copy_remove_param("code")),
        "iss of the answer is not the issuer": browser.get(
            back().copy_set_param("iss", "https://other.example")
        ),
        "the code was refused": browser.get(late),
        "used": browser.get(used),
        "another browser's": browser.get(
            used.copy_set_param("state", str(other.params["state"])), follow_redirects=False
        ),
    }


@pytest.mark.holds(25, 67)
def test_failures_look_alike(whole: World) -> None:
    """A used answer, another browser's, a cancelled one, a late one: the same text, and a reason in
    the log alone."""
    browser = whole.browser()
    answers = failures(whole, browser)
    assert {repr(told(answer)) for answer in answers.values()} == {repr(told(answers["used"]))}
    status, document, _ = told(answers["used"])
    assert (status, document) == (
        401,
        {
            "type": "urn:ads-bff:problem:unauthenticated",
            "title": "Sign in first",
            "status": 401,
            "detail": SIGN_IN_FAILED,
            "code": "unauthenticated",
        },
    )
    log = whole.log.getvalue()
    for reason in list(answers)[:5]:
        assert reason in log
        assert all(reason not in answer.text for answer in answers.values())


def test_a_provider_that_is_away_looks_alike_too() -> None:
    """The same text when the provider is gone on the way back."""
    with world() as alone:
        browser = alone.browser()
        back = browser.choose(browser.get("/auth/login").headers["location"], "ben")
        alone.sandbox_server.stop()
        away = told(browser.get(back))
        assert away == told(browser.get("/auth/callback?state=unknown"))
