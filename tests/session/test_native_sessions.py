"""The session of an app: its token instead of a cookie, and the ends of every session."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from app.session.native_token import bearer_of
from app.testing.world import API, World, world

from .app_of_a_phone import SCHEME, App, Phone
from .host_tokens import AUDIENCE, ISSUER, SECRET, claims, token

JWT = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ("HS256",), "secret": SECRET}


@pytest.fixture(scope="module")
def whole() -> Iterator[World]:
    """A gateway that trusts the product's tokens as well."""
    identity = {"jwt": JWT, "same_users": True}
    with world(identity=identity, public={"native_redirects": (SCHEME,)}) as running:
        yield running


@pytest.fixture
def phone(whole: World) -> Phone:
    return App(whole.origin).sign_in("ana")


def status(phone: Phone, **headers: str) -> int:
    return phone.ask("GET", "/auth/session", **headers).status_code


@pytest.mark.holds(12, 17)
def test_an_unused_session_ends(whole: World, phone: Phone) -> None:
    """Work postpones the idle end, asking for the session and polls do not."""
    whole.advance(1700)
    assert phone.ask("GET", f"{API}/workspaces/acme").status_code == 200
    whole.advance(1700)
    assert status(phone) == 200
    poll = phone.ask("GET", f"{API}/workspaces/acme", **{"X-BFF-Background": "1"})
    assert poll.status_code == 200
    whole.advance(101)
    assert status(phone) == 401


@pytest.mark.holds(12)
def test_a_used_session_ends_too(whole: World, phone: Phone) -> None:
    """The absolute end comes as it does for browsers."""
    for _ in range(25):
        whole.advance(1720)
        assert phone.ask("GET", f"{API}/workspaces/acme").status_code == 200
    whole.advance(205)
    answer = phone.ask("GET", f"{API}/workspaces/acme")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.holds(15)
def test_an_app_signs_out(phone: Phone) -> None:
    """Its session ends, it learns where the provider's does, and no cookie is touched."""
    answer = phone.ask("POST", "/auth/logout")
    assert answer.status_code == 200
    assert answer.json()["logoutUrl"].startswith("/auth/logout/")
    assert "set-cookie" not in answer.headers
    with httpx2.Client(base_url=phone.origin, trust_env=False) as browser:
        leads = browser.get(answer.json()["logoutUrl"])
    assert "id_token_hint=" in leads.headers["location"]
    assert status(phone) == 401
    assert phone.ask("POST", "/auth/logout").status_code == 401


@pytest.mark.holds(9, 19)
def test_cookies_are_not_read_beside_it(whole: World, phone: Phone) -> None:
    """Whatever cookies come along, the token alone says who asks, and CSRF rules do not apply."""
    browser = whole.sign_in("ben")
    cookie = f"bff-dev={browser.session_cookie}"
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    for cookies in (cookie, f"{cookie}; {cookie}", "bff-dev=x"):
        answer = phone.ask("GET", "/auth/session", Cookie=cookies, **foreign)
        assert answer.json()["user"] == "ana"
    assert phone.ask("POST", "/auth/logout", Cookie=cookie).status_code == 200
    assert browser.get("/auth/session").json()["user"] == "ben"
    assert status(phone, Cookie=cookie) == 401


@pytest.mark.holds(11)
def test_ids_do_not_change_places(whole: World, phone: Phone) -> None:
    """An app's token is no cookie, without its prefix neither; a browser's id is no bearer token."""
    browser = whole.sign_in("ben")
    for value in (phone.token, phone.token[-43:]):
        cookie = {"Cookie": f"bff-dev={value}", "X-BFF": "1"}
        with httpx2.Client(base_url=whole.origin, trust_env=False) as client:
            assert client.get("/auth/session", headers=cookie).status_code == 401
    for value in (browser.session_cookie, bearer_of(browser.session_cookie), phone.token[-43:]):
        assert status(Phone(whole.origin, value)) == 401
    assert status(phone) == 200
    assert browser.get("/auth/session").status_code == 200


@pytest.mark.holds(33)
@pytest.mark.parametrize("rest", ["", "A" * 43, "A" * 4000, ".a.b", "ey.ey.ey", "..", "=="])
def test_invented_tokens(whole: World, rest: str) -> None:
    """A token with the prefix that nobody issued is the 401 that every bad token gets."""
    answers = [
        Phone(whole.origin, bearer_of(rest)).ask("GET", "/auth/session"),
        Phone(whole.origin, "ey.ey.ey").ask("GET", "/auth/session"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    invented, bad = (answer.json() | {"requestId": "", "instance": ""} for answer in answers)
    assert invented == bad


@pytest.mark.holds(33)
def test_a_token_with_the_prefix_is_no_host_token(whole: World, phone: Phone) -> None:
    """A good host token is still one; behind the prefix it is not even looked at."""
    host = token(claims(whole.clock.now(), sub="gwen"))
    via_host = Phone(whole.origin, host).ask("GET", "/auth/session").json()
    assert (via_host["user"], via_host["via"]) == ("gwen", "host-jwt")
    assert status(Phone(whole.origin, bearer_of(host))) == 401
    assert Phone(whole.origin, host).ask("POST", "/auth/logout").status_code == 409
