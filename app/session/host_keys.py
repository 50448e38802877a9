"""Where the keys of host tokens come from: a secret or a file of our own, or an address."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from app.clock import Clock
from app.errors import UpstreamUnavailable
from app.session.fetch import Fetch, get_document
from app.session.key_set import KeySet, VerificationKey
from app.session.published_keys import PublishedKeys
from app.session.registered_claims import TokenRefused
from app.session.token_key import KeyRefused, public, shared
from app.settings import JwtSettings, SettingsFault

SENTENCE = "Your sign-in cannot be checked at the moment. Try again in a minute."
# While no key is known, not every request may cause a fetch.
FIRST_RETRY = 2.0


class HostKeys(Protocol):
    """The keys that are trusted at present."""

    def current(self) -> KeySet | None:
        """The keys where nobody has to wait for them, else None. Raises TokenRefused."""
        ...

    async def find(self, key_id: str | None, algorithm: str) -> tuple[KeySet, VerificationKey]:
        """The key for a token, with the set that holds it.

        Raises TokenRefused, or UpstreamUnavailable while keys cannot be had.
        """
        ...

    async def close(self) -> None: ...


def keys_of(
    settings: JwtSettings, fetch: Fetch, clock: Clock, log: FilteringBoundLogger
) -> HostKeys:
    """The source that the settings name. Raises SettingsFault when its key is not to be trusted."""
    if settings.jwks_url is None:
        return OwnKey(settings)
    document = partial(get_document, fetch, settings.jwks_url, failed=keys_failed)
    return PublishedKeys(document, keys_failed, clock, first_retry=FIRST_RETRY, log=log)


def keys_failed(reason: str) -> UpstreamUnavailable:
    """No token can be judged: that is nobody's fault, and nobody is signed out by it."""
    return UpstreamUnavailable(SENTENCE, reason=f"keys of host tokens: {reason}")


class OwnKey:
    """One key from a secret or a file. Its tokens need not name it: `kid` is a hint that is not used."""

    def __init__(self, settings: JwtSettings) -> None:
        self._settings = settings
        self._secret = settings.key()
        self._lines = self._secret.lines()
        try:
            self._keys = self._loaded(self._lines)
        except (KeyRefused, ValueError) as refused:
            raise SettingsFault([f"BFF_IDENTITY__JWT: {_why(refused)}."]) from None

    def current(self) -> KeySet:
        """The key as its file has it now."""
        lines = self._secret.lines()
        if lines != self._lines:
            try:
                self._keys = self._loaded(lines)
            except (KeyRefused, ValueError) as refused:
                raise TokenRefused(f"our key: {_why(refused)}") from None
            self._lines = lines
        return self._keys

    async def find(self, _key_id: str | None, algorithm: str) -> tuple[KeySet, VerificationKey]:
        keys = self.current()
        key = keys.pick(None, algorithm)
        if key is None:
            raise TokenRefused("alg is not the key's algorithm")
        return keys, key

    async def close(self) -> None:
        """Nothing is open."""

    def _loaded(self, lines: tuple[str, ...]) -> KeySet:
        key = (
            public("\n".join(lines))
            if self._settings.public_key_file
            else shared(lines[0] if lines else "")
        )
        if not key.algorithms & set(self._settings.algorithms):
            made_for = ", ".join(sorted(key.algorithms))
            raise KeyRefused(f"the key is for {made_for}, which ALGORITHMS does not name")
        return KeySet.of([key])


def _why(refused: Exception) -> str:
    return str(refused) if isinstance(refused, KeyRefused) else "the key file is not text"
