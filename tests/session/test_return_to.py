"""Where a login may lead: a generated list of hostile places, and the ordinary ones."""

from __future__ import annotations

from itertools import product
from urllib.parse import quote

import pytest

from app.errors import Malformed
from app.session.return_to import LONGEST, check

from .browser import Browser

_SLASHES = ("//", "/\\", "\\/", "\\\\", "///", "/%2f", "/%2F", "/%5c", "/%5C", "%2f%2f", "/%252f",
            "/%255c", "/\t/", "/\n/", "/\r/", "/\x00/", "/%09/", "/%0d%0a/", "/ /", "/\x0b/")  # fmt: skip
_HOSTS = ("evil.example", "evil.example/path", "user@evil.example", "127.0.0.1", "[::1]",
          "evil%2eexample", "evil。example", "localhost:8000@evil.example")  # fmt: skip
_PREFIXES = ("", "/.", "/..", "/a/..", "/a/../..", "/%2e", "/%2e%2e", "/%252e%252e", "/;", "/..;")
_SCHEMES = ("http:", "https:", "HTTPS:", "javascript:", "data:", "vbscript:", "file:", "blob:",
            "ftp:", "mailto:", "ws:", "java\tscript:", " https:", "\x01https:", "https\n:")  # fmt: skip
_AFTER = ("//evil.example", "/evil.example", "evil.example", "\\\\evil.example", "alert(1)",
          "/\\evil.example", "///evil.example")  # fmt: skip
_LOOKALIKES = ("\uff0f", "\uff3c", "\u2044", "\u2215", "\u29f8", "\u2216", "\ufe68", "\u3002")

HOSTILE = sorted(
    {
        *(prefix + slashes + host for prefix, slashes, host in product(_PREFIXES, _SLASHES, _HOSTS)),
        *(scheme + after for scheme, after in product(_SCHEMES, _AFTER)),
        *(f"/{odd}{host}" for odd, host in product(_LOOKALIKES, _HOSTS)),
        *(f"/a{chr(code)}b" for code in (*range(0x21), *range(0x7F, 0xA1))),
        *(f"/a%{code:02x}b" for code in (*range(0x20), 0x7F)),
        *(f"/a?b=%{code:02X}" for code in (*range(0x20), 0x7F)),
        "", " ", ".", "..", "a", "a/b", "?a=b", "#a", "evil.example", "@evil.example", ":80",
        "/a%", "/a%2", "/a%zz", "/%ff", "/%c0%af/evil.example", "/a//b", "/a/./b", "/a/../b",
        "/a/..", "/a/.", "/%2e%2e/a", "/%EF%BC%8F%EF%BC%8Fevil.example", "/%EF%BC%8F/evil.example",
        "/\u202eevil", "/\ufeff/evil.example", "/\ud800", "/" + "a" * LONGEST, "/%25" * 600,
        "/%25252525252f/evil.example", "/a\\b", "/<script>", '/"', "/a|b", "/{a}", "/^", "/`",
    }
)  # fmt: skip


@pytest.mark.holds(18)
def test_there_are_enough_hostile_places() -> None:
    """The list has the breadth that the requirement asks for."""
    assert len(HOSTILE) >= 500


@pytest.mark.holds(18)
def test_hostile_places_are_refused() -> None:
    """None of them is accepted, and none is quietly replaced by another place."""
    assert [place for place in HOSTILE if refusal(place) is None] == []


@pytest.mark.holds(18)
def test_the_refusal_names_the_parameter() -> None:
    """The problem points to returnTo and does not repeat what was sent."""
    refused = refusal("//evil.example")
    assert refused is not None
    assert [fault.pointer for fault in refused.errors] == ["/query/returnTo"]
    assert "evil" not in f"{refused.detail}{refused.reason}{refused.errors}"


def refusal(place: str) -> Malformed | None:
    try:
        check(place)
    except Malformed as refused:
        return refused
    return None


@pytest.mark.holds(18)
@pytest.mark.parametrize(
    "place",
    [
        "/",
        "/campaigns",
        "/campaigns/",
        "/teams/team-acme-brand/campaigns?status=ACTIVE&page=2#row-7",
        "/a?next=https://elsewhere.example//x",
        "/a?discount=100%25",
        "/caf%C3%A9/%E6%97%A5%E6%9C%AC",
        "/a%20b?q=%2F%2F",
        "/~user/a.b/...x;v=1",
        "/" + "a" * (LONGEST - 1),
    ],
)
def test_paths_of_our_own_are_kept(place: str) -> None:
    """A path of this origin is kept to the letter, with its query and fragment."""
    assert check(place) == place


@pytest.mark.holds(18)
def test_login_refuses_over_http(browser: Browser) -> None:
    """Over HTTP a hostile place is a 400 with nothing set and nobody redirected."""
    for place in (one for one in HOSTILE[::37] if one.isprintable()):
        answer = browser.http.get("/auth/login?returnTo=" + quote(place, safe=""))
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), place
        assert "set-cookie" not in answer.headers
        assert "location" not in answer.headers
