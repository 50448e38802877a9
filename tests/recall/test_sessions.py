"""Conditions on a session: whoever is signed out, idle or too long here is not remembered."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from app.clock import MovableClock
from app.settings import OidcSettings
from app.testing.world import Browser, GatewayServer, World, world
from tests.cache.reads import CAMPAIGNS
from tests.recall.asker import INSIGHTS, Asker, asker, recalls
from tests.session.loopback_server import open_stage
from tests.session.small_provider import CLIENT_ID, CLIENT_SECRET, SmallProvider

# What BFF_SESSION__* says where nothing is said (seconds).
IDLE, ABSOLUTE, NOTED = 1800, 43_200, 30
STEP = 25


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def keeping(one: Asker, cookie: str) -> Asker:
    """Somebody who goes on with that cookie whatever happens to it."""
    return Asker(one.gateway, one.client, one.path, {"Cookie": f"bff-dev={cookie}"})


def browser_of(one: Asker) -> Browser:
    assert isinstance(one.client, Browser)
    return one.client


@pytest.mark.holds(15, 52)
def test_signed_out(ben: Asker) -> None:
    """After a logout the old cookie is a 401 at once."""
    old = keeping(ben, browser_of(ben).session_cookie)
    old.known()
    assert browser_of(ben).post("/auth/logout").status_code == 200
    refused(old.anew())


@pytest.mark.holds(15)
def test_signed_out_from_another_browser(here: World, ben: Asker) -> None:
    """So is one that its user ended from elsewhere, alone or with all others."""
    elsewhere = here.sign_in("ben")
    ben.known()
    listed = elsewhere.get("/auth/sessions").json()["items"]
    for one in listed:
        if not one["current"]:
            assert elsewhere.delete(f"/auth/sessions/{one['id']}").status_code == 204
    refused(ben.anew())
    third = asker(here, "ben")
    third.known()
    assert elsewhere.delete("/auth/sessions").status_code == 204
    refused(third.anew())
    Asker(here.gateway, elsewhere).known()


@pytest.mark.holds(11)
def test_signed_in_anew(here: World, ben: Asker) -> None:
    """A new sign-in in the same browser ends the session before, whoever signs in."""
    for user in ("ben", "cleo"):
        old = keeping(ben, browser_of(ben).session_cookie)
        old.known()
        browser_of(ben).sign_in(user)
        refused(old.anew())
        ben.known()


@pytest.mark.holds(12)
@pytest.mark.parametrize("polls", [False, True])
def test_idle(here: World, ben: Asker, polls: bool) -> None:
    """Nobody is served after the idle time, and polls do not put it off."""
    poll = {"X_BFF_Background": "1"} if polls else {}
    ben.known()
    waited, step = 0, 50
    while waited + step < IDLE and polls:
        here.advance(step)
        waited += step
        ben.known(**poll)
    here.advance(IDLE - waited - 2)
    assert ben.ask(X_BFF_Background="1").status_code == 200
    here.advance(2)
    refused(ben.anew(**poll))


@pytest.mark.holds(12)
def test_work_goes_on(here: World, ben: Asker) -> None:
    """Who asks what is known by heart is at work: his session lives on beyond the idle time."""
    figures = Asker(ben.gateway, ben.client, INSIGHTS)
    figures.known()
    before, asked = recalls(here.gateway), 0
    while asked * STEP < IDLE + 2 * NOTED:
        here.advance(STEP)
        asked += 1
        assert figures.ask().status_code == 200
    assert recalls(here.gateway) - before > asked / 3
    here.advance(IDLE + 1)
    refused(figures.anew())


@pytest.mark.holds(12)
def test_activity_is_noted_as_often_as_ever(here: World, ben: Asker) -> None:
    """What is recalled notes activity as late as the long way does, and no later: half a minute."""
    ben.known()
    here.advance(NOTED - 1)
    ben.known()
    here.advance(2)
    ben.anew()
    ben.known()
    here.advance(IDLE - 2)
    assert ben.ask(X_BFF_Background="1").status_code == 200


@pytest.mark.holds(12)
def test_polls_are_recalled_without_a_note(here: World, ben: Asker) -> None:
    """A poll is recalled beyond the moment at which work would be noted, and notes nothing."""
    ben.known()
    here.advance(NOTED + 1)
    ben.known(X_BFF_Background="1")
    ben.anew()


@pytest.mark.holds(12, 13)
def test_the_longest_session_ends(here: World, ben: Asker) -> None:
    """However busy somebody is: after the absolute time he is signed out."""
    begun = here.clock.now()
    while here.clock.now() + IDLE - NOTED < begun + ABSOLUTE:
        here.advance(IDLE - NOTED - 10)
        assert ben.ask().status_code == 200
    here.advance(begun + ABSOLUTE - here.clock.now() - 5)
    ben.known()
    here.advance(6)
    refused(ben.anew())


@pytest.mark.holds(52)
def test_each_by_his_own(here: World, ben: Asker, cleo: Asker) -> None:
    """What is known of one is known of nobody else, and of nobody who brings nothing."""
    theirs = ben.known().headers["etag"]
    asked = cleo.anew()
    assert asked.headers["etag"] == theirs  # they may see the same
    emil, hugo = asker(here, "emil"), asker(here, "hugo")
    # A member without rights on the account, and somebody of another tenant.
    assert emil.anew().status_code == 403
    assert hugo.anew().status_code == 404
    nobody = Asker(here.gateway, here.browser())
    refused(nobody.anew())
    refused(keeping(nobody, "bff-dev=made-up").anew())
    ben.known()


@pytest.fixture
def provider() -> Iterator[tuple[SmallProvider, OidcSettings, MovableClock]]:
    with open_stage() as stage:
        clock = MovableClock()
        small = SmallProvider(stage.origin, clock)
        stage.app = small.app()
        yield (
            small,
            OidcSettings.model_validate(
                {
                    "issuer": small.issuer,
                    "client_id": CLIENT_ID,
                    "client_secret": CLIENT_SECRET,
                }
            ),
            clock,
        )


@pytest.mark.holds(15, 53)
def test_signed_out_by_the_provider(
    way: type[GatewayServer], provider: tuple[SmallProvider, OidcSettings, MovableClock]
) -> None:
    """The provider's order ends what is known by heart with the session."""
    small, oidc, _ = provider
    identity = {"oidc": oidc.model_dump(), "enterprise_claim": "enterprises"}
    with world(gateway=way(), identity=identity) as running:
        browser = running.browser()
        started = browser.get("/auth/login").headers["location"]
        brought = small.approve(started, "ben")
        answer = browser.get("/auth/callback", params=brought)
        assert answer.status_code == 303, answer.text
        ben = Asker(running.gateway, browser, CAMPAIGNS)
        ben.known()
        with httpx.Client(trust_env=False, verify=False) as caller:
            ordered = caller.post(
                f"{running.origin}/auth/backchannel-logout",
                data={"logout_token": small.logout_token(sub="ben")},
            )
        assert ordered.status_code == 200, ordered.text
        refused(ben.anew())
