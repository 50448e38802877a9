"""The CSRF rules as a table, and over HTTP."""

from __future__ import annotations

import pytest

from app.errors import CsrfRefused
from app.session.csrf import check

from .browser import Browser
from .conftest import World

ORIGIN = "https://app.example.com"
OURS = ("x-bff", "1")
SITE, FROM = "sec-fetch-site", "origin"


def verdict(method: str, *headers: tuple[str, str]) -> bool:
    try:
        check([(name.encode(), value.encode()) for name, value in headers], method, ORIGIN)
    except CsrfRefused:
        return False
    return True


@pytest.mark.holds(19, 20, 22)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_our_pages_pass(method: str) -> None:
    """What our own page sends passes, in browsers new and old."""
    assert verdict(method, OURS, (SITE, "same-origin"))
    assert verdict(method, OURS, (SITE, "same-origin"), (FROM, ORIGIN))
    assert verdict(method, OURS, (SITE, "none"))
    assert verdict(method, OURS, (FROM, ORIGIN))


@pytest.mark.holds(19, 20, 21, 22)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        [(SITE, "same-origin")],
        [(SITE, "same-origin"), ("x-bff", "")],
        [(SITE, "same-origin"), ("x-bff", "0")],
        [(SITE, "same-origin"), ("x-bff", "1, 1")],
        [(SITE, "same-origin"), OURS, OURS],
        [(SITE, "cross-site"), OURS],
        [(SITE, "same-site"), OURS],
        [(SITE, "cross-site"), (FROM, ORIGIN), OURS],
        [(SITE, "Same-Origin"), OURS],
        [(SITE, ""), OURS],
        [(SITE, "same-origin"), (SITE, "same-origin"), OURS],
        [(SITE, "same-origin"), (SITE, "cross-site"), OURS],
        [(FROM, "null"), OURS],
        [(FROM, ""), OURS],
        [(FROM, "https://evil.example"), OURS],
        [(FROM, "https://app.example.com.evil.example"), OURS],
        [(FROM, "https://sub.app.example.com"), OURS],
        [(FROM, "https://other.example.com"), OURS],
        [(FROM, "http://app.example.com"), OURS],
        [(FROM, "https://app.example.com:8443"), OURS],
        [(FROM, "https://app.example.com/"), OURS],
        [(FROM, ORIGIN), (FROM, ORIGIN), OURS],
        [(FROM, ORIGIN), (FROM, "null"), OURS],
    ],
)
def test_others_do_not(method: str, headers: list[tuple[str, str]]) -> None:
    """Without the custom header, from another site, a sibling, or in doubt: refused."""
    assert not verdict(method, *headers)


@pytest.mark.holds(22)
@pytest.mark.parametrize(
    ("method", "passes"),
    [
        ("GET", True),
        ("HEAD", True),
        ("POST", False),
        ("PATCH", False),
        ("DELETE", False),
        ("X", False),
    ],
)
def test_neither_word_nor_origin(method: str, passes: bool) -> None:
    """A request that does not say where it comes from may read, and nothing else."""
    assert verdict(method, OURS) is passes


@pytest.mark.holds(19, 20)
def test_the_routes_obey(world: World, browser: Browser) -> None:
    """Asking for the session and signing out are refused to foreign pages, and change nothing."""
    browser.sign_in(world.provider)
    foreign = [
        {},
        {"X-BFF": "1", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ]
    for headers in foreign:
        for answer in (
            browser.http.get("/auth/session", headers=headers),
            browser.http.post("/auth/logout", headers=headers),
            browser.http.post("/auth/logout", headers=headers, data={"a": "b"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
            assert "set-cookie" not in answer.headers
    assert browser.session().status_code == 200


@pytest.mark.holds(20)
def test_a_foreign_page_cannot_take_the_cookie_away(world: World) -> None:
    """A form on a foreign page carries no Strict cookie; it must not get ours cleared either."""
    with world.browser() as browser:
        answer = browser.http.post("/auth/logout", data={"a": "b"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.holds(24)
def test_no_cors(world: World, browser: Browser) -> None:
    """Preflights are not answered, and no origin is reflected."""
    headers = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-bff",
    }
    for answer in (
        browser.http.options("/auth/logout", headers=headers),
        browser.http.get("/auth/session", headers=headers),
    ):
        assert answer.status_code >= 400
        assert not [name for name in answer.headers if name.startswith("access-control-")]
