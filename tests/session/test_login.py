"""Signing in, over real HTTP, against a provider on another port."""

from __future__ import annotations

import re

import pytest

from .attempts import failed
from .browser import Browser, query_of, set_cookies
from .conftest import World

LOGIN_COOKIE = re.compile(
    r"bff-dev-login-[A-Za-z0-9_-]{22}=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"
)
SESSION_COOKIE = re.compile(r"bff-dev=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict")


@pytest.mark.holds(2, 3, 4, 5, 10)
def test_login_leads_back_signed_in(world: World, browser: Browser) -> None:
    """A login ends where it was asked to, with a strict cookie and nothing of the login left."""
    address = browser.start("/campaigns?page=2")
    assert query_of(address)["tenant"] == "1"
    answer = browser.finish(world.provider.approve(address, "ana"))
    assert answer.headers["location"] == "/campaigns?page=2"
    assert answer.headers["cache-control"] == "no-store"
    forgotten, session = set_cookies(answer)
    assert SESSION_COOKIE.fullmatch(session)
    assert "Max-Age=0" in forgotten
    assert list(browser.http.cookies.keys()) == ["bff-dev"]
    assert browser.session().json() == {
        "user": "ana",
        "name": "Ana",
        "enterprises": ["acme"],
        "via": "session",
        "idleSecondsLeft": pytest.approx(1800, abs=2),
        "absoluteSecondsLeft": pytest.approx(43_200, abs=2),
    }


@pytest.mark.holds(3)
def test_login_cookie_is_short_and_lax(browser: Browser) -> None:
    """The cookie of a login is Lax, lives ten minutes and is unreadable to scripts."""
    answer = browser.http.get("/auth/login")
    [cookie] = set_cookies(answer)
    assert LOGIN_COOKIE.fullmatch(cookie)


@pytest.mark.holds(3, 25)
def test_two_tabs_sign_in_at_once(world: World, browser: Browser) -> None:
    """Two logins of one browser do not disturb each other."""
    first, second = browser.start("/first"), browser.start("/second")
    answer = browser.finish(world.provider.approve(first, "ana"))
    assert answer.headers["location"] == "/first"
    answer = browser.finish(world.provider.approve(second, "ben"))
    assert answer.headers["location"] == "/second"
    assert browser.session().json()["user"] == "ben"


@pytest.mark.holds(3)
def test_a_browser_holds_five_logins(world: World, browser: Browser) -> None:
    """The sixth open login closes the oldest, and clears its cookie; the other five still work."""
    addresses = []
    for _ in range(6):
        world.clock.advance(1)
        addresses.append(browser.start())
    assert len(browser.http.cookies) == 5
    assert failed(browser.finish(world.provider.approve(addresses[0], "ana")))
    for address in addresses[1:]:
        assert browser.finish(world.provider.approve(address, "ana")).status_code == 303


@pytest.mark.holds(25)
def test_login_csrf(world: World, browser: Browser) -> None:
    """A login that another browser began signs nobody in here, and stays usable over there."""
    with world.browser() as attacker:
        brought = world.provider.approve(attacker.start(), "zoe")
        browser.start()
        assert failed(browser.finish(brought))
        assert browser.session_cookie is None
        assert attacker.finish(brought).status_code == 303


@pytest.mark.holds(25)
def test_an_answer_is_used_once(world: World, browser: Browser) -> None:
    """The same answer of the provider a second time is refused, and asks the provider nothing."""
    brought = world.provider.approve(browser.start(), "ana")
    kept = dict(browser.http.cookies.items())
    assert browser.finish(brought).status_code == 303
    redeemed = world.provider.fetched.count("/token")
    with world.browser() as replay:
        replay.http.cookies.update(kept)
        assert failed(replay.finish(brought))
    assert world.provider.fetched.count("/token") == redeemed


@pytest.mark.holds(25)
def test_a_code_of_another_login_is_refused(world: World, browser: Browser) -> None:
    """A code that was given for another login fails PKCE, whoever injects it."""
    with world.browser() as other:
        stolen = world.provider.approve(other.start(), "gwen")["code"]
    brought = world.provider.approve(browser.start(), "ana")
    assert failed(browser.finish(brought | {"code": stolen}))
    assert browser.session_cookie is None


