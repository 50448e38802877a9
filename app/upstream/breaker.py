"""Breakers: where the platform fails or crawls it is left alone for a while, group by group.

closed      everything goes, and is counted
open        nothing goes, for five seconds
half-open   one probe goes; it closes or opens the breaker again
"""

from __future__ import annotations

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


class Trial:
    """One call: inside, it goes, which raises Open. Who does not say how it ended says nothing about the
    platform."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self.probe = False
        self.failed: bool | None = None
        self.slow = False

    def ended(self, *, failed: bool, slow: bool) -> None:
        self.failed, self.slow = failed, slow

    def __enter__(self) -> Trial:
        self.probe = self._breaker.admit()
        return self

    def __exit__(self, *_: object) -> None:
        self._breaker.judge(self)


class Breaker:
    """That of one group of operations."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._window = Window()
        self._opened: float | None = None
        self._probing = False

    @property
    def opened(self) -> bool:
        """Whether it is open, or half-open."""
        return self._opened is not None

    def admit(self) -> bool:
        """Whether the call that begins now is the probe; raises Open."""
        if self._opened is None:
            return False
        left = self._opened + PAUSE - self._clock.ticks()
        if left > 0 or self._probing:
            raise Open(max(left, 1.0))
        self._probing = True
        return True

    def judge(self, trial: Trial) -> None:
        """The call has ended."""
        if trial.probe:
            self._probing = False
        if trial.failed is None:
            return
        now = self._clock.ticks()
        if trial.probe:
            self._opened = now if trial.failed or trial.slow else None
            self._window.clear()
        elif self._opened is None:
            self._count(trial, now)

    def _count(self, trial: Trial, now: float) -> None:
        self._window.add("call", now)
        if trial.failed:
            self._window.add("failed", now)
        if trial.slow:
            self._window.add("slow", now)
        calls = self._window.count("call", now)
        if calls < LEAST_CALLS:
            return
        if (
            self._window.count("failed", now) >= FAILURES * calls
            or self._window.count("slow", now) >= SLOW_CALLS * calls
        ):
            self._opened = now
