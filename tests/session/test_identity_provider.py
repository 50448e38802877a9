"""A provider that misbehaves: nobody is signed in, nothing is given away, nothing breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import Key, OctKey, OKPKey, RSAKey
from starlette.responses import Response

from app.clock import MovableClock
from app.errors import UpstreamUnavailable
from app.session.kept import Kept

from .browser import Browser, set_cookies
from .conftest import World
from .host_tokens import raw_token
from .small_provider import CLIENT_ID, SmallProvider, new_key


def attempt(world: World, browser: Browser) -> httpx2.Response:
    return browser.finish(world.provider.approve(browser.start(), "ana"))


def refused(world: World, browser: Browser, status: int) -> None:
    """The attempt fails with that status, the login's cookie is cleared, and no secret is told."""
    brought = world.provider.approve(browser.start(), "ana")
    answer = browser.finish(brought)
    assert answer.status_code == status, answer.text
    assert browser.session_cookie is None
    assert "Max-Age=0" in set_cookies(answer)[0]
    told = answer.text + repr(world.gateway.lines)
    assert brought["code"] not in told
    assert brought["state"] not in told
    assert world.gateway.lines[-1]["event"] == "session.refused"


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
    refused(world, browser, 401)


@pytest.mark.holds(25)
def test_missing_claims(world: World, browser: Browser) -> None:
    """Each claim that OpenID Connect demands is demanded."""
    for name in ("iss", "sub", "aud", "exp", "iat", "nonce"):
        world.provider.dropped = {name}
        refused(world, browser, 401)


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
    refused(world, browser, 401)


@pytest.mark.parametrize("bend", [lambda _: None, lambda _: 1, lambda _: {"a": 1}])
def test_no_token(world: World, browser: Browser, bend: Callable[[str], object]) -> None:
    """A token answer without an ID token is the provider's failure."""
    world.provider.bend_token = bend
    refused(world, browser, 503)


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=500),
        Response("{}", 200),
        Response("[]", 200),
        Response("no", 200),
        Response("[" * 100_000, 200),
        Response(b"\xff\xfe{}", 200),
        Response('{"error":"invalid_client"}', 401),
        Response('{"error":"invalid_request"}', 400),
        Response("", 302, {"Location": "https://evil.example"}),
    ],
)
def test_a_failing_token_endpoint(world: World, browser: Browser, answer: Response) -> None:
    """Whatever it answers instead of tokens is a 503 that speaks of signing in."""
    world.provider.failing["/token"] = answer
    refused(world, browser, 503)


def new_login(browser: Browser) -> tuple[int, str]:
    answer = browser.http.get("/auth/login")
    return answer.status_code, answer.json()["code"] if answer.status_code != 303 else ""


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://evil.example/keys#fragment"},
    ],
)
def test_bad_metadata(world: World, browser: Browser, change: dict[str, Any]) -> None:
    """Metadata of another issuer, or with addresses that could be read on the way, is not used."""
    world.provider.metadata |= change
    assert new_login(browser) == (503, "upstream-unavailable")


def test_discovery_recovers(world: World, browser: Browser) -> None:
    """A provider that was away is asked again by the next login."""
    path = "/.well-known/openid-configuration"
    world.provider.failing[path] = Response(status_code=502)
    assert new_login(browser)[0] == 503
    del world.provider.failing[path]
    assert new_login(browser)[0] == 303


def test_documents_are_kept_for_an_hour(world: World, browser: Browser) -> None:
    """Metadata and keys are fetched once an hour, and serve on while the provider is away."""
    documents = ["/.well-known/openid-configuration", "/jwks"]
    for _ in range(3):
        assert attempt(world, browser).status_code == 303
    assert [one for one in world.provider.fetched if one != "/token"] == documents
    world.clock.advance(3601)
    assert attempt(world, browser).status_code == 303
    assert [one for one in world.provider.fetched if one != "/token"] == documents * 2
    world.clock.advance(3601)
    world.provider.failing = dict.fromkeys(documents, Response(status_code=503))
    assert attempt(world, browser).status_code == 303


def test_key_rotation(world: World, browser: Browser) -> None:
    """An unknown key id is a reason to look again, at most every thirty seconds."""
    assert attempt(world, browser).status_code == 303
    rotate(world.provider, "second")
    world.clock.advance(31)
    assert attempt(world, browser).status_code == 303
    rotate(world.provider, "third")
    for _ in range(3):
        assert attempt(world, browser).status_code == 401
    assert world.provider.fetched.count("/jwks") == 2
    world.clock.advance(31)
    assert attempt(world, browser).status_code == 303


