"""Sessions through the whole gateway, with the sandbox's login page and demo users."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx2
import pytest

from app.testing.world import API, Browser, World, world

from .host_tokens import AUDIENCE, ISSUER, SECRET, claims, token
from .hostile_tokens import bad_tokens


@pytest.fixture(scope="module")
def whole() -> Iterator[World]:
    """One world for the tests that leave it as it was."""
    jwt = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "algorithms": ("HS256",),
        "secret": SECRET,
        "cookie": "host",
    }
    identity = {"jwt": jwt, "same_users": True}
    with world(identity=identity) as running:
        yield running


def told(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["code"]


@pytest.mark.holds(3, 11, 15, 25)
def test_in_and_out(whole: World) -> None:
    """Two demo users in one browser: each sign-in ends the session before, signing out the last."""
    browser = whole.browser()
    assert told(browser.get("/auth/session")) == (401, "unauthenticated")
    old = []
    for user, enterprises in (("ana", ["acme"]), ("kim", ["acme", "globex"])):
        assert browser.sign_in(user, "/teams?a=b").headers["location"] == "/teams?a=b"
        session = browser.get("/auth/session").json()
        assert (session["user"], session["enterprises"]) == (user, enterprises)
        old.append(browser.session_cookie)
    assert browser.post("/auth/logout").json()["logoutUrl"].startswith("/auth/logout/")
    assert browser.post("/auth/logout").json() == {"logoutUrl": None}
    for cookie in old:
        browser.cookies.set("bff-dev", cookie)
        assert told(browser.get("/auth/session")) == (401, "unauthenticated")
        assert told(browser.api("GET", "/workspaces/acme")) == (401, "unauthenticated")
        browser.cookies.clear()


def test_cancelling(whole: World) -> None:
    """Who cancels on the login page is told so in a problem document, and the login's cookie goes."""
    browser = whole.browser()
    back = browser.choose(browser.get("/auth/login").headers["location"], "")
    answer = browser.get(back)
    assert told(answer) == (401, "unauthenticated")
    assert not browser.cookies


def test_a_late_code() -> None:
    """A code that the provider takes no more is a refusal, and the next login works."""
    with world() as alone:
        browser = alone.browser()
        back = browser.choose(browser.get("/auth/login").headers["location"], "ben")
        alone.advance(61)
        assert told(browser.get(back)) == (401, "unauthenticated")
        assert browser.sign_in("ben").status_code == 303


@pytest.mark.holds(67, 72)
@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/auth/login?returnTo=//evil.example", (400, "malformed")),
        ("GET", "/auth/login?returnTo=/a&returnTo=/b", (400, "malformed")),
        ("GET", "/auth/login?next=/a", (400, "malformed")),
        ("POST", "/auth/login", (405, "method-not-allowed")),
        ("GET", "/auth/callback", (401, "unauthenticated")),
        ("GET", "/auth/login?prompt=create", (422, "invalid")),
        ("GET", "/auth/callback?state=a&state=b", (400, "malformed")),
        ("GET", "/auth/callback?state=" + "a" * 300, (422, "invalid")),
        ("GET", "/auth/logout", (405, "method-not-allowed")),
        ("GET", "/auth/nothing", (404, "not-found")),
        ("GET", "/auth/session?a=b", (400, "malformed")),
    ],
)
def test_refusals_are_problem_documents(
    whole: World, method: str, path: str, expected: tuple[int, str]
) -> None:
    """What the session routes refuse, they refuse in the one shape that all errors have."""
    assert told(whole.browser().request(method, path)) == expected


@pytest.mark.holds(33)
def test_bad_tokens_look_alike(whole: World) -> None:
    """Every bad host token is the same 401 on an operation, and never reaches the platform."""
    whole.forget_calls()
    browser, documents = whole.browser(), set()
    for name, bad in bad_tokens(whole.clock.now()).items():
        headers = {"Authorization": f"Bearer {bad}"}
        answer = browser.get(f"{API}/workspaces/acme", headers=headers)
        assert told(answer) == (401, "unauthenticated"), name
        assert answer.headers["www-authenticate"] == "Bearer"
        documents.add(json.dumps(answer.json() | {"requestId": "", "instance": ""}))
    assert len(documents) == 1
    assert whole.calls() == []


@pytest.mark.holds(28)
def test_host_tokens_reach_operations(whole: World) -> None:
    """A good one asks as its user, without any header against CSRF."""
    bearer = token(claims(whole.clock.now(), sub="gwen"))
    whole.forget_calls()
    with httpx2.Client(base_url=whole.origin, trust_env=False) as client:
        answer = client.get(
            f"{API}/workspaces/globex", headers={"Authorization": f"Bearer {bearer}"}
        )
    assert answer.status_code == 200, answer.text
    assert {call["user"] for call in whole.calls("getWorkspace")} == {"gwen"}


@pytest.mark.holds(9)
@pytest.mark.parametrize(
    ("cookie", "status"),
    [
        (b"\xa0SESSION", 401),
        (b"\x85SESSION", 401),
        (b"\xa0bff-dev=x; SESSION", 200),
        (b"\x85bff-dev=x; SESSION", 200),
        (b"$Version=1; SESSION; $Path=/", 200),
        (b"SESSION; SESSION", 400),
        (b"SESSION; bff-dev=x", 400),
        (b'bff-dev="x"', 401),
    ],
)
def test_cookie_vectors(whole: World, signed_in: Browser, cookie: bytes, status: int) -> None:
    """Odd cookies are neither taken for the session nor in its way; twice is once too often."""
    session = f"bff-dev={signed_in.session_cookie}".encode()
    headers = [(b"X-BFF", b"1"), (b"Cookie", cookie.replace(b"SESSION", session))]
    with httpx2.Client(base_url=whole.origin, trust_env=False) as client:
        for path in ("/auth/session", f"{API}/workspaces/acme"):
            assert client.get(path, headers=headers).status_code == status


@pytest.fixture(scope="module")
def signed_in(whole: World) -> Browser:
    return whole.sign_in("ana")


@pytest.mark.holds(8, 10, 16)
def test_the_log_names_nobody() -> None:
    """Sessions are logged under a pseudonym; ids, codes, states and tokens are in no line."""
    with world() as alone:
        browser = alone.browser()
        started = browser.get("/auth/login").headers["location"]
        back = browser.choose(started, "gwen")
        browser.follow(back)
        session_id = browser.session_cookie
        browser.post("/auth/logout")
        written = alone.log.getvalue()
    events = [json.loads(line) for line in written.splitlines()]
    mine = {one["event"]: one for one in events if one["event"].startswith("session.")}
    assert set(mine) == {"session.started", "session.ended"}
    assert len({one["actor"] for one in mine.values()}) == 1
    secrets = re.findall(r"(?:code|state|nonce|code_challenge)=([^&]+)", started + "&" + back)
    assert len(secrets) == 5
    for secret in (*secrets, session_id, "gwen"):
        assert secret not in written
