"""Counts of the last seconds, so that what was long ago decides nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

SECONDS = 10


class Window:
    """How often each of these `kinds` of things happened within the last ten seconds, to the second."""

    def __init__(self, *kinds: str) -> None:
        self._none = dict.fromkeys(kinds, 0)
        self.clear()

    def clear(self) -> None:
        self._seconds: deque[tuple[int, dict[str, int]]] = deque()
        self._sums = self._none.copy()
        self._second: int | None = None
        self._latest = self._none.copy()

    def add(self, now: float, **happened: int) -> Mapping[str, int]:
        """Count what happened now; gives the sums, which go on being counted."""
        second = int(now)
        if second != self._second:
            self._turn(second)
        for kind, number in happened.items():
            self._latest[kind] += number
            self._sums[kind] += number
        return self._sums

    def _turn(self, second: int) -> None:
        """This second begins; forget those that are long ago."""
        while self._seconds and self._seconds[0][0] <= second - SECONDS:
            _, counts = self._seconds.popleft()
            for kind, number in counts.items():
                self._sums[kind] -= number
        self._second, self._latest = second, self._none.copy()
        self._seconds.append((second, self._latest))
