"""A clock that stands still until it is moved: what happens at a boundary happens exactly there."""

from __future__ import annotations

import time

from app.clock import MovableClock


class StillClock(MovableClock):
    """Whole seconds, from now on."""

    def __init__(self) -> None:
        super().__init__()
        self._start = float(int(time.time()))

    def now(self) -> float:
        return self._start + self._ahead

    def ticks(self) -> float:
        return self.now()
