"""What is told of every request: counts, how long it took, and a line in the log.

It names the operation and never the path, which holds ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import Struct

from app.caller import pseudonym
from app.observe.counters import Count, Counters, Timing
from app.observe.current import Request
from app.observe.logs import Lines

# Who answered.
RECALL, PIPELINE = "recall", "pipeline"


class Line(Struct, frozen=True):
    """One request and its answer: `cache` is its Cache-Status, `code` and `reason` those of a problem,
    `ms` how long it took, `state` how the cache took part in it."""

    operation: str
    method: str
    status: int
    cache: str | None
    code: str | None
    reason: str | None
    ms: float
    request: Request
    state: str | None = None


class Written(Struct, frozen=True, omit_defaults=True, tag_field="event", tag="request"):
    """One request as the log tells of it; what there is nothing of is left out."""

    operation: str
    method: str
    status: int
    ms: float
    calls: int
    request_id: str
    level: str
    timestamp: datetime
    cache: str | None = None
    code: str | None = None
    reason: str | None = None
    actor: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What one kind of request is counted by."""

    requests: Count
    took: Timing
    answers: Count | None


class Requests:
    """Of the answers that were given from memory alone (gateway/recall.py) the part `hit_sample` leaves
    a line. `salt` keys the hash that stands for who asks, `chance` gives numbers from 0 to 1."""

    def __init__(
        self,
        counters: Counters,
        log: Lines,
        *,
        salt: bytes,
        hit_sample: float,
        chance: Callable[[], float],
    ) -> None:
        self._counters = counters
        self._log = log
        self._hits: dict[tuple[str, int], Count] = {}
        self._told: dict[tuple[str, int, str | None], _Told] = {}
        self._salt = salt
        self._hit_sample = hit_sample
        self._chance = chance

    def tell(self, line: Line) -> None:
        """Count it, and write it down."""
        kind = line.operation, line.status, line.state
        told = self._told.get(kind)
        if told is None:
            told = self._told[kind] = self._counted_by(*kind)
        told.requests.number += 1
        told.took.add(line.ms / 1000)
        if told.answers is not None:
            told.answers.number += 1
        if line.code is not None:
            self._counters.add("problems", operation=line.operation, code=line.code)
        self._write(line)

    def tell_hit(self, operation: str, status: int, line: Callable[[], Line]) -> None:
        """Count it; the line is made where this one is written down."""
        count = self._hits.get((operation, status))
        if count is None:
            count = self._hits[operation, status] = self._count_of(operation, status, RECALL)
        count.number += 1
        if self._chance() < self._hit_sample:
            self._write(line())

    def _write(self, line: Line) -> None:
        request = line.request
        self._log.tell(
            Written(
                line.operation,
                line.method,
                line.status,
                line.ms,
                request.calls,
                request.id,
                "info",
                datetime.now(UTC),
                line.cache,
                line.code,
                line.reason,
                None if request.user is None else pseudonym(self._salt, request.user),
                request.trace_id,
            )
        )

    def _counted_by(self, operation: str, status: int, state: str | None) -> _Told:
        return _Told(
            self._count_of(operation, status, PIPELINE),
            self._counters.timing("request_duration_seconds", operation=operation),
            self._counters.of("cache_answers", operation=operation, state=state) if state else None,
        )

    def _count_of(self, operation: str, status: int, by: str) -> Count:
        return self._counters.of("requests", operation=operation, status=str(status), by=by)
