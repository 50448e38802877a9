"""Connecting an ads network: out through its consent page and back through us."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.testing.world import Browser, World, world
from tests.access.acme import TEAM, asked, code

CONNECTIONS = f"/teams/{TEAM}/connections"
APP = "acmeapp://connected?from=ads"


@pytest.fixture(scope="module")
def consenting() -> Iterator[World]:
    """A world with one more address where a consent may return; tests share it."""
    with world(public={"redirects": [APP]}) as running:
        yield running


@pytest.fixture(scope="module")
def ben(consenting: World) -> Browser:
    return consenting.sign_in("ben")


def start(browser: Browser, redirect: str | None = None) -> httpx.Response:
    body = {"platform": "meta"} | ({} if redirect is None else {"redirect": redirect})
    return browser.api("POST", CONNECTIONS, json=body)


def decide(answer: httpx.Response, decision: str = "allow") -> str:
    """Go to the consent page and decide; gives where that sends the browser."""
    auth_url = answer.json()["authUrl"]
    state = parse_qs(urlsplit(auth_url).query)["state"][0]
    team = json.loads(state)["teamId"]
    with httpx.Client(trust_env=False) as elsewhere:
        page = elsewhere.get(auth_url).text
        account = page.split('name="account" value="')[1].split('"')[0]
        form = {"state": state, "decision": decision, "account": account}
        back = elsewhere.post(auth_url.partition("?")[0], data=form)
    assert back.status_code == 302, (team, back.text)
    return str(back.headers["location"])


def come_back(browser: Browser, location: str) -> httpx.Response:
    """The navigation from the ads network: cross-site, so without the session's cookie."""
    cookieless = httpx.Client(base_url=browser.origin, trust_env=False)
    with cookieless:
        return cookieless.get(location, headers={"Sec-Fetch-Site": "cross-site"})


def ad_accounts(browser: Browser) -> set[str]:
    items = browser.read(CONNECTIONS)["items"]
    return {account["adAccountId"] for one in items for account in one["adAccounts"]}


@pytest.mark.parametrize(
    ("redirect", "decision", "arrives"),
    [
        (None, "allow", "{origin}/?connection=success"),
        ("/settings", "cancel", "{origin}/settings?connection=cancelled"),
        ("{origin}/a?b=c", "allow", "{origin}/a?b=c&connection=success"),
        ("/a?b=c#top", "allow", "{origin}/a?b=c&connection=success#top"),
        ("/#/ads", "allow", "{origin}/?connection=success#/ads"),
        (APP, "allow", f"{APP}&connection=success"),
    ],
)
def test_a_consent_comes_back_with_its_outcome(
    consenting: World, ben: Browser, redirect: str | None, decision: str, arrives: str
) -> None:
    """The browser ends where the start of the consent said, with the outcome as one parameter."""
    asked_for = redirect.format(origin=ben.origin) if redirect else None
    back = come_back(ben, decide(start(ben, asked_for), decision))
    assert back.status_code == 303
    assert back.headers["location"] == arrives.format(origin=ben.origin)
    assert back.headers["cache-control"] == "no-store"


def test_what_goes_upstream_is_a_one_time_address_of_ours(consenting: World, ben: Browser) -> None:
    """The platform never learns where the browser goes in the end; the token works once."""
    consenting.sandbox.calls.clear()
    location = decide(start(ben, "/secret-place"))
    (call,) = consenting.calls("createConnection")
    sent = json.loads(call["body"])["redirect"]
    assert sent.startswith(f"{ben.origin}/auth/connected/")
    assert "secret-place" not in call["body"]
    assert come_back(ben, location).status_code == 303
    assert code(come_back(ben, location)) == "not-found"


def test_a_token_ends_after_an_hour(consenting: World, ben: Browser) -> None:
    """A consent that nobody finished leads nowhere an hour later."""
    early, late = decide(start(ben)), decide(start(ben))
    consenting.advance(1700)
    ben.get("/auth/session")
    ben.read(CONNECTIONS)
    consenting.advance(1700)
    assert come_back(ben, early).status_code == 303
    ben.read(CONNECTIONS)
    consenting.advance(250)
    assert code(come_back(ben, late)) == "not-found"


