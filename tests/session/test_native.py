"""Signing in to a native app, through the whole gateway and the sandbox's login page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx2
import pytest

from app.session.confirmation import POLICY
from app.session.login_flow import SIGN_IN_FAILED
from app.session.native import NOT_EXCHANGED
from app.testing.world import API, World, world

from .app_of_a_phone import CLAIMED, SCHEME, App

PUBLIC = {"native_redirects": (SCHEME, CLAIMED)}


@pytest.fixture(scope="module")
def whole() -> Iterator[World]:
    """One world whose clock every test may move."""
    with world(public=PUBLIC) as running:
        yield running


def told(answer: httpx2.Response) -> str:
    """A problem without what names the request."""
    return json.dumps({**answer.json(), "requestId": "", "instance": ""}, sort_keys=True)


@pytest.mark.holds(8)
def test_an_app_signs_in(whole: World) -> None:
    """The code becomes an opaque token that reads, writes and knows who signed in."""
    app = App(whole.origin)
    answer = app.exchange(app.code("ben"))
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert answer.json() == {
        "accessToken": answer.json()["accessToken"],
        "tokenType": "Bearer",
        "expiresIn": pytest.approx(43_200, abs=3),
        "idleSeconds": pytest.approx(1800, abs=3),
    }
    assert re.fullmatch(r"bff_native_[A-Za-z0-9_-]{43}", answer.json()["accessToken"])
    phone = App(whole.origin).sign_in("ben")
    session = phone.ask("GET", "/auth/session").json()
    assert (session["user"], session["name"]) == ("ben", "Ben Okafor")
    assert (session["via"], session["enterprises"]) == ("session", ["acme"])
    assert phone.ask("GET", f"{API}/workspaces/acme/teams").status_code == 200
    campaign = f"{API}/teams/team-acme-brand/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
    with httpx2.Client(base_url=whole.origin, trust_env=False) as client:
        bearer = {"Authorization": f"Bearer {phone.token}"}
        paused = client.patch(campaign, json={"status": "PAUSED"}, headers=bearer)
    assert paused.status_code == 200, paused.text


def test_a_custom_scheme_asks_first(whole: World) -> None:
    """A page that runs nothing and loads nothing shows one link; no redirect opens the app."""
    app, browser = App(whole.origin), whole.browser()
    page = app.come_back(browser)
    assert page.status_code == 200
    assert "location" not in page.headers
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == POLICY
    assert "script-src" not in POLICY
    assert POLICY.startswith("default-src 'none'")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script|javascript:|\son\w+=|<form|<img|http", page.text, re.IGNORECASE)
    assert re.findall("href=", page.text) == ["href="]
    opened = app.opened(page)
    assert set(opened) == {"code", "state"}
    assert opened["state"] == app.state
    assert page.text.count(opened["code"]) == 1
    assert not browser.cookies, "neither a session nor the login is left in the browser"


def test_a_claimed_address_is_opened_at_once(whole: World) -> None:
    """An https address that the system gives to this app alone needs no page between."""
    app, browser = App(whole.origin, CLAIMED), whole.browser()
    answer = app.come_back(browser)
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    opened = app.opened(answer)
    assert opened["state"] == app.state
    assert app.exchange(opened["code"]).status_code == 200
    assert not browser.cookies


def test_the_browser_stays_who_it_was(whole: World) -> None:
    """A sign-in for an app neither ends nor replaces the session of the browser that it used."""
    browser = whole.sign_in("ana")
    before = browser.session_cookie
    app = App(whole.origin)
    code = app.opened(app.come_back(browser, "ben"))["code"]
    assert app.exchange(code).status_code == 200
    assert browser.session_cookie == before
    assert browser.get("/auth/session").json()["user"] == "ana"


@pytest.mark.holds(25)
def test_codes_that_do_not_fit(whole: World) -> None:
    """Another verifier, another address, a used code, an old one, none: the same 401 for each, and
    trying uses the code up."""
    app, other = App(whole.origin), App(whole.origin)
    spoilt = []
    for change in (
        {"codeVerifier": other.verifier},
        {"redirect": CLAIMED},
        {"redirect": SCHEME.upper()},
    ):
        code = app.code()
        spoilt += [app.exchange(code, **change), app.exchange(code)]
    used, late = app.code(), app.code()
    assert app.exchange(used).status_code == 200
    whole.advance(61)
    spoilt += [app.exchange(used), app.exchange(late), app.exchange("A" * 43)]
    assert {answer.status_code for answer in spoilt} == {401}
    assert len({told(answer) for answer in spoilt}) == 1
    assert {answer.headers["www-authenticate"] for answer in spoilt} == {"Bearer"}
    assert spoilt[0].json()["detail"] == NOT_EXCHANGED


def test_a_code_lasts_a_minute(whole: World) -> None:
    """Within its minute a code is good."""
    app = App(whole.origin)
    code = app.code()
    whole.advance(58)
    assert app.exchange(code).status_code == 200


def test_two_apps_at_once(whole: World) -> None:
    """Two logins of one device end in two sessions, each with its own code."""
    first, second, browser = App(whole.origin), App(whole.origin, CLAIMED), whole.browser()
    one = browser.get("/auth/login", params=first.request()).headers["location"]
    two = browser.get("/auth/login", params=second.request()).headers["location"]
    for app, started, user in ((second, two, "ben"), (first, one, "ana")):
        opened = app.opened(browser.get(browser.choose(started, user)))
        token = app.exchange(opened["code"]).json()["accessToken"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert browser.get("/auth/session", headers=bearer).json()["user"] == user


@pytest.mark.parametrize(
    "redirect",
    [
        SCHEME + "/",
        SCHEME.upper(),
        SCHEME + "?a=b",
        SCHEME + "#a",
        "com.example.app://signed-in",
        "com.example.app.evil:/signed-in",
        CLAIMED + "/more",
        CLAIMED.replace("https", "http"),
        CLAIMED.replace("app.example.com", "app.example.com@evil.example"),
        "javascript:alert(1)",
        "//evil.example",
        "/",
    ],
)
def test_another_address_is_never_opened(whole: World, redirect: str) -> None:
    """An address that is not configured to the letter starts no login and receives nothing."""
    answer = whole.browser().get("/auth/login", params=App(whole.origin, redirect).request())
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/query/redirect"]
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"code_challenge": None}, 400, "code_challenge"),
        ({"code_challenge_method": None}, 400, "code_challenge_method"),
        ({"state": None}, 400, "state"),
        ({"redirect": None}, 400, "redirect"),
        ({"client": None}, 400, "code_challenge"),
        ({"returnTo": "/"}, 400, "returnTo"),
        ({"prompt": "none"}, 400, "prompt"),
        ({"client": "browser"}, 422, "client"),
        ({"code_challenge_method": "plain"}, 422, "code_challenge_method"),
        ({"code_challenge": "A" * 42}, 422, "code_challenge"),
        ({"code_challenge": "A" * 42 + "="}, 422, "code_challenge"),
        ({"state": ""}, 422, "state"),
        ({"state": "a" * 513}, 422, "state"),
        ({"state": "é"}, 422, "state"),
        ({"redirect": ""}, 422, "redirect"),
    ],
)
def test_half_a_request(
    whole: World, change: dict[str, str | None], status: int, pointer: str
) -> None:
    """An app says everything and by the one method, or no login starts."""
    answer = whole.browser().get("/auth/login", params=App(whole.origin).request(**change))
    assert answer.status_code == status, answer.text
    assert f"/query/{pointer}" in [error["pointer"] for error in answer.json()["errors"]]
    assert "set-cookie" not in answer.headers


def test_prompt_goes_with_apps_too(whole: World) -> None:
    """An app may have the provider ask anew."""
    asked = App(whole.origin).request(prompt="login")
    answer = whole.browser().get("/auth/login", params=asked)
    assert "prompt=login" in answer.headers["location"]


def test_an_app_hears_of_no_failure(whole: World) -> None:
    """Who cancels gets the page that every failed sign-in has; the app is not opened."""
    answer = App(whole.origin).come_back(whole.browser(), user="")
    assert (answer.status_code, answer.json()["detail"]) == (401, SIGN_IN_FAILED)
    assert "location" not in answer.headers


JSON = {"Content-Type": "application/json"}


@pytest.mark.holds(26, 60, 61, 67, 72)
@pytest.mark.parametrize(
    ("body", "headers", "path", "status"),
    [
        (b"{}", JSON, "?x=", 400),
        (b"", JSON, "", 400),
        (b"{", JSON, "", 400),
        (b"\xff", JSON, "", 400),
        (b"[]", JSON, "", 422),
        (b"{}", JSON, "", 422),
        (b"{}", {}, "", 415),
        (b"code=a", {"Content-Type": "application/x-www-form-urlencoded"}, "", 415),
        (b"{}", {"Content-Type": "text/plain"}, "", 415),
        (b"{}", {**JSON, "Accept": "text/html"}, "", 406),
        (b" " * 300_000, JSON, "", 413),
    ],
)
def test_odd_exchanges(
    whole: World, body: bytes, headers: dict[str, str], path: str, status: int
) -> None:
    """What is no exchange is refused as any other body is, in a problem document."""
    with httpx2.Client(base_url=whole.origin, trust_env=False) as client:
        answer = client.post(f"/auth/native/token{path}", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.holds(60)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("codeVerifier", "a" * 42),
        ("codeVerifier", "a" * 129),
        ("codeVerifier", "a" * 42 + "+"),
        ("code", "a"),
        ("redirect", ""),
        ("extra", "x"),
    ],
)
def test_fields_of_an_exchange(whole: World, field: str, value: str) -> None:
    """A field that cannot be right is named, and what was sent is not repeated."""
    app = App(whole.origin)
    answer = app.exchange("A" * 43, **{field: value})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/body/{field}"]
    assert app.verifier not in answer.text


@pytest.mark.holds(10, 16, 27)
def test_the_log_holds_nothing_of_it() -> None:
    """Neither code, verifier, state nor token is in any line."""
    with world(public=PUBLIC) as alone:
        app = App(alone.origin, state="statestatestate")
        code = app.code("gwen")
        phone_token = app.exchange(code).json()["accessToken"]
        app.exchange(code)
        written = alone.log.getvalue()
    assert "session.started" in written
    assert "hand-off: no such code" in written
    for secret in (code, app.verifier, app.state, phone_token, phone_token[-43:], "gwen"):
        assert secret not in written
