"""Endings: whoever remembers a session is told at once when it ends, here or at another replica."""

from __future__ import annotations

from weakref import WeakValueDictionary


class Life:
    """Of one record: whether it has ended before its time."""

    __slots__ = ("__weakref__", "ended")

    def __init__(self) -> None:
        self.ended = False


class Endings:
    """The lives that somebody follows, by the record's key; `count` moves with every end."""

    def __init__(self) -> None:
        self.count = 0
        self._followed: WeakValueDictionary[str, Life] = WeakValueDictionary()

    def life(self, key: str) -> Life:
        """To be asked for before the record itself is, and then looked at before each use of it."""
        life = self._followed.get(key)
        if life is None:
            life = self._followed[key] = Life()
        return life

    def end(self, key: str) -> None:
        """This one has ended."""
        self.count += 1
        if (life := self._followed.pop(key, None)) is not None:
            life.ended = True

    def end_all(self) -> None:
        """Nobody can tell which have ended meanwhile."""
        self.count += 1
        for life in list(self._followed.values()):
            life.ended = True
        self._followed.clear()
