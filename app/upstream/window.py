"""Counts of the last seconds, so that what was long ago decides nothing."""

from __future__ import annotations

from collections import Counter, deque

SECONDS = 10


class Window:
    """How often each kind of thing happened within the last ten seconds, to the second."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, Counter[str]]] = deque()
        self._sums: Counter[str] = Counter()

    def add(self, kind: str, now: float) -> None:
        second = int(now)
        if not self._seconds or self._seconds[-1][0] != second:
            self._forget(now)
            self._seconds.append((second, Counter()))
        self._seconds[-1][1][kind] += 1
        self._sums[kind] += 1

    def count(self, kind: str, now: float) -> int:
        self._forget(now)
        return self._sums[kind]

    def _forget(self, now: float) -> None:
        while self._seconds and self._seconds[0][0] <= int(now) - SECONDS:
            _, counts = self._seconds.popleft()
            self._sums.subtract(counts)

    def clear(self) -> None:
        self._seconds.clear()
        self._sums.clear()
