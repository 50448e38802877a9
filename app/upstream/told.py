"""What the operator is told of requests to the platform: how each ended, how far it came, how long it
took."""

from __future__ import annotations

from enum import StrEnum

from app.observe.counters import Count, Counters, Timing
from app.upstream.exchange import AnswerTooLarge, ExchangeError, ExchangeTimeout, Incoming, Sent
from app.upstream.retries import End


class Outcome(StrEnum):
    SUCCESS = "success"
    REFUSED = "refused"  # 4xx
    LIMITED = "limited"  # 429
    FAILED = "failed"  # 5xx, and 3xx, which nobody follows
    TIMEOUT = "timeout"
    BROKEN = "broken"  # the connection, or what came over it
    TOO_LARGE = "too large"
    ABANDONED = "abandoned"  # who asked waits no more


class Phase(StrEnum):
    """How far it came."""

    UNSENT = "unsent"
    SENT = "sent"
    ANSWERING = "answering"
    ANSWERED = "answered"


_PHASES = {Sent.NO: Phase.UNSENT, Sent.MAYBE: Phase.SENT, Sent.ANSWERED: Phase.ANSWERING}


class Told:
    """Counts requests to the platform; `end` is None where nobody waited for it."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        # By operation, and the status of an answer: nearly all ends are answers.
        self._known: dict[tuple[str, int | tuple[Outcome, Phase]], tuple[Count, Timing]] = {}

    def tell(self, operation: str, end: End | None, seconds: float) -> None:
        how = end.status if isinstance(end, Incoming) else (outcome_of(end), phase_of(end))
        known = self._known.get((operation, how))
        if known is None:
            known = self._known[operation, how] = self._kept_of(operation, end)
        count, timing = known
        count.number += 1
        timing.add(seconds)

    def _kept_of(self, operation: str, end: End | None) -> tuple[Count, Timing]:
        """All that ends like this; the time is told of an operation, however it ended."""
        outcome, phase = outcome_of(end), phase_of(end)
        return (
            self._counters.of(
                "platform_requests", operation=operation, outcome=outcome, phase=phase
            ),
            self._counters.timing("platform_duration_seconds", operation=operation),
        )


def outcome_of(end: End | None) -> Outcome:
    match end:
        case None:
            return Outcome.ABANDONED
        case Incoming(status=status):
            return _of_status(status)
        case AnswerTooLarge():
            return Outcome.TOO_LARGE
        case ExchangeTimeout():
            return Outcome.TIMEOUT
        case ExchangeError():
            return Outcome.BROKEN


def _of_status(status: int) -> Outcome:
    if status == 429:
        return Outcome.LIMITED
    if 400 <= status < 500:
        return Outcome.REFUSED
    return Outcome.SUCCESS if 200 <= status < 300 else Outcome.FAILED


def phase_of(end: End | None) -> Phase:
    match end:
        case None:
            return Phase.SENT
        case Incoming():
            return Phase.ANSWERED
        case ExchangeError(sent=sent):
            return _PHASES[sent]
