"""Sessions and their ends over HTTP, by a clock that is moved."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from app.settings import SessionSettings

from .browser import Browser
from .conftest import World


@pytest.mark.holds(13)
def test_a_day_is_the_most() -> None:
    """No setting makes a session last more than 24 hours."""
    with pytest.raises(ValidationError):
        SessionSettings(absolute_seconds=86_401)


@pytest.mark.holds(12, 17)
def test_asking_for_the_session_does_not_extend_it(world: World, browser: Browser) -> None:
    """Over HTTP: neither /auth/session nor a background call postpones the end; a real call does."""
    browser.sign_in(world.provider)
    world.clock.advance(1000)
    left = browser.session().json()["idleSecondsLeft"]
    assert left == pytest.approx(800, abs=3)
    browser.http.get("/who", headers={"X-BFF-Background": "1"})
    assert browser.session().json()["idleSecondsLeft"] <= left
    browser.http.get("/who")
    assert browser.session().json()["idleSecondsLeft"] == pytest.approx(1800, abs=3)
    world.clock.advance(1801)
    assert browser.session().status_code == 401


@pytest.mark.holds(15)
def test_signing_out(world: World, browser: Browser) -> None:
    """The session ends on the server; the browser forgets cookie and cache, and may ask again."""
    browser.sign_in(world.provider)
    old = browser.session_cookie
    answer = browser.logout()
    assert (answer.status_code, answer.json()) == (200, {"logoutUrl": None})
    assert answer.headers["clear-site-data"] == '"cache"'
    assert answer.headers["cache-control"] == "no-store"
    assert "bff-dev=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" in answer.headers["set-cookie"]
    assert browser.session_cookie is None
    assert browser.logout().status_code == 200
    browser.http.cookies.set("bff-dev", old or "")
    assert browser.session().status_code == 401
    assert browser.http.get("/who").status_code == 401


@pytest.mark.holds(15)
def test_signing_out_is_a_post(world: World, browser: Browser) -> None:
    """A link or an image cannot sign anybody out."""
    browser.sign_in(world.provider)
    assert browser.http.get("/auth/logout", headers={"X-BFF": "1"}).status_code == 405
    assert browser.session().status_code == 200
