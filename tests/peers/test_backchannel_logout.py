"""A session that ends at the identity provider ends at the gateway: the provider says so itself."""

from __future__ import annotations

import pytest

from app.testing.world import Browser
from tests.peers.conftest import Stage, start
from tests.peers.identity_provider import Person


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
