"""Which keys of a published set count."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.session.key_set import MOST_KEYS, KeySet
from app.session.registered_claims import TokenRefused

from .host_tokens import EC_KEY, b64
from .signers import jwk_of, signer

RSA, EC, OKP = (signer(name, "k").published() for name in ("RS256", "ES256", "EdDSA"))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def read(*listed: Any) -> KeySet:
    return KeySet.read({"keys": list(listed)})


def small(bits: int) -> dict[str, Any]:
    """A modulus of so many bits; whether it has factors does not matter here."""
    return {"kty": "RSA", "e": "AQAB", "n": b64(((1 << (bits - 1)) + 1).to_bytes(bits // 8, "big"))}


@pytest.mark.parametrize(
    ("listed", "algorithms"),
    [
        (RSA, {"RS256", "PS256"}),
        (EC, {"ES256"}),
        (OKP, {"EdDSA", "Ed25519"}),
        (RSA | {"use": "sig", "alg": "PS256", "key_ops": ["verify"]}, {"PS256"}),
        (EC | {"x5c": [1], "x5t": None, "anything": {}}, {"ES256"}),
    ],
)
def test_usable_keys(listed: dict[str, Any], algorithms: set[str]) -> None:
    """A key verifies what its kind is made for, or the one algorithm that it names; the rest is not read."""
    (key,) = read(listed).keys
    assert key.id == "k"
    assert set(key.algorithms) == algorithms


@pytest.mark.holds(33)
@pytest.mark.parametrize(
    "listed",
    [
        None,
        [],
        "EC",
        {},
        {"kty": "XYZ"},
        {"kty": []},
        {"kty": "oct", "k": b64(b"s" * 32), "kid": "k"},
        {"kty": "RSA", "n": 1},
        {"kty": "RSA", "n": "é" * 400, "e": "AQAB"},
        small(1024),
        small(2040),
        {**small(1024), "n": "A" * 400 + small(1024)["n"]},
        small(16384),
        RSA | {"e": "AQ"},
        RSA | {"kty": "EC"},
        RSA | {"use": "enc"},
        RSA | {"use": None},
        RSA | {"key_ops": ["sign"]},
        RSA | {"key_ops": "verify"},
        RSA | {"alg": "HS256"},
        RSA | {"alg": "RSA-OAEP"},
        RSA | {"alg": ["RS256"]},
        RSA | {"d": "AQAB"},
        RSA | {"kid": 7},
        RSA | {"kid": {}},
        RSA | {"kid": "k" * 257},
        EC | {"alg": "ES384"},
        EC | {"crv": "P-384"},
        EC | {"crv": []},
        EC | {"x": EC["y"]},
        EC | {"y": None},
        jwk_of(ec.generate_private_key(ec.SECP256R1())) | {"crv": "secp256k1"},
        OKP | {"crv": "X25519"},
        OKP | {"crv": "Ed448"},
        OKP | {"x": "AAAA"},
    ],
)
def test_keys_that_are_ignored(listed: object) -> None:
    """Weak, shared, private, misnamed, unreadable keys and keys for other purposes do not count, others do."""
    found = read(listed, EC)
    assert [key.algorithms for key in found.keys] == [{"ES256"}]
    assert found.ignored == 1


@settings(max_examples=200, deadline=None)
@given(members=st.dictionaries(st.sampled_from(["kty", "crv", "n", "e", "x", "y", "use", "alg", "kid", "key_ops"]), _JSON))  # fmt: skip
def test_any_member_may_be_garbage(members: dict[str, Any]) -> None:
    """Whatever stands in a member, the key is usable or ignored, and the others are read."""
    for good in (RSA, EC, OKP):
        found = read(good | members, EC | {"kid": "beside"})
        assert found.pick("beside", "ES256") is not None


def test_at_most_fifty_are_read() -> None:
    """The first fifty entries are looked at, however many are sent."""
    found = read(*[None] * (MOST_KEYS - 1), EC, RSA)
    assert [key.algorithms for key in found.keys] == [{"ES256"}]
    assert found.ignored == MOST_KEYS


def test_one_id_for_several_keys() -> None:
    """Listed twice a key counts once; keys of different kinds may share an id; two that fit are none."""
    assert len(read(EC, EC).keys) == 1
    mixed = read(EC, RSA)
    assert [bool(mixed.pick("k", name)) for name in ("ES256", "RS256", "EdDSA")] == [True, True, False]  # fmt: skip
    other = jwk_of(ec.generate_private_key(ec.SECP256R1())) | {"kid": "k"}
    with pytest.raises(TokenRefused):
        read(EC, other).pick("k", "ES256")


def test_the_version_tells_sets_apart() -> None:
    """Order and repetition do not change it; a key, an id or an algorithm does."""
    version = read(EC, RSA).version
    assert read(RSA, EC, EC, None).version == version
    changed = [
        read(EC),
        read(EC, RSA | {"kid": "other"}),
        read(EC, RSA | {"alg": "RS256"}),
        read(EC, jwk_of(rsa.generate_private_key(65537, 2048)) | {"kid": "k"}),
        read(),
    ]
    assert len({version, *(one.version for one in changed)}) == len(changed) + 1


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": "k"}, RSA])
def test_no_key_set(document: dict[str, Any]) -> None:
    """A document without a list of keys is no key set, which is told from an empty one."""
    with pytest.raises(ValueError, match="key set"):
        KeySet.read(document)
    assert read().keys == ()


def test_keys_show_themselves_nowhere() -> None:
    """Neither a key's numbers nor the version is in a set's repr."""
    found = read(EC)
    assert EC["x"] not in repr(found)
    assert found.version not in repr(found)
    assert str(EC_KEY.private_numbers().private_value) not in repr(found)
