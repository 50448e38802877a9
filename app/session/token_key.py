"""The one key that host tokens are verified with, refused when it invites forgery.

python-jose takes an empty secret, or a public key as an HMAC secret (CVE-2026-120459,
CVE-2026-85394), so a key is judged here before the library sees it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from cryptography.x509 import load_der_x509_certificate
from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JOSEError

LEAST_SECRET_BYTES = 32
LEAST_RSA_BITS = 2048


class KeyRefused(Exception):
    """The key cannot be used; the message says why and never shows it."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key with the only algorithm that it is used for. `version` changes with the material."""

    algorithm: str
    version: str
    material: Key = field(repr=False)


def shared(secret: str) -> TokenKey:
    """The key for HS256 from a shared secret."""
    raw = secret.encode()
    if len(raw) < LEAST_SECRET_BYTES:
        raise KeyRefused("a shared secret must have 32 bytes or more")
    if b"-----BEGIN" in raw or raw.startswith((b"ssh-", b"ecdsa-")) or _is_public(raw):
        raise KeyRefused("a public key is no shared secret")
    return _built("HS256", raw)


def public(pem: str) -> TokenKey:
    """The key for RS256 or ES256, whichever the PEM public key is made for."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError):
        raise KeyRefused("not a PEM public key") from None
    match key:
        case rsa.RSAPublicKey() if key.key_size >= LEAST_RSA_BITS:
            return _built("RS256", pem.encode())
        case ec.EllipticCurvePublicKey() if isinstance(key.curve, ec.SECP256R1):
            return _built("ES256", pem.encode())
    raise KeyRefused("use an RSA key of 2048 bits or more, or a P-256 key")


def _built(algorithm: str, raw: bytes) -> TokenKey:
    try:
        material = jwk.construct(raw, algorithm)
    except (JOSEError, ValueError, TypeError):
        raise KeyRefused("the key cannot be read") from None
    version = hashlib.sha256(algorithm.encode() + b"\0" + raw).hexdigest()
    return TokenKey(algorithm, version, material)


def _is_public(raw: bytes) -> bool:
    """Whether the bytes are a public key or certificate in DER, as they stand or in base64."""
    return any(_is_der(form) for form in (raw, _unwrapped(raw)))


def _is_der(raw: bytes) -> bool:
    for load in (load_der_public_key, load_der_x509_certificate):
        try:
            load(raw)
        except Exception:  # noqa: BLE001, S112  # whatever it says, it is not one of these
            continue
        return True
    return False


def _unwrapped(raw: bytes) -> bytes:
    try:
        return base64.b64decode(raw.translate(bytes.maketrans(b"-_", b"+/")) + b"==")
    except (binascii.Error, ValueError):
        return b""
