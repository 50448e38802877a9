"""Host tokens: the product's own session JWT, verified by python-jose behind a guard.

The library accepts more than it should (an algorithm that the token names, unknown `crit`,
missing claims, times as texts), so everything but the signature is decided here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cachetools import LRUCache
from jose import jwt
from jose.exceptions import JOSEError

from app.clock import Clock
from app.errors import Unauthenticated
from app.session.claims import ClaimRules, Claims
from app.session.registered_claims import SKEW_SECONDS, Terms, TokenRefused, check, moment
from app.session.token_key import KeyRefused, TokenKey, public, shared
from app.settings import JwtSettings, SettingsFault

LONGEST_TOKEN = 8192
LONGEST_KEY_ID = 256
MOST_REMEMBERED = 10_000
REQUIRED = ("iss", "aud", "exp", "nbf", "iat", "sub")
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})

# The signature alone is the library's: it would judge times by the machine's clock, and would
# take a missing claim for a matching one.
_SIGNATURE_ONLY = {
    f"verify_{claim}": False
    for claim in ("aud", "iat", "exp", "nbf", "iss", "sub", "jti", "at_hash")
}


class HostTokens:
    """Verifies host tokens and remembers the good ones, until they expire or the key changes."""

    def __init__(self, settings: JwtSettings, rules: ClaimRules, clock: Clock) -> None:
        self._settings = settings
        self._rules = rules
        self._clock = clock
        self._terms = Terms(settings.issuer or "", settings.audience or "", REQUIRED)
        self._secret = settings.key()
        self._remembered: LRUCache[bytes, Claims] = LRUCache(MOST_REMEMBERED)
        self._lines: tuple[str, ...] | None = None
        try:
            self._key = self._loaded(self._secret.lines())
        except (KeyRefused, ValueError) as refused:
            raise SettingsFault([f"BFF_IDENTITY__JWT: {_why(refused)}."]) from None

    def verify(self, token: str) -> Claims:
        """Who bears the token. One and the same Unauthenticated for whatever is wrong with it."""
        try:
            return self._verified(token)
        except TokenRefused as refused:
            reason = f"host token: {refused.reason}"
            raise Unauthenticated(reason=reason, headers={"WWW-Authenticate": "Bearer"}) from None

    def _verified(self, token: str) -> Claims:
        if len(token) > LONGEST_TOKEN or not token.isascii() or token.count(".") != 2:
            raise TokenRefused("not a compact JWT")
        key = self._current_key()
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._remembered.get(digest)
        if claims is None:
            claims = self._remembered[digest] = self._judged(token, key)
        if self._clock.now() >= claims.expires + SKEW_SECONDS:
            raise TokenRefused("expired")
        return claims

    def _judged(self, token: str, key: TokenKey) -> Claims:
        try:
            _check_header(jwt.get_unverified_header(token), key.algorithm)
            claims = jwt.decode(
                token, key.material, algorithms=[key.algorithm], options=_SIGNATURE_ONLY
            )
        # Not every failure of the library is a JOSEError: odd JSON comes out as these.
        except (JOSEError, ValueError, TypeError, OverflowError, RecursionError):
            raise TokenRefused("the signature or the JSON is not good") from None
        check(claims, self._terms, self._clock.now())
        self._check_lifetime(claims)
        return self._rules.read(claims)

    def _check_lifetime(self, claims: Mapping[str, Any]) -> None:
        issued, expires = moment(claims, "iat"), moment(claims, "exp")
        assert issued is not None
        assert expires is not None
        if expires - issued > self._settings.max_lifetime_seconds:
            raise TokenRefused("lives longer than allowed")

    def _current_key(self) -> TokenKey:
        """The key as its file has it now. A changed key takes the tokens that it verified with it."""
        try:
            lines = self._secret.lines()
            if lines != self._lines:
                self._key = self._loaded(lines)
        except (KeyRefused, ValueError) as refused:
            raise TokenRefused(f"our key: {_why(refused)}") from None
        return self._key

    def _loaded(self, lines: tuple[str, ...]) -> TokenKey:
        self._remembered.clear()
        key = public("\n".join(lines)) if self._settings.public_key_file else shared(_first(lines))
        if key.algorithm not in self._settings.algorithms:
            raise KeyRefused(f"the key is for {key.algorithm}, which ALGORITHMS does not name")
        self._lines = lines
        return key


def _check_header(header: Mapping[str, Any], algorithm: str) -> None:
    """`jku`, `jwk` and the x5 family are never looked at: the key is ours to choose."""
    if header.get("alg") != algorithm:
        raise TokenRefused("alg is not the key's algorithm")
    if "crit" in header or "b64" in header:
        raise TokenRefused("crit or b64 in the header")
    key_id = header.get("kid", "")
    if not isinstance(key_id, str) or len(key_id) > LONGEST_KEY_ID:
        raise TokenRefused("kid is not a short text")
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower() not in TYPES:
        raise TokenRefused("typ is not JWT")


def _first(lines: tuple[str, ...]) -> str:
    return lines[0] if lines else ""


def _why(refused: Exception) -> str:
    return str(refused) if isinstance(refused, KeyRefused) else "the key file is not text"