@pytest.mark.holds(25)
@pytest.mark.parametrize("iss", ["https://other.example", "", None])
def test_an_answer_of_another_provider_is_refused(
    world: World, browser: Browser, iss: str | None
) -> None:
    """An answer whose iss is not ours, or lacks it though announced, never redeems its code."""
    brought = world.provider.approve(browser.start(), "ana")
    del brought["iss"]
    assert failed(browser.finish(brought if iss is None else brought | {"iss": iss}))
    assert "/token" not in world.provider.fetched


@pytest.mark.holds(25)
def test_iss_may_be_absent_where_it_is_not_announced(world: World, browser: Browser) -> None:
    """A provider that does not announce RFC 9207 need not name itself, yet must not name another."""
    del world.provider.metadata["authorization_response_iss_parameter_supported"]
    brought = world.provider.approve(browser.start(), "ana")
    del brought["iss"]
    assert browser.finish(brought).status_code == 303
    brought = world.provider.approve(browser.start(), "ana") | {"iss": "https://other.example"}
    assert failed(browser.finish(brought))


@pytest.mark.holds(3, 12)
@pytest.mark.parametrize(("after", "status"), [(599, 303), (601, 401)])
def test_a_login_lasts_ten_minutes(world: World, browser: Browser, after: int, status: int) -> None:
    """A login can be finished for ten minutes, by the server's clock whatever the cookie says."""
    address = browser.start()
    world.clock.advance(after)
    assert browser.finish(world.provider.approve(address, "ana")).status_code == status


@pytest.mark.holds(11)
def test_the_prior_session_ends(world: World, browser: Browser) -> None:
    """Signing in again gives a new id and kills the old one, though the way back does not show it."""
    browser.sign_in(world.provider)
    old = browser.session_cookie
    assert old is not None
    address = browser.start()
    browser.http.cookies.delete("bff-dev")  # Strict: a cross-site navigation does not carry it
    browser.finish(world.provider.approve(address, "ben"))
    assert browser.session_cookie not in {None, old}
    with world.browser() as thief:
        thief.http.cookies.set("bff-dev", old)
        assert thief.session().status_code == 401


@pytest.mark.holds(11)
def test_a_planted_id_is_never_taken_over(world: World, browser: Browser) -> None:
    """An id that the server did not issue is nobody's, before a login and after it."""
    browser.http.cookies.set("bff-dev", "A" * 43)
    assert browser.session().status_code == 401
    answer = browser.finish(world.provider.approve(browser.start(), "ana"))
    assert "A" * 43 not in " ".join(set_cookies(answer))
    with world.browser() as attacker:
        attacker.http.cookies.set("bff-dev", "A" * 43)
        assert attacker.session().status_code == 401


@pytest.mark.holds(8)
def test_no_token_reaches_the_browser(world: World, browser: Browser) -> None:
    """Neither cookies nor bodies hold anything that looks like a JWT."""
    jwt_shaped = re.compile(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
    started = browser.http.get("/auth/login")
    brought = world.provider.approve(started.headers["location"], "ana")
    for answer in (started, browser.finish(brought), browser.session(), browser.logout()):
        seen = "\n".join([answer.text, *set_cookies(answer)])
        assert not jwt_shaped.search(seen)
        assert "opaque" not in seen


@pytest.mark.holds(10, 16)
def test_the_journal_names_nobody(world: World, browser: Browser) -> None:
    """Starts and ends are logged under one pseudonym, without user, id, state, code or token."""
    address = browser.start()
    brought = world.provider.approve(address, "ana")
    browser.finish(brought)
    session_id = browser.session_cookie
    assert session_id is not None
    browser.logout()
    started, ended = world.gateway.lines
    assert started["event"] == "session.started"
    assert ended["event"] == "session.ended"
    assert started["actor"] == ended["actor"]
    written = repr(world.gateway.lines)
    for secret in (
        "'ana'",
        session_id,
        brought["code"],
        brought["state"],
        query_of(address)["nonce"],
    ):
        assert secret not in written
