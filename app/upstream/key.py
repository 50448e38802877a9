"""The platform's key: the current one, the previous one, and which of them the platform accepts."""

from __future__ import annotations

from app.clock import Clock
from app.settings import Secret

# While the platform refuses every key we have, it is asked again only this often (seconds).
REFUSED_PAUSE = 5.0


class KeyRing:
    """Up to two keys, re-read when their file changes. The current one is tried first."""

    def __init__(self, secret: Secret, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._keys: tuple[str, ...] = ()
        self._refused: set[str] = set()
        self._all_refused_until = 0.0

    def __repr__(self) -> str:
        return "KeyRing(***)"

    def choose(self) -> str | None:
        """The key to send, None while all of them are refused."""
        keys = self._secret.lines()[:2]
        if keys != self._keys:
            self._keys = keys
            self._refused.clear()
            self._all_refused_until = 0.0
        left = [key for key in keys if key not in self._refused]
        if left:
            return left[0]
        if self._clock.now() < self._all_refused_until:
            return None
        self._refused.clear()
        return keys[0] if keys else None

    def refuse(self, key: str) -> bool:
        """The platform did not accept this key. Says whether there is another one to try."""
        self._refused.add(key)
        another = any(other not in self._refused for other in self._keys)
        if not another:
            self._all_refused_until = self._clock.now() + REFUSED_PAUSE
        return another
