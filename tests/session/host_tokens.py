"""Host tokens as a product would sign them, and as an attacker would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jose import jwt

ISSUER = "https://product.example"
AUDIENCE = "ads"
SECRET = "a secret that the product shares, long enough"

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def private_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: PrivateKey) -> str:
    return key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip


def public_der(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def claims(now: float, **changes: Any) -> dict[str, Any]:
    """Claims that are accepted; a change of None leaves one out."""
    start = int(now)
    good: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "cleo",
        "iat": start,
        "nbf": start,
        "exp": start + 600,
        "name": "Cleo",
        "enterprises": "acme",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(payload: dict[str, Any], key: str = SECRET, alg: str = "HS256", **header: Any) -> str:
    """Signed by the library, with its header extended."""
    return jwt.encode(payload, key, algorithm=alg, headers=header)


def raw_token(header: object, payload: object, key: bytes = SECRET.encode()) -> str:
    """HMAC-signed by hand."""
    return compact(header, payload, lambda parts: hmac.new(key, parts, hashlib.sha256).digest())


def compact(header: object, payload: object, sign: Callable[[bytes], bytes]) -> str:
    """Put together by hand: texts and bytes are taken as they are, so that even broken JSON can be signed."""
    parts = ".".join(b64(_packed(one)) for one in (header, payload))
    return f"{parts}.{b64(sign(parts.encode()))}"


def _packed(part: object) -> bytes:
    if isinstance(part, bytes):
        return part
    return (part if isinstance(part, str) else json.dumps(part)).encode()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
