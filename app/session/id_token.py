"""ID tokens (OpenID Connect Core, section 3.1.3.7), verified by joserfc with pinned algorithms."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry

from app.session.provider_documents import ProviderKey
from app.session.registered_claims import Terms, TokenRefused, audiences, check

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})
LONGEST_TOKEN = 65_536
REQUIRED = ("iss", "sub", "aud", "exp", "iat", "nonce")


class PinnedAlgorithms(JWSRegistry):
    """The algorithms above and no others, whichever the library recommends this year."""

    max_header_length = 8192  # some providers send their certificate chain along

    def __init__(self) -> None:
        super().__init__(algorithms=sorted(ALGORITHMS), strict_check_header=False)

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError("not one of ours")
        return self.algorithms[name]


def header_of(token: str) -> tuple[str, str | None]:
    """The algorithm and the key's id, as the token claims; both unverified."""
    header = _header(token)
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenRefused("alg is not one of ours")
    if "crit" in header or (key_id is not None and not isinstance(key_id, str)):
        raise TokenRefused("crit in the header, or kid is not a text")
    return algorithm, key_id


def type_of(token: str) -> object:
    """What the token says that it is, None when it does not; unverified."""
    return _header(token).get("typ")


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise TokenRefused("too long or not ASCII")
    try:
        return jws.extract_compact(token.encode(), registry=PinnedAlgorithms()).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefused("not a compact JWS") from None


def verify(token: str, key: ProviderKey, terms: Terms, *, nonce: str, now: float) -> dict[str, Any]:
    """The claims of a token that this provider issued, to us, for the login of that nonce."""
    claims = signed_claims(token, key, terms, now)
    _check_party(claims, terms.audience)
    named = claims["nonce"]
    if not isinstance(named, str) or not hmac.compare_digest(named.encode(), nonce.encode()):
        raise TokenRefused("nonce is not this login's")
    return claims


def signed_claims(token: str, key: ProviderKey, terms: Terms, now: float) -> dict[str, Any]:
    """The claims of a token of any type, if the provider signed it, for us and for now."""
    try:
        claims = jwt.decode(token, key.key, registry=PinnedAlgorithms()).claims
    except (JoseError, ValueError, TypeError, OverflowError, RecursionError):
        raise TokenRefused("the signature or the JSON is not good") from None
    check(claims, terms, now)
    return dict(claims)


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """Among several audiences the token must say that it was issued to us."""
    party = claims.get("azp")
    if (party is not None or len(audiences(claims)) > 1) and party != client_id:
        raise TokenRefused("azp is not us")
