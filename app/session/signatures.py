"""Two engines that check a signature, and nothing else.

What a token says is judged around them, by us, so that it makes no difference which one is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from jose import jwk
from jose import jws as python_jose
from jose.exceptions import JOSEError
from joserfc import jws as joserfc
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import Key, OctKey
from joserfc.jws import JWSRegistry

from app.session.registered_claims import TokenRefused

# Not every failure of the libraries is an error of theirs: odd tokens come out as these.
_ODDITIES = (ValueError, TypeError, OverflowError, RecursionError)


class Engine(Protocol):
    """Checks one signature with one key and one algorithm."""

    def payload(self, token: str, key: Key, algorithm: str) -> bytes:
        """What the token carries. Raises TokenRefused unless the key signed it by the algorithm."""
        ...


class PythonJose:
    """python-jose: HS256, RS256, ES256."""

    def payload(self, token: str, key: Key, algorithm: str) -> bytes:
        try:
            material = jwk.construct(_material(key), algorithm)
            payload: object = python_jose.verify(token, material, algorithms=[algorithm])
        except (JOSEError, *_ODDITIES):
            raise TokenRefused("the signature is not good") from None
        assert isinstance(payload, bytes)
        return payload


class Joserfc:
    """joserfc: PS256 and EdDSA as well."""

    def payload(self, token: str, key: Key, algorithm: str) -> bytes:
        registry = _OneAlgorithm(algorithm)
        try:
            return joserfc.deserialize_compact(token.encode(), key, registry=registry).payload
        except (JoseError, *_ODDITIES):
            raise TokenRefused("the signature is not good") from None


class _OneAlgorithm(JWSRegistry):
    """One algorithm and no other, whichever the library recommends this year."""

    max_header_length = 8192  # some providers send their certificate chain along

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)
        self._only = algorithm

    def get_alg(self, name: str) -> JWSAlgModel:
        if name != self._only:
            raise UnsupportedAlgorithmError("not the key's algorithm")
        return self.algorithms[name]


def _material(key: Key) -> Any:
    """The key as python-jose takes it: never as a text, whose kind it would have to guess."""
    return key.raw_value if isinstance(key, OctKey) else key.public_key


_PYTHON_JOSE, _JOSERFC = PythonJose(), Joserfc()

# Which engine checks the signatures of host tokens. Ed25519 is the newer name of EdDSA with that
# curve (RFC 9864).
ENGINES: Mapping[str, Engine] = {
    "HS256": _PYTHON_JOSE,
    "RS256": _PYTHON_JOSE,
    "ES256": _PYTHON_JOSE,
    "PS256": _JOSERFC,
    "EdDSA": _JOSERFC,
    "Ed25519": _JOSERFC,
}
