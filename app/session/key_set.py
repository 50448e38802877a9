"""Keys that verify signatures, alone or published as a JWK Set (RFC 7517)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from app.session.compact import LONGEST_KEY_ID, unpacked
from app.session.registered_claims import TokenRefused

LEAST_RSA_BITS = 2048
# A modulus of any length would be a way to keep us busy.
MOST_RSA_BITS = 8192
MOST_KEYS = 50


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key with the algorithms that it may verify."""

    id: str | None
    algorithms: frozenset[str]
    key: Key = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return f"{self.id!r} {sorted(self.algorithms)} {self.key.thumbprint()}"


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys, those alone that we know how to use. `version` changes whenever one of them does."""

    keys: tuple[VerificationKey, ...]
    version: str = field(repr=False)
    ignored: int = 0

    @classmethod
    def of(cls, keys: Iterable[VerificationKey], ignored: int = 0) -> KeySet:
        """A key that is listed twice counts once."""
        distinct = {key.fingerprint: key for key in keys}
        version = hashlib.sha256("\n".join(sorted(distinct)).encode()).hexdigest()
        return cls(tuple(distinct.values()), version, ignored)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> KeySet:
        """The usable keys of a published set. Raises ValueError when it is no key set."""
        listed = document.get("keys")
        if not isinstance(listed, list):
            raise ValueError("not a key set")  # noqa: TRY004  # the caller knows only documents
        usable = [key for one in listed[:MOST_KEYS] if (key := _signing_key(one)) is not None]
        return cls.of(usable, ignored=len(listed) - len(usable))

    def pick(self, key_id: str | None, algorithm: str) -> VerificationKey | None:
        """The key of exactly that id; without an id only where a single key comes into question."""
        fitting = [
            key
            for key in self.keys
            if algorithm in key.algorithms and (key_id is None or key.id == key_id)
        ]
        if len(fitting) > 1:
            raise TokenRefused("several keys would fit")
        return fitting[0] if fitting else None


def algorithms_of(key: Key) -> frozenset[str]:
    """What a key of that kind and strength may verify."""
    match key:
        case OctKey():
            return frozenset({"HS256"})
        case RSAKey() if LEAST_RSA_BITS <= key.public_key.key_size <= MOST_RSA_BITS:
            return frozenset({"RS256", "PS256"})
        case ECKey() if key.curve_name == "P-256":
            return frozenset({"ES256"})
        case OKPKey() if key.curve_name == "Ed25519":
            return frozenset({"EdDSA", "Ed25519"})
    return frozenset()


def _signing_key(listed: object) -> VerificationKey | None:
    """A key of a published set, None when it is not for signatures or cannot be read."""
    if not isinstance(listed, dict) or not _is_for_signatures(listed):
        return None
    try:
        key = _imported(listed)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    algorithms = frozenset() if key is None else algorithms_of(key)
    if "alg" in listed:
        algorithms &= {str(listed["alg"])}
    key_id = listed.get("kid")
    if key is None or not algorithms:
        return None
    if key_id is not None and (not isinstance(key_id, str) or len(key_id) > LONGEST_KEY_ID):
        return None
    return VerificationKey(key_id, algorithms, key)


def _is_for_signatures(listed: Mapping[str, Any]) -> bool:
    """Neither for other purposes, nor a private key that somebody published by mistake."""
    operations = listed.get("key_ops", ["verify"])
    return (
        listed.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and "d" not in listed
    )


def _imported(listed: Mapping[str, Any]) -> Key | None:
    """The key, if it is of a kind that can be public. A published shared secret is none."""
    match listed.get("kty"):
        case "RSA" if LEAST_RSA_BITS <= _bits(listed["n"]) <= MOST_RSA_BITS:
            return RSAKey.import_key({name: listed[name] for name in ("kty", "n", "e")})
        case "EC":
            return ECKey.import_key({name: listed[name] for name in ("kty", "crv", "x", "y")})
        case "OKP":
            return OKPKey.import_key({name: listed[name] for name in ("kty", "crv", "x")})
        case _:
            return None


def _bits(number: str) -> int:
    return int.from_bytes(unpacked(number), "big").bit_length()
