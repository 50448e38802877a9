"""The platform's key: the current one, the previous one, and which of them the platform accepts."""

from __future__ import annotations

from app.clock import Clock
from app.secret import Secret

# When the platform refuses every key we have, each is tried again only this often (seconds).
REFUSED_PAUSE = 5.0


class KeyRing:
    """Up to two keys, re-read when their file changes. The current one is tried first."""

    def __init__(self, secret: Secret, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._keys: tuple[str, ...] = ()
        self._refused: dict[str, float] = {}

    def __repr__(self) -> str:
        return "KeyRing(***)"

    def choose(self) -> str | None:
        """The key to send, None while all of them are refused."""
        # A file that is empty is being written at this moment.
        keys = self._secret.lines()[:2] or self._keys
        if keys != self._keys:
            self._keys = keys
            self._refused.clear()
        for key in keys:
            if key not in self._refused:
                return key
        return self._forgiven()

    def _forgiven(self) -> str | None:
        """All are refused: the first whose refusal is old counts as not refused again."""
        long_ago = self._clock.now() - REFUSED_PAUSE
        for key in self._keys:
            if self._refused[key] <= long_ago:
                del self._refused[key]
                return key
        return None

    def refuse(self, key: str) -> None:
        """The platform did not accept this key."""
        self._refused[key] = self._clock.now()
