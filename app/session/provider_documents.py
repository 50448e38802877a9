"""What an identity provider publishes: its metadata (OpenID Connect Discovery) and its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from app.session.fetch import provider_failed
from app.session.registered_claims import TokenRefused
from app.settings_check import is_loopback

LEAST_RSA_BITS = 2048
LEAST_RSA_MODULUS = 342  # characters of base64url; joserfc warns of a shorter one as it reads it
MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where the provider does what, and whether it names itself in its answers (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool

    @classmethod
    def read(cls, document: Mapping[str, Any], issuer: str) -> Metadata:
        """The metadata, if it is the issuer's: another name would be another provider."""
        if document.get("issuer") != issuer:
            raise provider_failed("its metadata names another issuer")
        return cls(
            issuer=issuer,
            authorization_endpoint=_endpoint(document, "authorization_endpoint"),
            token_endpoint=_endpoint(document, "token_endpoint"),
            jwks_uri=_endpoint(document, "jwks_uri"),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not (
        address.startswith("https://") or (address.startswith("http://") and is_loopback(address))
    ):
        raise provider_failed(f"its {name} is not an https address")
    if urlsplit(address).fragment:
        raise provider_failed(f"its {name} has a fragment")
    return address


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A public key with the algorithms that it may verify."""

    id: str | None
    algorithms: frozenset[str]
    key: Key


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """The provider's signing keys, those alone that we know how to use."""

    keys: tuple[ProviderKey, ...]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> ProviderKeys:
        listed = document.get("keys")
        if not isinstance(listed, list):
            raise provider_failed("its key set is no key set")
        usable = (_signing_key(one) for one in listed[:MOST_KEYS])
        return cls(tuple(key for key in usable if key is not None))

    def pick(self, key_id: str | None, algorithm: str) -> ProviderKey | None:
        """The key of exactly that id; without an id only where a single key comes into question."""
        fitting = [
            key
            for key in self.keys
            if algorithm in key.algorithms and (key_id is None or key.id == key_id)
        ]
        if len(fitting) > 1:
            raise TokenRefused("several keys would fit")
        return fitting[0] if fitting else None


def _signing_key(listed: object) -> ProviderKey | None:
    if not isinstance(listed, dict) or listed.get("use", "sig") != "sig" or "d" in listed:
        return None
    try:
        key = _imported(listed)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    algorithms = frozenset() if key is None else _algorithms(key)
    if "alg" in listed:
        algorithms &= {str(listed["alg"])}
    key_id = listed.get("kid")
    if key is None or not algorithms:
        return None
    return ProviderKey(key_id if isinstance(key_id, str) else None, algorithms, key)


def _imported(listed: dict[str, Any]) -> Key | None:
    """The key, if it is of a kind that can be public. A published shared secret is none."""
    match listed.get("kty"):
        case "RSA" if len(listed["n"]) >= LEAST_RSA_MODULUS:
            return RSAKey.import_key(listed)
        case "EC":
            return ECKey.import_key(listed)
        case "OKP":
            return OKPKey.import_key(listed)
        case _:
            return None


def _algorithms(key: Key) -> frozenset[str]:
    """What a key of that kind and strength may verify."""
    match key:
        case RSAKey() if key.public_key.key_size >= LEAST_RSA_BITS:
            return frozenset({"RS256", "PS256"})
        case ECKey() if key.curve_name == "P-256":
            return frozenset({"ES256"})
        case OKPKey() if key.curve_name == "Ed25519":
            return frozenset({"EdDSA", "Ed25519"})
    return frozenset()
