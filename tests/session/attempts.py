"""Attempts to sign in that a test expects to fail, or not."""

from __future__ import annotations

import httpx2

from .browser import Browser, set_cookies
from .conftest import World


def attempt(world: World, browser: Browser) -> httpx2.Response:
    return browser.finish(world.provider.approve(browser.start(), "ana"))


def refused(world: World, browser: Browser, status: int) -> None:
    """The attempt fails with that status, the login's cookie is cleared, and no secret is told."""
    brought = world.provider.approve(browser.start(), "ana")
    answer = browser.finish(brought)
    assert answer.status_code == status, answer.text
    assert browser.session_cookie is None
    assert "Max-Age=0" in set_cookies(answer)[0]
    told = answer.text + repr(world.gateway.lines)
    assert brought["code"] not in told
    assert brought["state"] not in told
    assert world.gateway.lines[-1]["event"] == "session.refused"
