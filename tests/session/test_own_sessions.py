"""Where somebody is signed in, and ending that elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2 as httpx
import pytest

from app.session.sessions import key_of
from app.testing.world import API, Browser, World, world
from tests.replicas.cluster import HOST_JWT

from .host_tokens import claims, token

WORKSPACE = f"{API}/workspaces/acme"


@pytest.fixture(scope="module")
def whole() -> Iterator[World]:
    """One world for all: who needs to be alone signs in as somebody else."""
    jwt = HOST_JWT | {"cookie": "host"}
    with world(identity={"jwt": jwt, "same_users": True}) as running:
        yield running


@pytest.fixture
def alone() -> Iterator[World]:
    with world() as running:
        yield running


def listed(browser: Browser) -> list[dict[str, object]]:
    answer = browser.get("/auth/sessions")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    items: list[dict[str, object]] = answer.json()["items"]
    return items


def told(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.holds(10, 17)
def test_the_list(alone: World) -> None:
    """A user sees his own sessions, the newest first, when each began and was last used, and which
    one asks; no entry holds a credential or what the store knows a session by."""
    first = alone.sign_in("ana")
    began = alone.clock.now()
    alone.sign_in("ben")
    alone.advance(100)
    assert first.get(WORKSPACE).status_code == 200
    used = alone.clock.now()
    alone.advance(100)
    second = alone.sign_in("ana")
    again = alone.clock.now()
    items = listed(second)
    assert [item["current"] for item in items] == [True, False]
    assert [item["current"] for item in listed(first)] == [False, True]
    assert [set(item) for item in items] == [
        {"id", "createdAt", "lastSeenAt", "current", "how"}
    ] * 2
    for item, started, seen in zip(items, (again, began), (again, used), strict=True):
        assert item["createdAt"] in {moment(started - 1), moment(started)}
        assert item["lastSeenAt"] in {moment(seen - 1), moment(seen)}
        assert item["how"] == "oidc"
    for browser in (first, second):
        for secret in (browser.session_cookie, key_of(browser.session_cookie)):
            assert not any(str(item["id"]) in secret for item in items)
            assert secret not in json.dumps(items)


@pytest.mark.holds(17)
def test_listing_extends_nothing(alone: World) -> None:
    """Looking at the list keeps neither this session nor another alive."""
    browser = alone.sign_in("ana")
    alone.advance(1000)
    seen = listed(browser)[0]["lastSeenAt"]
    alone.advance(790)
    assert listed(browser)[0]["lastSeenAt"] == seen
    alone.advance(20)
    assert told(browser.get("/auth/sessions")) == (401, "unauthenticated")


@pytest.mark.holds(15)
def test_ending_one(whole: World) -> None:
    """The other session is over at once, this one and everybody else's go on; once more is a 404."""
    mine, lost, foreign = whole.sign_in("ana"), whole.sign_in("ana"), whole.sign_in("ben")
    (handle,) = [item["id"] for item in listed(lost) if item["current"]]
    assert told(foreign.delete(f"/auth/sessions/{handle}")) == (404, "not-found")
    assert lost.get(WORKSPACE).status_code == 200
    done = mine.delete(f"/auth/sessions/{handle}")
    assert (done.status_code, done.content) == (204, b"")
    assert "set-cookie" not in done.headers
    assert told(lost.get(WORKSPACE)) == (401, "unauthenticated")
    assert mine.get(WORKSPACE).status_code == foreign.get(WORKSPACE).status_code == 200
    assert told(mine.delete(f"/auth/sessions/{handle}")) == (404, "not-found")


@pytest.mark.holds(15)
def test_ending_ones_own(whole: World) -> None:
    """Ending the session that asks is signing out: its cookie and the browser's cache go."""
    browser = whole.sign_in("cleo")
    old = browser.session_cookie
    (handle,) = [item["id"] for item in listed(browser) if item["current"]]
    done = browser.delete(f"/auth/sessions/{handle}")
    assert done.status_code == 204
    assert done.headers["clear-site-data"] == '"cache"'
    assert "bff-dev=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" in done.headers["set-cookie"]
    assert not browser.cookies
    browser.cookies.set("bff-dev", old)
    assert told(browser.get(WORKSPACE)) == (401, "unauthenticated")


@pytest.mark.holds(15, 16)
def test_ending_all_others(alone: World) -> None:
    """Only the session that asks is left of this user's; each end is logged under his pseudonym."""
    mine, *others = [alone.sign_in("ana") for _ in range(3)]
    foreign = alone.sign_in("ben")
    assert mine.delete("/auth/sessions").status_code == 204
    assert [told(one.get(WORKSPACE)) for one in others] == [(401, "unauthenticated")] * 2
    assert [item["current"] for item in listed(mine)] == [True]
    assert foreign.get(WORKSPACE).status_code == 200
    assert mine.delete("/auth/sessions").status_code == 204
    lines = map(json.loads, alone.log.getvalue().splitlines())
    ended = [line for line in lines if line["event"] == "session.ended"]
    assert len(ended) == 2
    assert len({line["actor"] for line in ended}) == 1
    assert "ana" not in json.dumps(ended)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("DELETE", "/" + "a" * 16)],
)
class TestWhoMayNot:
    """All three routes refuse alike, and what they refuse changes nothing."""

    @pytest.mark.holds(19, 20, 22)
    def test_without_proof_of_origin(self, whole: World, method: str, path: str) -> None:
        """A cookie alone is not enough: the header must be there, and the page must be ours."""
        browser = whole.sign_in("dora")
        for spoilt in ({"X-BFF": ""}, {"Sec-Fetch-Site": "cross-site"}):
            answer = browser.request(method, f"/auth/sessions{path}", headers=spoilt)
            assert told(answer) == (403, "csrf")

    def test_nobody(self, whole: World, method: str, path: str) -> None:
        """Without a session it is a 401."""
        answer = whole.browser().request(method, f"/auth/sessions{path}")
        assert told(answer) == (401, "unauthenticated")

    def test_bearers_of_host_tokens(self, whole: World, method: str, path: str) -> None:
        """A host token's product owns the session: 409, in the header as in the cookie."""
        bearer = token(claims(whole.clock.now(), sub="ana"))
        for headers in ({"Authorization": f"Bearer {bearer}"}, {"Cookie": f"host={bearer}"}):
            answer = whole.browser().request(method, f"/auth/sessions{path}", headers=headers)
            assert told(answer) == (409, "conflict")

    def test_unknown_parameters(self, whole: World, method: str, path: str) -> None:
        """A parameter that nobody knows is refused, not ignored."""
        answer = whole.sign_in("dora").request(method, f"/auth/sessions{path}?all=1")
        assert told(answer) == (400, "malformed")


@pytest.mark.holds(37)
def test_other_methods(whole: World) -> None:
    """Other verbs are a 405 that tells all the methods of the path."""
    for method in ("PUT", "PATCH", "POST", "OPTIONS"):
        answer = whole.browser().request(method, "/auth/sessions")
        assert told(answer) == (405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, HEAD, DELETE"


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ("a", (422, "invalid")),
        ("a" * 17, (422, "invalid")),
        ("a" * 15 + "!", (422, "invalid")),
        ("a" * 15 + "%00", (400, "malformed")),
    ],
)
def test_odd_ids(whole: World, odd: str, expected: tuple[int, str]) -> None:
    """What cannot be an id of a session is refused and never looked up."""
    assert told(whole.sign_in("dora").delete(f"/auth/sessions/{odd}")) == expected
