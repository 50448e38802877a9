"""Host tokens over HTTP that are good, or were a moment ago."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from app.errors import Unauthenticated

from .host_tokens import (
    AUDIENCE,
    claims,
    raw_token,
    token,
)
from .trusting import HS256, ask, now, own_key, verified


def test_a_good_token_signs_in(http: httpx2.Client) -> None:
    """The token's user is the caller; CSRF headers are not asked for, since no browser adds it."""
    answer = ask(http, token(claims(now())))
    assert answer.json() == {
        "user": "cleo",
        "name": "Cleo",
        "enterprises": ["acme"],
        "via": "host-jwt",
        "idleSecondsLeft": None,
        "absoluteSecondsLeft": pytest.approx(600, abs=3),
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "header", [{"typ": "at+jwt"}, {"typ": "application/at+jwt"}, {"kid": "any"}, {"jku": "https://evil.example"}]
)  # fmt: skip
def test_harmless_headers(http: httpx2.Client, header: dict[str, Any]) -> None:
    """The types of RFC 9068 are fine, a key id is a hint, and addresses of keys are not followed."""
    assert ask(http, token(claims(now()), **header)).status_code == 200


def test_a_token_without_a_type_is_fine(http: httpx2.Client) -> None:
    """`typ` is optional, and `aud` may be a list that names us."""
    payload = claims(now(), aud=["other", AUDIENCE])
    assert ask(http, raw_token({"alg": "HS256"}, payload)).status_code == 200


@pytest.mark.holds(33)
def test_a_megabyte_is_refused_at_once() -> None:
    """A token of a megabyte is refused unread; over HTTP the server's own limit comes first."""
    with pytest.raises(Unauthenticated):
        verified(own_key(), raw_token(HS256, claims(now(), pad="a" * 1_000_000)))


@pytest.mark.holds(94)
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"exp": -115, "iat": -900, "nbf": -900}, 200),
        ({"exp": -125, "iat": -900, "nbf": -900}, 401),
        ({"nbf": 115}, 200),
        ({"nbf": 125}, 401),
        ({"iat": 115}, 200),
        ({"iat": 125}, 401),
    ],
)
def test_skew(http: httpx2.Client, changes: dict[str, int], status: int) -> None:
    """Clocks may differ by two minutes, in either direction, and no more."""
    time = int(now())
    moved = {name: time + seconds for name, seconds in changes.items()}
    assert ask(http, token(claims(time, **moved))).status_code == status
