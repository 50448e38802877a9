"""Which of a provider's published keys verify, and when they are looked up again."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import Key, OctKey, OKPKey, RSAKey

from .attempts import attempt, refused
from .browser import Browser
from .conftest import World
from .small_provider import SmallProvider, new_key


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
    refused(world, browser)


def test_a_token_without_key_id(world: World, browser: Browser) -> None:
    """Without a key id the one key that fits is used; among two nobody guesses."""
    world.provider.header = {"alg": "ES256"}
    assert attempt(world, browser).status_code == 303
    world.provider.listed.append(new_key("second").as_dict(private=False))
    world.clock.advance(3601)
    assert attempt(world, browser).status_code == 401


def test_keys_for_other_purposes_confuse_nobody(world: World, browser: Browser) -> None:
    """Without a key id, keys for encryption or for other algorithms do not come into question."""
    key = RSAKey.generate_key(2048)
    public = key.as_dict(private=False)
    world.provider.key, world.provider.header = key, {"alg": "RS256"}
    other = RSAKey.generate_key(2048).as_dict(private=False)
    world.provider.listed = [other | {"use": "enc"}, other | {"alg": "PS256"}, public]
    assert attempt(world, browser).status_code == 303


@pytest.mark.holds(33)
def test_critical_headers_are_refused(world: World, browser: Browser) -> None:
    """A header that demands understanding is refused, though the library understands it."""
    world.provider.header |= {"crit": ["b64"], "b64": True}
    refused(world, browser)
