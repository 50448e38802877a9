"""Asking again: what may be asked again, when, and how much of it the platform is asked for at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

from app.clock import Clock
from app.upstream.exchange import ExchangeError, Incoming, Sent
from app.upstream.window import Window

# Second attempts of one request.
MOST = 2
# Of all requests of the last ten seconds so many may be second attempts, or so few.
SHARE = 0.1
FLOOR = 5
# The pause before the first is up to so many seconds, before the next up to twice that.
FIRST_PAUSE = 0.1
# Longer than this nobody waits for a platform that names a time (seconds).
LONGEST_PAUSE = 2.0
# Where a 429 names none (seconds).
USUAL_HOLD = 1.0
# Timers may be early by a little (seconds).
MARGIN = 0.01
# Statuses that may be others a moment later (RFC 9110, section 15; RFC 6585).
PASSING = frozenset({408, 429, 500, 502, 503, 504})

End = Incoming | ExchangeError


class RetryBudget:
    """Second attempts are a tenth of all requests: a platform that is down must not get the double."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._window = Window("requests", "retries")

    def request(self) -> None:
        """Count a first attempt."""
        self._window.add(self._clock.ticks(), requests=1)

    def take(self) -> bool:
        """Whether there is one left, which is used up by that."""
        now = self._clock.ticks()
        sums = self._window.add(now)
        if sums["retries"] >= max(FLOOR, int(SHARE * sums["requests"])):
            return False
        self._window.add(now, retries=1)
        return True


def failed(end: End) -> bool:
    """Whether it says that the platform is not well."""
    return isinstance(end, ExchangeError) or end.status in PASSING or end.status >= 500


def may_repeat(end: End, *, changes: bool) -> bool:
    """Whether asking again can help and does no harm: a change must not have been sent."""
    if isinstance(end, ExchangeError):
        return end.repeatable and (end.sent is Sent.NO or not changes)
    return end.status in PASSING and not changes


def pause_before(
    attempt: int, end: End, left: float, now: float, chance: Callable[[], float]
) -> float | None:
    """Seconds until the attempt after this one; None when there is no time for one.

    Full jitter, after the time that the platform named. `left` are seconds, `now` is since the epoch.
    """
    named = 0.0
    if isinstance(end, Incoming):
        usual = USUAL_HOLD if end.status == 429 else 0.0
        asked = retry_after(end.headers.get("retry-after"), now)
        named = usual if asked is None else asked
    named += MARGIN if named else 0.0
    pause = named + FIRST_PAUSE * 2 ** (attempt - 1) * chance()
    # A deadline that has just passed may look as if a little of it were left.
    return pause if named <= LONGEST_PAUSE + MARGIN and pause + MARGIN < left else None


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds; the header has them, or an HTTP date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, then.timestamp() - now)
