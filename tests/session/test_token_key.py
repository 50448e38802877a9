"""Keys that would let anybody sign are refused, when the gateway starts."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from app.session.host_keys import OwnKey
from app.session.token_key import KeyRefused, shared
from app.settings import JwtSettings, SettingsFault
from app.settings_check import PUBLIC_KEY_ALGORITHMS

from .host_tokens import EC_KEY, RSA_KEY, SECRET, private_pem, public_der, public_pem


@pytest.mark.holds(33)
@pytest.mark.parametrize(
    "secret",
    [
        "",
        " " * 5,
        "a" * 31,
        public_pem(RSA_KEY),
        private_pem(EC_KEY),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        base64.b64encode(public_der(RSA_KEY)).decode(),
        base64.urlsafe_b64encode(public_der(EC_KEY)).decode(),
        base64.b64encode(public_der(EC_KEY)).decode().rstrip("="),
        "ssh-rsa " + "A" * 60,
        "ecdsa-sha2-nistp256 " + "A" * 60,
    ],
)
def test_no_shared_secret(secret: str) -> None:
    """Too short a text is no secret, and neither is a public key in any of its usual forms."""
    with pytest.raises(KeyRefused) as refused:
        shared(secret)
    assert secret.strip() == "" or secret not in str(refused.value)


@pytest.mark.holds(33)
def test_a_secret_shows_itself_nowhere() -> None:
    """A good secret is accepted, and its key's repr lacks it."""
    assert SECRET not in repr(shared(SECRET))


def other_keys() -> dict[str, bytes]:
    keys: dict[str, Any] = {
        "small rsa": rsa.generate_private_key(65537, 1024),
        "p-384": ec.generate_private_key(ec.SECP384R1()),
        "ed448": ed448.Ed448PrivateKey.generate(),
        "x25519": x25519.X25519PrivateKey.generate(),
    }
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {name: key.public_key().public_bytes(*form) for name, key in keys.items()} | {
        "private": private_pem(RSA_KEY).encode(),
        "der": public_der(RSA_KEY),
        "empty": b"",
        "text": b"nothing",
    }


@pytest.mark.holds(33)
@pytest.mark.parametrize("name", other_keys())
def test_unusable_public_keys_do_not_start(tmp_path: Path, name: str) -> None:
    """A weak, private, unknown or unreadable key stops the start with a sentence."""
    file = tmp_path / "key"
    file.write_bytes(other_keys()[name])
    chosen = JwtSettings(
        issuer="i",
        audience="a",
        algorithms=tuple(sorted(PUBLIC_KEY_ALGORITHMS)),
        public_key_file=file,
    )
    with pytest.raises(SettingsFault, match="BFF_IDENTITY__JWT"):
        OwnKey(chosen)


@pytest.mark.holds(33)
def test_key_and_algorithms_must_agree(tmp_path: Path) -> None:
    """A key for an algorithm that the settings do not name does not start."""
    file = tmp_path / "key"
    file.write_text(public_pem(EC_KEY))
    for chosen in (
        JwtSettings(issuer="i", audience="a", algorithms=("RS256",), public_key_file=file),
        JwtSettings(issuer="i", audience="a", algorithms=("RS256",), secret=SecretStr(SECRET)),
    ):
        with pytest.raises(SettingsFault, match="ALGORITHMS"):
            OwnKey(chosen)
