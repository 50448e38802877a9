"""Time, passed in: every part that asks for the time gets a Clock, so that tests can move it."""

from __future__ import annotations

import time
from datetime import date
from typing import Protocol

DAY = 86_400
# That on which seconds are counted from.
FIRST_DAY = date(1970, 1, 1).toordinal()

# The event loop's time, without looking for the loop: asyncio and uvloop both take this clock.
loop_time = time.monotonic


class Clock(Protocol):
    """Seconds since the epoch; the one source of lifetimes, expiry and dates.

    `ticks` are seconds as well, of a clock that nobody sets: for what lasts seconds in this process.
    """

    def now(self) -> float: ...

    def ticks(self) -> float: ...


class SystemClock:
    """The machine's clock."""

    now = staticmethod(time.time)
    ticks = staticmethod(time.monotonic)


class MovableClock:
    """A clock that runs with the machine's and can be pushed forward (tests, the sandbox)."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def ticks(self) -> float:
        return time.monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move forward; time never goes back."""
        if seconds < 0:
            raise ValueError("a clock only moves forward")
        self._ahead += seconds


def next_day(clock: Clock) -> float:
    """When the current date ends, in seconds since the epoch."""
    return (clock.now() // DAY + 1) * DAY


def today(clock: Clock) -> date:
    """The current date in UTC."""
    return date.fromordinal(FIRST_DAY + int(clock.now() // DAY))
