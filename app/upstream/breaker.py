"""Breakers: where the platform fails or crawls it is left alone for a while, group by group.

closed      everything goes, and is counted
open        nothing goes, for five seconds
half-open   one probe goes; it closes or opens the breaker again
"""

from __future__ import annotations

from collections.abc import Mapping

from app.clock import Clock
from app.upstream.window import Window

# So many calls say something, and such parts of them open it.
LEAST_CALLS = 20
FAILURES = 0.5
SLOW_CALLS = 0.8
# Seconds that it stays open.
PAUSE = 5.0


class Open(Exception):
    """Nothing goes; `wait` is for how many seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"open for {wait:.1f} s")
        self.wait = wait


class Breaker:
    """That of one group of operations. Who calls asks to be admitted, and says how the call ended: who
    does not says nothing about the platform. A probe is over in any case."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._window = Window("calls", "failed", "slow")
        self._opened: float | None = None
        self._probing = False

    @property
    def opened(self) -> bool:
        """Whether it is open, or half-open."""
        return self._opened is not None

    def admit(self) -> bool:
        """Whether the call that begins now is the probe, of which there is one; raises Open."""
        if self._opened is None:
            return False
        left = self._opened + PAUSE - self._clock.ticks()
        if left > 0 or self._probing:
            raise Open(max(left, 1.0))
        self._probing = True
        return True

    def probed(self) -> None:
        """The probe is over, and nothing more need be known of it."""
        self._probing = False

    def ended(self, *, probe: bool, failed: bool, slow: bool) -> None:
        """How an admitted call ended."""
        now = self._clock.ticks()
        if probe:
            self._opened = now if failed or slow else None
            self._window.clear()
        elif self._opened is None:
            if failed or slow:
                self._window.add(now, failed=failed, slow=slow)
            sums = self._window.add(now, calls=1)
            if sums["calls"] >= LEAST_CALLS and _is_unwell(sums):
                self._opened = now


def _is_unwell(sums: Mapping[str, int]) -> bool:
    calls = sums["calls"]
    return sums["failed"] >= FAILURES * calls or sums["slow"] >= SLOW_CALLS * calls