@pytest.mark.parametrize("token", ["x", "A" * 32, "..", "%2e%2e", "A" * 31 + "%0a", ""])
def test_a_made_up_token_leads_nowhere(consenting: World, token: str) -> None:
    """Only tokens that were given out lead on."""
    with httpx.Client(base_url=consenting.origin, trust_env=False) as stranger:
        answer = stranger.get(f"/auth/connected/{token}?connection=success")
    assert answer.status_code in {400, 404, 422}
    assert "location" not in answer.headers


@pytest.mark.holds(67)
@pytest.mark.parametrize("token", ["A" * 32, "too-short", "N%0C"])
def test_how_a_consent_can_end_is_described(consenting: World, token: str) -> None:
    """An unknown token, a malformed one and an unreadable one get an answer of the document."""
    browser = consenting.browser()
    answer = browser.get(f"/auth/connected/{token}")
    paths = browser.get("/openapi.json").json()["paths"]
    assert str(answer.status_code) in paths["/auth/connected/{token}"]["get"]["responses"]


@pytest.mark.holds(53)
def test_the_way_back_drops_what_was_kept(either_world: World) -> None:
    """After the return the new ad account is listed, and may be read, at once."""
    ben = either_world.sign_in("ben")
    started = start(ben)
    before = ad_accounts(ben)
    come_back(ben, decide(started))
    (new,) = ad_accounts(ben) - before
    assert ben.api("GET", f"/teams/{TEAM}/meta/campaigns?adAccountId={new}").status_code == 200


@pytest.mark.holds(46)
def test_while_a_consent_may_end_connections_are_believed_two_seconds() -> None:
    """For 15 minutes after its start, whose an account is is asked again after 2 s, then after 30."""
    with world() as running:
        ben = running.sign_in("ben")
        path = f"/teams/{TEAM}/meta/campaigns?adAccountId="
        ben.read(f"{path}act_1001")
        started = start(ben)
        before = ad_accounts(ben)
        ben.read(f"{path}act_1001")
        decide(started)  # and the browser never comes back
        running.advance(3)
        running.sandbox.calls.clear()
        new = max(running.sandbox.world.accounts).replace("acc-", "act_")
        assert new not in before
        assert ben.api("GET", path + new).status_code == 200
        assert asked(running, "getTeamConnections") == 1
        running.advance(900)
        ben.read(f"{path}act_1001")
        running.advance(25)
        running.sandbox.calls.clear()
        ben.read(f"{path}act_1001")
        assert asked(running, "getTeamConnections") == 0


HOSTILE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\tevil.example",
    "/\n/evil.example",
    "https://evil.example",
    "http://evil.example/{origin}",
    "{origin}.evil.example/",
    "{origin}@evil.example/",
    "http://localhost@evil.example",
    "http://evil.example#{origin}",
    "{origin}:1/",
    "{origin}//evil.example",
    "http:evil.example",
    "http:///evil.example",
    "http://[",
    "http://[::1",
    "http://\u2100.example/",
    "{origin}/\u2028",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "?next=x",
    " {origin}/",
    "{origin}/ x",
    APP + "&more=1",
    APP[:-1],
    APP.upper(),
    "acmeapp://",
]


@pytest.mark.parametrize("redirect", HOSTILE)
def test_a_redirect_that_is_not_ours_is_refused(
    consenting: World, ben: Browser, redirect: str
) -> None:
    """Anything but our own origin and the configured addresses is invalid, and not sent on."""
    consenting.sandbox.calls.clear()
    answer = start(ben, redirect.format(origin=ben.origin))
    assert (answer.status_code, code(answer)) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "/body/redirect"
    assert asked(consenting, "createConnection") == 0


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("/\\@:.#?[]%\t\n evilhost0\u2100"), min_size=1, max_size=24))
def test_whatever_is_accepted_stays_on_our_origin(
    consenting: World, ben: Browser, text: str
) -> None:
    """For any text, with or without our origin before it: refused, or a place of ours."""
    checked = consenting.parts.consents
    for redirect in (text, ben.origin + text):
        answer = start(ben, redirect)
        if answer.status_code == 422:
            continue
        assert answer.status_code == 201, answer.text
        token = json.loads(parse_qs(urlsplit(answer.json()["authUrl"]).query)["state"][0])
        errand = asyncio.run(checked.finish(token["redirect"].rpartition("/")[2]))
        assert httpx.URL(errand.redirect).host == "localhost"
        assert errand.redirect.startswith(ben.origin)
        assert errand.redirect.removeprefix(ben.origin)[:1] in {"", "/", "?", "#"}
