"""Host tokens: the product's own session JWT, judged by a guard around one signature check.

The libraries accept more than they should (an algorithm that the token names, unknown `crit`,
missing claims, times as texts), so everything but the signature is decided here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cachetools import LRUCache

from app.clock import Clock
from app.errors import Unauthenticated
from app.session.claims import ClaimRules, Claims
from app.session.compact import Header, json_object, unverified_header
from app.session.host_keys import HostKeys
from app.session.key_set import KeySet
from app.session.registered_claims import SKEW_SECONDS, Terms, TokenRefused, check, moment
from app.session.signatures import ENGINES, Engine
from app.settings import JwtSettings

LONGEST_TOKEN = 8192
MOST_REMEMBERED = 10_000
REQUIRED = ("iss", "aud", "exp", "nbf", "iat", "sub")
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})


class HostTokens:
    """Verifies host tokens and remembers the good ones, until they expire or the keys change.

    `version` is that of the keys that the remembered ones were verified by.
    """

    def __init__(
        self,
        settings: JwtSettings,
        rules: ClaimRules,
        keys: HostKeys,
        clock: Clock,
        engines: Mapping[str, Engine] = ENGINES,
    ) -> None:
        self._rules = rules
        self._keys = keys
        self._clock = clock
        self._terms = Terms(settings.issuer or "", settings.audience or "", REQUIRED)
        self._longest_life = settings.max_lifetime_seconds
        self._engines = {name: engines[name] for name in settings.algorithms if name in engines}
        self._remembered: LRUCache[bytes, Claims] = LRUCache(MOST_REMEMBERED)
        self.version = ""

    def trusts(self, version: str) -> bool:
        """Whether the keys of that version are trusted now."""
        try:
            keys = self._keys.current()
        except TokenRefused:
            return False
        return keys is not None and keys.version == version

    async def verify(self, token: str) -> Claims:
        """Who bears the token. One and the same Unauthenticated for whatever is wrong with it.

        Raises UpstreamUnavailable as long as there is no key to judge any token by.
        """
        try:
            return await self._verified(token)
        except TokenRefused as refused:
            reason = f"host token: {refused.reason}"
            raise Unauthenticated(reason=reason, headers={"WWW-Authenticate": "Bearer"}) from None

    async def close(self) -> None:
        """End a fetch of keys that is under way."""
        await self._keys.close()

    async def _verified(self, token: str) -> Claims:
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise TokenRefused("too long, or not ASCII")
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._recalled(digest)
        if claims is None:
            header = self._header(token)
            keys, key = await self._keys.find(header.key_id, header.algorithm)
            payload = self._engines[header.algorithm].payload(token, key.key, header.algorithm)
            claims = self._judged(json_object(payload))
            self._remember(keys, digest, claims)
        if self._clock.now() >= claims.expires + SKEW_SECONDS:
            raise TokenRefused("expired")
        return claims

    def _header(self, token: str) -> Header:
        header = unverified_header(token, LONGEST_TOKEN)
        if header.algorithm not in self._engines:
            raise TokenRefused("alg is not one of ours")
        if header.type.lower() not in TYPES:
            raise TokenRefused("typ is not JWT")
        return header

    def _judged(self, claims: Mapping[str, Any]) -> Claims:
        check(claims, self._terms, self._clock.now())
        issued, expires = moment(claims, "iat"), moment(claims, "exp")
        assert issued is not None
        assert expires is not None
        if expires - issued > self._longest_life:
            raise TokenRefused("lives longer than allowed")
        return self._rules.read(claims)

    def _recalled(self, digest: bytes) -> Claims | None:
        """What was verified before, by the keys that are trusted now: a look-up and nothing else."""
        keys = self._keys.current()
        if keys is None or keys.version != self.version:
            return None
        return self._remembered.get(digest)

    def _remember(self, keys: KeySet, digest: bytes, claims: Claims) -> None:
        """A key that goes takes the tokens that it verified with it."""
        if keys.version != self.version:
            self._remembered.clear()
            self.version = keys.version
        self._remembered[digest] = claims
