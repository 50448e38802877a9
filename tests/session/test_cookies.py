"""Cookies as bytes: what is read, what is ignored, what is written."""

from __future__ import annotations

import pytest

from app.errors import Malformed
from app.session.cookies import CookieRules, Pairs, one, parse
from app.settings import SettingsFault

SECURE = CookieRules.of("https://app.example.com")
ID = "x" * 43


def cookies(*lines: bytes) -> Pairs:
    return parse([(b"host", b"app.example.com"), *((b"cookie", line) for line in lines)])


@pytest.mark.holds(9)
@pytest.mark.parametrize(
    "line",
    [
        b"\xa0__Host-bff=evil",
        b"\x85__Host-bff=evil",
        b"\xc2\xa0__Host-bff=evil",
        b"\xe2\x80\x8b__Host-bff=evil",
        b"\x0b__Host-bff=evil",
        b"\x0c__Host-bff=evil",
        b"\x00__Host-bff=evil",
        b"__Host-bff =evil",
        b"__Host-bff\t=evil",
        b'"__Host-bff"=evil',
        b"__host-bff=evil",
        b"__HOST-BFF=evil",
        b"__Host-bff",
        b"=__Host-bff=evil",
        b"$__Host-bff=evil",
        b"__Host-bff[]=evil",
        b"$Version=1",
        b"$Version=1; $Path=/",
        b'a="b',
        b";;; ;=;",
        b"a,__Host-bff=evil",
    ],
)
def test_odd_cookies_are_never_ours(line: bytes) -> None:
    """A pair that is not exactly ours neither matches nor disturbs the real one beside it."""
    assert one(cookies(line), SECURE.session) is None
    for sent in ([line + b"; __Host-bff=" + ID.encode()], [line, b"__Host-bff=" + ID.encode()]):
        assert one(cookies(*sent), SECURE.session) == ID


@pytest.mark.holds(9)
@pytest.mark.parametrize(
    "lines",
    [
        [b"__Host-bff=a; __Host-bff=a"],
        [b"__Host-bff=a; b=c; __Host-bff=d"],
        [b"__Host-bff=a", b"__Host-bff=b"],
        [b"__Host-bff=; __Host-bff=b"],
        [b'a="x; __Host-bff=a; y"; __Host-bff=b'],
    ],
)
def test_the_session_twice_is_refused(lines: list[bytes]) -> None:
    """Two session cookies name nobody, even when they are equal."""
    with pytest.raises(Malformed):
        one(cookies(*lines), SECURE.session)


@pytest.mark.holds(9)
@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'__Host-bff="quoted"', '"quoted"'),
        (b"__Host-bff=a=b==", "a=b=="),
        (b"__Host-bff=", ""),
        (b" \t__Host-bff=padded\t ", "padded"),
        (b"a=b;__Host-bff=tight;c=d", "tight"),
        (b"__Host-bff=\xff\xfe", "\xff\xfe"),
    ],
)
def test_values_are_taken_as_they_are(line: bytes, value: str) -> None:
    """Quotes, equals signs and odd bytes belong to the value; blanks around a pair do not."""
    assert one(cookies(line), SECURE.session) == value


def test_split_cookie_headers_are_one() -> None:
    """HTTP/2 may send each cookie in a header of its own."""
    assert cookies(b"a=1", b"b=2; c=3") == (("a", "1"), ("b", "2"), ("c", "3"))


@pytest.mark.holds(1, 2, 3, 4, 5, 6)
def test_attributes_on_https() -> None:
    """Every cookie is __Host-, Secure, HttpOnly, for the whole path and for no domain."""
    lines = {
        SECURE.start_session(ID): "__Host-bff="
        + ID
        + "; Path=/; HttpOnly; Secure; SameSite=Strict",
        SECURE.end_session(): "__Host-bff=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0",
        SECURE.start_login("i", "s"): (
            "__Host-bff-login-i=s; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600"
        ),
        SECURE.end_login("i"): (
            "__Host-bff-login-i=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0"
        ),
    }
    for written, expected in lines.items():
        assert written == expected


@pytest.mark.holds(1, 6, 7)
@pytest.mark.parametrize(
    "origin", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"]
)
def test_plain_loopback_has_names_of_its_own(origin: str) -> None:
    """The insecure cookie exists on this machine only, under a name that says so."""
    rules = CookieRules.of(origin)
    assert rules.start_session(ID) == f"bff-dev={ID}; Path=/; HttpOnly; SameSite=Strict"
    assert rules.login_prefix == "bff-dev-login-"


@pytest.mark.holds(7)
@pytest.mark.parametrize(
    "origin", ["http://app.example.com", "http://10.0.0.1", "ftp://localhost.x"]
)
def test_plain_http_elsewhere_does_not_start(origin: str) -> None:
    """No rules exist for an origin where cookies could not be Secure."""
    with pytest.raises(SettingsFault):
        CookieRules.of(origin)


def test_logins_are_found_by_their_exact_names() -> None:
    """Only names with a well-formed id are logins, and the session is none of them."""
    good = "A" * 22
    pairs = cookies(
        b"__Host-bff=x; __Host-bff-login-=a; __Host-bff-login-short=b; "
        b"__Host-bff-login-" + good.encode() + b"=c; bff-dev-login-" + good.encode() + b"=d"
    )
    assert SECURE.logins(pairs) == {good: "c"}
