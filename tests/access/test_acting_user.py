"""Who acts at the platform is the session's user, whatever else a request says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.testing.world import API, Browser, World, world
from tests.access.acme import CAMPAIGNS, TEAM, set_status

OTHERS = ("ana", "ben", "gwen", "hugo", "nobody")
HEADERS = (
    "X-User",
    "X-User-Id",
    "X-Externaluserid",
    "X-External-User-Id",
    "externalUserId",
    "X-Remote-User",
    "Remote-User",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Auth-Request-User",
    "X-Original-User",
    "From",
    "x-api-key",
    "X-BFF-User",
    "Proxy-Authorization",
    "Forwarded",
    "X-HTTP-Method-Override",
)
NAMES = ("externalUserId", "external_user_id", "userId", "user", "sub", "adminId", "as", "token")
COOKIES = (
    *NAMES,
    "__Host-bff",
    "bff",
    "bff-dev ",
    "BFF-DEV",
    "bff-dev-login-x",
    "session",
    "$bff-dev",
)


@pytest.fixture(scope="module", params=["strict", "lax"])
def one_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with world(strict=request.param == "strict") as running:
        yield running


@pytest.fixture(scope="module")
def cleo(one_world: World) -> Browser:
    return one_world.sign_in("cleo")


@pytest.fixture(scope="module")
def gwens_session(one_world: World) -> str:
    """A living session of somebody else, to be sent along where it does not belong."""
    return one_world.sign_in("gwen").session_cookie


def acted_as_cleo(running: World) -> int:
    """How many calls there were, every one of them on behalf of cleo."""
    calls = running.sandbox.calls.list()
    for call in calls:
        if call.name == "exchangeToken":
            assert json.loads(call.body) == {"externalUserId": "cleo"}
        else:
            assert (call.user, call.bearer) == ("cleo", "access")
    return len(calls)


@pytest.mark.holds(28)
@settings(max_examples=25, deadline=None)
@given(
    headers=st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(OTHERS), max_size=6),
    cookies=st.dictionaries(st.sampled_from(COOKIES), st.sampled_from((*OTHERS, "*")), max_size=4),
)
def test_headers_and_cookies_name_nobody(
    one_world: World,
    cleo: Browser,
    gwens_session: str,
    headers: dict[str, str],
    cookies: dict[str, str],
) -> None:
    """A read and a write with other users in headers and cookies reach the platform as cleo's."""
    pairs = [(name, gwens_session if value == "*" else value) for name, value in cookies.items()]
    given_cookies = [("bff-dev", cleo.session_cookie), *pairs]
    cookie = "; ".join(f"{name}={value}" for name, value in given_cookies)
    one_world.sandbox.calls.clear()
    one_world.advance(31)
    path = API + f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
    sent = headers | {"Cookie": cookie}
    wrote = cleo.request("PATCH", path, json={"status": "PAUSED"}, headers=sent)
    read = cleo.request("GET", API + CAMPAIGNS, headers=sent)
    assert (wrote.status_code, read.status_code) == (200, 200)
    assert acted_as_cleo(one_world) >= 4


@pytest.mark.holds(28, 60)
@pytest.mark.parametrize("name", NAMES)
def test_queries_and_bodies_name_nobody(one_world: World, cleo: Browser, name: str) -> None:
    """A parameter or a field that would name the acting user is a fault, and nothing is asked."""
    one_world.sandbox.calls.clear()
    for answer in (
        cleo.api("GET", f"{CAMPAIGNS}&{name}=ana"),
        cleo.api("GET", f"/teams/{TEAM}?{name}=ana"),
        cleo.api("PATCH", f"/teams/{TEAM}", json={"name": "x", name: "ana"}),
        cleo.api("POST", "/workspaces", json={"enterpriseId": "acme", "name": "x", name: "ana"}),
    ):
        assert answer.status_code == 422, answer.text
    assert one_world.sandbox.calls.list() == []


@pytest.mark.holds(28, 100)
def test_each_of_many_users_acts_as_himself(either_world: World) -> None:
    """Writes and reads of several users in turn reach the platform as their own."""
    browsers = {user: either_world.sign_in(user) for user in ("ana", "ben", "cleo")}
    for _ in range(2):
        for user, browser in browsers.items():
            either_world.sandbox.calls.clear()
            assert set_status(browser).status_code == 200
            browser.read(f"/teams/{TEAM}/members")
            callers = {
                json.loads(call.body)["externalUserId"]
                if call.name == "exchangeToken"
                else call.user
                for call in either_world.sandbox.calls.list()
            }
            assert callers == {user}
