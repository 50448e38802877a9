"""ID tokens (OpenID Connect Core, section 3.1.3.7), verified by joserfc with pinned algorithms."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from app.session.compact import json_object, unverified_header
from app.session.key_set import VerificationKey
from app.session.registered_claims import Terms, TokenRefused, audiences, check
from app.session.signatures import Joserfc

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})
LONGEST_TOKEN = 65_536
REQUIRED = ("iss", "sub", "aud", "exp", "iat", "nonce")


def header_of(token: str) -> tuple[str, str | None]:
    """The algorithm and the key's id, as the token claims; both unverified."""
    header = unverified_header(token, LONGEST_TOKEN)
    if header.algorithm not in ALGORITHMS:
        raise TokenRefused("alg is not one of ours")
    return header.algorithm, header.key_id


def type_of(token: str) -> str:
    """What the token says that it is, `JWT` when it does not; unverified."""
    return unverified_header(token, LONGEST_TOKEN).type


def verify(
    token: str, key: VerificationKey, terms: Terms, *, nonce: str, now: float
) -> dict[str, Any]:
    """The claims of a token that this provider issued, to us, for the login of that nonce."""
    claims = signed_claims(token, key, terms, now)
    _check_party(claims, terms.audience)
    named = claims["nonce"]
    if not isinstance(named, str) or not hmac.compare_digest(named.encode(), nonce.encode()):
        raise TokenRefused("nonce is not this login's")
    return claims


def signed_claims(token: str, key: VerificationKey, terms: Terms, now: float) -> dict[str, Any]:
    """The claims of a token of any type, if the provider signed it, for us and for now."""
    algorithm, _ = header_of(token)
    if algorithm not in key.algorithms:
        raise TokenRefused("the key is not for this algorithm")
    claims = json_object(Joserfc().payload(token, key.key, algorithm))
    check(claims, terms, now)
    return claims


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """Among several audiences the token must say that it was issued to us."""
    party = claims.get("azp")
    if (party is not None or len(audiences(claims)) > 1) and party != client_id:
        raise TokenRefused("azp is not us")
