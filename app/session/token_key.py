"""The one key of our own that host tokens are verified with, refused when it invites forgery.

python-jose takes an empty secret, or a public key as an HMAC secret (CVE-2026-120459,
CVE-2026-85394), so a key is judged here before a library sees it.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from cryptography.x509 import load_der_x509_certificate
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from app.session.key_set import LEAST_RSA_BITS, VerificationKey, algorithms_of

LEAST_SECRET_BYTES = 32


class KeyRefused(Exception):
    """The key cannot be used; the message says why and never shows it."""


def shared(secret: str) -> VerificationKey:
    """The key for HS256 from a shared secret."""
    raw = secret.encode()
    if len(raw) < LEAST_SECRET_BYTES:
        raise KeyRefused("a shared secret must have 32 bytes or more")
    if b"-----BEGIN" in raw or raw.startswith((b"ssh-", b"ecdsa-")) or _is_public(raw):
        raise KeyRefused("a public key is no shared secret")
    return _usable(OctKey.import_key(raw))


def public(pem: str) -> VerificationKey:
    """The key from a PEM public key, for the algorithms that such a key is made for."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError):
        raise KeyRefused("not a PEM public key") from None
    try:
        match key:
            case rsa.RSAPublicKey() if key.key_size >= LEAST_RSA_BITS:
                return _usable(RSAKey.import_key(pem))
            case ec.EllipticCurvePublicKey():
                return _usable(ECKey.import_key(pem))
            case ed25519.Ed25519PublicKey():
                return _usable(OKPKey.import_key(pem))
            case _:
                raise KeyRefused(_KINDS)
    except (JoseError, ValueError, TypeError):
        raise KeyRefused("the key cannot be read") from None


def _usable(key: Key) -> VerificationKey:
    algorithms = algorithms_of(key)
    if not algorithms:
        raise KeyRefused(_KINDS)
    return VerificationKey(None, algorithms, key)


_KINDS = "use an RSA key of 2048 to 8192 bits, a P-256 key or an Ed25519 key"


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
