"""The gateway's sign-in against a provider that none of us wrote, and that is certified."""

from __future__ import annotations

import re

import httpx2
import pytest

from app.session.login_flow import SIGN_IN_FAILED
from app.testing.world import Browser
from tests.peers.conftest import Stage, start
from tests.peers.identity_provider import Person
from tests.session.app_of_a_phone import SCHEME
from tests.session.browser import query_of


def failed(answer: httpx2.Response) -> bool:
    return answer.status_code == 401 and answer.json()["detail"] == SIGN_IN_FAILED


@pytest.mark.holds(8, 25)
def test_signing_in(stage: Stage, browser: Browser, person: Person) -> None:
    """Code, PKCE, nonce and iss satisfy both sides, and the ID token names the person."""
    address = start(browser, returnTo="/campaigns")
    asked = query_of(address)
    assert asked["code_challenge_method"] == "S256"
    assert asked["nonce"]
    back = person.sign_in(address, "ana")
    brought = query_of(back)
    assert (brought["state"], brought["iss"]) == (asked["state"], stage.issuer)
    answer = browser.follow(back)
    assert answer.headers["location"] == "/campaigns"
    session = browser.get("/auth/session").json()
    assert (session["user"], session["name"]) == ("ana", "The person ana")
    assert session["enterprises"] == ["acme"]


@pytest.mark.holds(25)
def test_answers_that_are_not_accepted(stage: Stage, browser: Browser, person: Person) -> None:
    """A wrong state, another issuer, another login's code and a used answer sign nobody in."""

    def back() -> httpx2.URL:
        return httpx2.URL(person.sign_in(start(browser), "ana"))

    assert failed(browser.get(back().copy_set_param("state", "A" * 43)))
    assert failed(browser.get(back().copy_set_param("iss", "https://other.example")))
    told = len(stage.log.getvalue())
    one, other = back(), back()
    assert failed(browser.get(one.copy_set_param("code", str(other.params["code"]))))
    assert "the code was refused" in stage.log.getvalue()[told:]
    good = back()
    browser.follow(str(good))
    assert failed(browser.get(good))


@pytest.mark.holds(25)
def test_a_code_is_used_once(browser: Browser, person: Person) -> None:
    """A code that the provider took already, brought with a fresh login's state, is refused."""
    used = httpx2.URL(person.sign_in(start(browser), "ana"))
    browser.follow(str(used))
    fresh = query_of(start(browser))
    assert failed(browser.get(used.copy_set_param("state", fresh["state"])))


@pytest.mark.holds(3, 25)
def test_two_tabs_at_once(browser: Browser, person: Person) -> None:
    """Two logins of one browser end in any order, each where it began."""
    first, second = start(browser, returnTo="/first"), start(browser, returnTo="/second")
    ends = [person.sign_in(address, "ana") for address in (second, first)]
    assert [browser.follow(back).headers["location"] for back in ends] == ["/second", "/first"]


def test_prompts(stage: Stage, browser: Browser, person: Person) -> None:
    """Signed in at the provider nobody is asked again, unless the frontend wants it; a silent login
    succeeds with a session over there, and without one comes back with a mark."""
    silent = {"returnTo": "/x", "prompt": "none"}
    back = person.sign_in(start(browser, **silent), "ana")
    assert person.asked == []
    assert browser.follow(back).headers["location"] == "/x?login=required"
    assert browser.get("/auth/session").status_code == 401
    browser.follow(person.sign_in(start(browser), "ana"))
    assert person.asked == ["login", "consent"]
    for prompt, asked in (("", []), ("login", ["login"]), ("consent", ["consent"])):
        params = {"prompt": prompt} if prompt else {}
        browser.follow(person.sign_in(start(browser, **params), "ana"))
        assert person.asked == asked, prompt
    back = person.sign_in(start(browser, **silent), "ana")
    assert person.asked == []
    assert browser.follow(back).headers["location"] == "/x"
    assert browser.get("/auth/session").json()["user"] == "ana"


@pytest.mark.holds(15)
def test_signing_out(stage: Stage, browser: Browser, person: Person) -> None:
    """The provider takes the hint, ends its session, and leads back to where the frontend is."""
    browser.follow(person.sign_in(start(browser), "ana"))
    url = browser.post("/auth/logout").json()["logoutUrl"]
    location = str(browser.get(url).headers["location"])
    assert set(query_of(location)) == {"id_token_hint", "client_id", "post_logout_redirect_uri"}
    assert person.sign_out(location) == f"{stage.gateway.origin}/"
    assert browser.get("/auth/session").status_code == 401
    back = person.sign_in(start(browser, prompt="none"), "ana")
    assert browser.follow(back).headers["location"] == "/?login=required"


def test_a_spoilt_hint_is_refused_over_there(browser: Browser, person: Person) -> None:
    """The provider looks at the hint: what the test before shows, the hint brings about."""
    browser.follow(person.sign_in(start(browser), "ana"))
    url = browser.post("/auth/logout").json()["logoutUrl"]
    location = httpx2.URL(browser.get(url).headers["location"])
    hint = str(location.params["id_token_hint"])
    assert person.get(location.copy_set_param("id_token_hint", hint[:-8])).status_code == 400


@pytest.mark.holds(25)
def test_an_app_signs_in(stage: Stage, browser: Browser, person: Person) -> None:
    """An app's login passes through the same provider, and ends at the page that opens the app."""
    app = {
        "client": "native",
        "redirect": SCHEME,
        "code_challenge": "A" * 43,
        "code_challenge_method": "S256",
        "state": "state",
    }
    page = browser.get(person.sign_in(start(browser, **app), "ana"))
    assert page.status_code == 200
    assert re.search(rf'href="{SCHEME}\?code=[A-Za-z0-9_-]{{43}}&amp;state=state"', page.text)
