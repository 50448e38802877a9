"""ID tokens that must sign nobody in, however well they are presented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .attempts import attempt, refused
from .browser import Browser
from .conftest import World
from .host_tokens import raw_token
from .small_provider import CLIENT_ID


@pytest.mark.holds(25)
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": [CLIENT_ID, "other"]},
        {"aud": [CLIENT_ID, "other"], "azp": "other"},
        {"azp": "other"},
        {"nonce": "x"},
        {"nonce": 1},
        {"nonce": "é"},
        {"sub": ""},
        {"sub": 1},
        {"sub": "a/b"},
        {"exp": "9999999999"},
        {"exp": 1},
        {"exp": True},
        {"iat": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"enterprises": 1},
        {"enterprises": [1]},
    ],
)
def test_bad_claims(world: World, browser: Browser, claims: dict[str, Any]) -> None:
    """A well-signed ID token that says the wrong thing signs nobody in."""
    world.provider.claims = claims
    refused(world, browser)


@pytest.mark.holds(25)
def test_missing_claims(world: World, browser: Browser) -> None:
    """Each claim that OpenID Connect demands is demanded."""
    for name in ("iss", "sub", "aud", "exp", "iat", "nonce"):
        world.provider.dropped = {name}
        refused(world, browser)


@pytest.mark.holds(94)
@pytest.mark.parametrize(
    ("name", "offset", "status"),
    [("exp", -110, 303), ("exp", -130, 401), ("iat", 110, 303), ("iat", 130, 401)],
)
def test_skew(world: World, browser: Browser, name: str, offset: int, status: int) -> None:
    """The provider's clock may differ by two minutes."""
    world.provider.claims = {name: int(world.clock.now()) + offset}
    assert attempt(world, browser).status_code == status


def test_several_audiences_with_our_name(world: World, browser: Browser) -> None:
    """Among several audiences the token is ours when azp says so."""
    world.provider.claims = {"aud": ["other", CLIENT_ID], "azp": CLIENT_ID}
    assert attempt(world, browser).status_code == 303


def _cut(token: str) -> str:
    return token[:-6] + "AAAAAA"


def _unsigned(token: str) -> str:
    return raw_token({"alg": "none"}, {}).split(".")[0] + "." + token.split(".")[1] + "."


def _as_hmac(token: str) -> str:
    return raw_token({"alg": "HS256", "kid": "first"}, {"sub": "ana"}, b"x" * 32)


@pytest.mark.holds(25, 33)
@pytest.mark.parametrize(
    "bend",
    [
        _cut,
        _unsigned,
        _as_hmac,
        lambda _: "",
        lambda _: "a.b.c",
        lambda _: "é.é.é",
        lambda _: "a" * 70_000,
        lambda _: raw_token("[]", "[]"),
        lambda _: raw_token('{"alg":["ES256"]}', "{}"),
        lambda _: raw_token('{"alg":"ES256","kid":{}}', "{}"),
        lambda _: raw_token('{"alg":"ES256","kid":"first","crit":["x"]}', "{}"),
        lambda _: raw_token('{"alg":"ES256","a":' + "[" * 4000 + "]" * 4000 + "}", "{}"),
    ],
)
def test_bad_tokens(world: World, browser: Browser, bend: Callable[[str], object]) -> None:
    """An ID token that is unsigned, forged or no token at all signs nobody in."""
    world.provider.bend_token = bend
    refused(world, browser)
