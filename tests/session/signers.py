"""Signers of host tokens, one per algorithm, made of primitives: no engine judges its own work."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import partial
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey, OKPKey, RSAKey

from .host_tokens import EC_KEY, ED_KEY, RSA_KEY, SECRET, PrivateKey, compact, public_pem

_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


@dataclass(frozen=True)
class Signer:
    """Signs by one algorithm; `key_id` is its `kid`, if it names one."""

    algorithm: str
    key: PrivateKey | bytes
    key_id: str | None = None

    @property
    def header(self) -> dict[str, Any]:
        named = {} if self.key_id is None else {"kid": self.key_id}
        return {"alg": self.algorithm, "typ": "JWT", **named}

    def token(self, payload: object, **header: Any) -> str:
        """With additions to the header that is usual."""
        return self.raw(self.header | header, payload)

    def raw(self, header: object, payload: object) -> str:
        return compact(header, payload, partial(sign, self.algorithm, self.key))

    def published(self, **members: Any) -> dict[str, Any]:
        """The public key as a JWK Set lists it."""
        named = {} if self.key_id is None else {"kid": self.key_id}
        return jwk_of(self.key) | named | members


def sign(algorithm: str, key: PrivateKey | bytes, data: bytes) -> bytes:
    """The signature; RS256 and PS256 are told apart by the name, all others by the key."""
    match key:
        case bytes():
            return hmac.new(key, data, hashlib.sha256).digest()
        case rsa.RSAPrivateKey():
            scheme = _PSS if algorithm == "PS256" else padding.PKCS1v15()
            return key.sign(data, scheme, hashes.SHA256())
        case ec.EllipticCurvePrivateKey():
            r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        case ed25519.Ed25519PrivateKey():
            return key.sign(data)


def jwk_of(key: PrivateKey | bytes) -> dict[str, Any]:
    match key:
        case rsa.RSAPrivateKey():
            return RSAKey.import_key(public_pem(key)).as_dict(private=False)
        case ec.EllipticCurvePrivateKey():
            return ECKey.import_key(public_pem(key)).as_dict(private=False)
        case ed25519.Ed25519PrivateKey():
            return OKPKey.import_key(public_pem(key)).as_dict(private=False)
        case bytes():
            raise TypeError("a shared secret is not published")


def signer(algorithm: str, key_id: str | None = None) -> Signer:
    """The product's signer for an algorithm."""
    keys: dict[str, PrivateKey | bytes] = {
        "HS256": SECRET.encode(),
        "RS256": RSA_KEY,
        "PS256": RSA_KEY,
        "ES256": EC_KEY,
        "EdDSA": ED_KEY,
        "Ed25519": ED_KEY,
    }
    return Signer(algorithm, keys[algorithm], key_id)


HS256 = signer("HS256")
