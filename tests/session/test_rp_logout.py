"""Signing out at the identity provider too, by an address that works once."""

from __future__ import annotations

import re
from collections.abc import Sized

import httpx2
import pytest

from app.session.records import LocalRecords
from app.testing.world import World as WholeWorld
from app.testing.world import plain_client

from .browser import Browser, query_of, set_cookies
from .conftest import World
from .loopback_server import Stage
from .small_gateway import SmallGateway
from .small_provider import CLIENT_ID

JWT_SHAPED = re.compile(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")


@pytest.fixture
def leaving(world: World, browser: Browser) -> Browser:
    """Signed in at a provider that can end its sessions."""
    world.provider.metadata["end_session_endpoint"] = f"{world.provider.issuer}/end?tenant=1"
    browser.sign_in(world.provider)
    return browser


def logout_url(browser: Browser) -> str | None:
    answer = browser.logout()
    assert answer.status_code == 200
    assert set(answer.json()) == {"logoutUrl"}
    url: str | None = answer.json()["logoutUrl"]
    return url


def visit(browser: Browser, url: str | None) -> httpx2.Response:
    """As a navigation, which brings no header of ours."""
    assert url is not None
    return browser.http.get(url)


@pytest.mark.holds(8, 15)
def test_the_address_leads_to_the_provider_once(world: World, leaving: Browser) -> None:
    """It is a path of ours that needs neither cookie nor header; the hint is in the redirect alone."""
    url = logout_url(leaving)
    assert re.fullmatch(r"/auth/logout/[A-Za-z0-9_-]{43}", url or "")
    assert leaving.session().status_code == 401
    answer = visit(leaving, url)
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text == ""
    assert set_cookies(answer) == []
    assert answer.headers["location"].startswith(f"{world.provider.issuer}/end?tenant=1&")
    sent = query_of(answer.headers["location"])
    assert sent == {
        "tenant": "1",
        "id_token_hint": world.provider.issued[-1],
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": f"{world.gateway.origin}/",
    }
    again = visit(leaving, url)
    assert (again.status_code, again.json()["code"]) == (404, "not-found")
    assert not JWT_SHAPED.search(again.text)


@pytest.mark.holds(10)
@pytest.mark.parametrize(("later", "status"), [(58, 303), (61, 404)])
def test_the_address_lasts_a_minute(
    world: World, leaving: Browser, later: int, status: int
) -> None:
    """Afterwards it is as unknown as one that was never issued."""
    url = logout_url(leaving)
    world.clock.advance(later)
    assert visit(leaving, url).status_code == status
    assert visit(leaving, "/auth/logout/" + "A" * 43).status_code == 404


def test_the_address_ends_nothing(world: World, leaving: Browser) -> None:
    """Whoever follows it, in a browser where somebody else is signed in, signs nobody out here."""
    url = logout_url(leaving)
    with world.browser() as other:
        other.sign_in(world.provider, "ben")
        assert visit(other, url).status_code == 303
        assert other.session().json()["user"] == "ben"


def test_null_where_there_is_nothing_to_end(world: World, browser: Browser) -> None:
    """A provider without a logout, and a browser without a session, get no address."""
    browser.sign_in(world.provider)
    assert logout_url(browser) is None
    assert logout_url(browser) is None
    assert browser.http.get("/auth/logout/" + "A" * 43).status_code == 404


def test_a_provider_that_is_away_keeps_nobody_in(
    world: World, leaving: Browser, gateway_stage: Stage
) -> None:
    """A gateway that has not read the provider's documents yet signs out without an address."""
    world.provider.metadata["issuer"] = "https://other.example"
    restarted = SmallGateway(
        world.gateway.origin, gateway_stage.fetch, world.clock, oidc=world.gateway.oidc
    )
    restarted.sessions = world.gateway.sessions
    gateway_stage.app = restarted.app()
    assert logout_url(leaving) is None
    assert leaving.session().status_code == 401


def test_a_long_token_is_no_hint(world: World, browser: Browser) -> None:
    """An ID token that would not fit into an address is left out; the client is named all the same."""
    world.provider.metadata["end_session_endpoint"] = f"{world.provider.issuer}/end"
    world.provider.claims["pad"] = "a" * 6144
    browser.sign_in(world.provider)
    sent = query_of(visit(browser, logout_url(browser)).headers["location"])
    assert set(sent) == {"client_id", "post_logout_redirect_uri"}


def test_a_replaced_session_leaves_no_token(world: World, leaving: Browser) -> None:
    """Of a session that a new sign-in ended, no ID token stays behind."""
    for user in ("ben", "gwen"):
        leaving.sign_in(world.provider, user)
    assert len(hints_of(world)) == 1
    logout_url(leaving)
    assert len(hints_of(world)) == 0


@pytest.mark.parametrize("address", ["http://evil.example/end", "javascript:alert(1)", 7])
def test_an_unsafe_endpoint_is_not_used(world: World, browser: Browser, address: object) -> None:
    """A logout address that could be read on the way spoils the provider's metadata."""
    world.provider.metadata["end_session_endpoint"] = address
    assert browser.http.get("/auth/login").status_code == 503


@pytest.mark.holds(8, 15, 27)
def test_signing_out_everywhere(strict_world: WholeWorld) -> None:
    """Through the whole gateway: the provider takes the hint and sends the browser back to `/`."""
    browser = strict_world.sign_in("ana")
    url = browser.post("/auth/logout").json()["logoutUrl"]
    location = browser.get(url).headers["location"]
    with plain_client() as elsewhere:
        answer = elsewhere.get(location)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{strict_world.origin}/")
    token = url.rpartition("/")[2]
    hint = query_of(location)["id_token_hint"]
    assert JWT_SHAPED.fullmatch(hint)
    written = strict_world.log.getvalue()
    for secret in (token, hint, hint.rpartition(".")[2]):
        assert secret not in written


def hints_of(world: World) -> Sized:
    """The ID tokens that wait for a logout."""
    hints = world.gateway.stores.hints
    assert isinstance(hints, LocalRecords)
    return hints._kept
