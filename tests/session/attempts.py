"""Attempts to sign in that a test expects to fail, or not."""

from __future__ import annotations

import httpx2

from app.session.login_flow import SIGN_IN_FAILED

from .browser import Browser, set_cookies
from .conftest import World


def attempt(world: World, browser: Browser) -> httpx2.Response:
    return browser.finish(world.provider.approve(browser.start(), "ana"))


def refused(world: World, browser: Browser, code: str = "unauthenticated") -> None:
    """The attempt fails like every other, its cookie is cleared, and no secret is told or logged.

    `code` is the problem that the log names.
    """
    brought = world.provider.approve(browser.start(), "ana")
    answer = browser.finish(brought)
    assert failed(answer)
    assert browser.session_cookie is None
    assert "Max-Age=0" in set_cookies(answer)[0]
    told = answer.text + repr(world.gateway.lines)
    assert brought["code"] not in told
    assert brought["state"] not in told
    assert world.gateway.lines[-1]["event"] == "session.refused"
    assert world.gateway.lines[-1]["code"] == code


def failed(answer: httpx2.Response) -> bool:
    """Whether it is the one answer that every failed sign-in gets."""
    return answer.status_code == 401 and answer.json() == {
        "code": "unauthenticated",
        "detail": SIGN_IN_FAILED,
    }