def rotate(provider: SmallProvider, kid: str) -> None:
    provider.key = new_key(kid)
    provider.listed = [provider.key.as_dict(private=False)]
    provider.header = {"alg": "ES256", "kid": kid}


@pytest.mark.parametrize(("alg", "kid"), [("RS256", "rsa"), ("PS256", "rsa"), ("EdDSA", "okp")])
def test_other_algorithms(world: World, browser: Browser, alg: str, kid: str) -> None:
    """RSA and Edwards keys verify too, beside entries of the key set that make no sense."""
    keys: dict[str, Key] = {"rsa": RSAKey.generate_key(2048, {"kid": "rsa"}), "okp": OKPKey.generate_key("Ed25519", {"kid": "okp"})}  # fmt: skip
    world.provider.key = keys[kid]
    world.provider.header = {"alg": alg, "kid": kid}
    odd: list[Any] = [None, [], {}, {"kty": "XYZ"}, {"kty": []}, {"kty": "RSA", "n": 1}, {"kty": "EC", "crv": "P-256"}]  # fmt: skip
    world.provider.listed = odd + [key.as_dict(private=False) for key in keys.values()]
    if alg == "EdDSA":
        with pytest.warns(match="EdDSA"):  # the signer's: it is the old name of Ed25519
            assert attempt(world, browser).status_code == 303
    else:
        assert attempt(world, browser).status_code == 303


def weak_key() -> Key:
    with pytest.warns(SecurityWarning):
        return RSAKey.generate_key(1024, {"kid": "k"})


@pytest.mark.holds(33)
@pytest.mark.parametrize(
    ("key", "header", "changes"),
    [
        (weak_key(), {"alg": "RS256", "kid": "k"}, {}),
        (OctKey.import_key("s" * 32, {"kid": "k"}), {"alg": "HS256", "kid": "k"}, {}),
        (new_key("k"), {"alg": "ES256", "kid": "k"}, {"use": "enc"}),
        (new_key("k"), {"alg": "ES256", "kid": "k"}, {"alg": "ES384"}),
        (new_key("k"), {"alg": "ES256", "kid": "other"}, {}),
    ],
)
def test_keys_that_must_not_verify(
    world: World, browser: Browser, key: Any, header: dict[str, Any], changes: dict[str, str]
) -> None:
    """Weak, shared, misnamed keys and keys for other purposes verify nothing, though published."""
    world.provider.key, world.provider.header = key, header
    world.provider.listed = [key.as_dict(private=False) | changes]
    refused(world, browser, 401)


def test_a_token_without_key_id(world: World, browser: Browser) -> None:
    """Without a key id the one key that fits is used; among two nobody guesses."""
    world.provider.header = {"alg": "ES256"}
    assert attempt(world, browser).status_code == 303
    world.provider.listed.append(new_key("second").as_dict(private=False))
    world.clock.advance(3601)
    assert attempt(world, browser).status_code == 401


def test_the_provider_cannot_be_reached(world: World, browser: Browser) -> None:
    """A provider that nobody listens for is a 503, on the way there and on the way back."""
    world.provider.metadata["token_endpoint"] = "http://127.0.0.1:9/token"
    refused(world, browser, 503)


def test_loading_once_for_all() -> None:
    """Many who wait cause one load, share its failure, and one who leaves disturbs nobody."""

    async def story() -> None:
        gate, loads = asyncio.Event(), 0

        async def load() -> str:
            nonlocal loads
            loads += 1
            await gate.wait()
            if loads == 1:
                raise UpstreamUnavailable
            return "value"

        kept = Kept(load, seconds=60, retry=30, clock=MovableClock())
        waiting = [asyncio.create_task(kept.get()) for _ in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.set()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert loads == 1
        assert isinstance(ends[0], asyncio.CancelledError)
        assert {type(one) for one in ends[1:]} == {UpstreamUnavailable}
        assert await kept.get() == "value"
        await kept.close()

    asyncio.run(story())


def test_closing_ends_a_load() -> None:
    """A load under way ends with its owner."""

    async def story() -> None:
        kept = Kept(asyncio.Event().wait, seconds=60, retry=30, clock=MovableClock())
        waiting = asyncio.create_task(kept.get())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await kept.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await Kept(asyncio.Event().wait, seconds=60, retry=30, clock=MovableClock()).close()

    asyncio.run(story())
