"""A session that ends at the identity provider ends at the gateway: the provider says so itself."""

from __future__ import annotations

import pytest

from app.session.native import NOT_EXCHANGED
from app.testing.world import Browser
from tests.peers.conftest import Stage, start
from tests.peers.identity_provider import Person
from tests.session.app_of_a_phone import App


@pytest.mark.holds(15)
def test_the_provider_ends_the_gateways_session(
    stage: Stage, browser: Browser, person: Person
) -> None:
    """Who signs out over there is signed out here before the provider has answered him; the same
    person's session from another browser, and somebody else's, go on."""
    browser.follow(person.sign_in(start(browser), "ana"))
    with stage.browser() as second, stage.browser() as third, Person() as same, Person() as other:
        second.follow(same.sign_in(start(second), "ana"))
        third.follow(other.sign_in(start(third), "ben"))
        person.sign_out(f"{stage.issuer}/session/end")
        assert browser.get("/auth/session").status_code == 401
        assert second.get("/auth/session").json()["user"] == "ana"
        assert third.get("/auth/session").json()["user"] == "ben"


@pytest.mark.holds(15)
def test_an_app_comes_too_late(stage: Stage, browser: Browser, person: Person) -> None:
    """A code that waits for its app when the person signs out over there is worth nothing any more,
    and is refused like any other."""
    app = App(stage.gateway.origin)
    codes = [
        app.opened(browser.get(person.sign_in(start(browser, **app.request()), "ana")))["code"]
        for _ in range(2)
    ]
    assert app.exchange(codes[0]).status_code == 200
    person.sign_out(f"{stage.issuer}/session/end")
    late = app.exchange(codes[1])
    assert (late.status_code, late.json()["detail"]) == (401, NOT_EXCHANGED)
    assert late.headers["www-authenticate"] == "Bearer"
