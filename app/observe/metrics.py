"""The table of metrics: whatever an operator can be told in numbers, and how workers' numbers add up.

What is not in the table is not told. Counters and timings bear the names that they are counted under
(counters.py); gauges are read when they are asked for (app/measuring.py). docs/metrics.md says what to
do with each. Values of labels come from closed sets: operations, kinds, states; an id of anything is
never one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from app.observe.counters import Numbers

PREFIX = "bff_"

# By name of the metric, then by the values of its labels.
Measured = Mapping[str, Mapping[tuple[str, ...], Numbers]]


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Over(Enum):
    """What the numbers of several workers are together."""

    SUM = "sum"
    MOST = "most"
    LEAST = "least"


@dataclass(frozen=True, slots=True)
class Metric:
    """`from_start`: told as 0 for every operation (and difference) before it first happens, so that the
    first time is an increase like the others."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    over: Over = Over.SUM
    from_start: bool = False

    @property
    def exposed(self) -> str:
        """Its name in the exposition."""
        return PREFIX + self.name + ("_total" if self.kind is Kind.COUNTER else "")

    @property
    def series(self) -> frozenset[str]:
        """The names that queries find it by."""
        if self.kind is not Kind.HISTOGRAM:
            return frozenset({self.exposed})
        return frozenset(f"{self.exposed}_{part}" for part in ("bucket", "count", "sum"))


def _counter(name: str, sentence: str, *labels: str, from_start: bool = False) -> Metric:
    return Metric(name, Kind.COUNTER, sentence, labels, from_start=from_start)


def _gauge(name: str, sentence: str, *labels: str, over: Over = Over.SUM) -> Metric:
    return Metric(name, Kind.GAUGE, sentence, labels, over)


def _histogram(name: str, sentence: str, *labels: str) -> Metric:
    return Metric(name, Kind.HISTOGRAM, sentence, labels)


TABLE: tuple[Metric, ...] = (
    # --- requests
    _counter("requests", "Requests answered", "operation", "status", "by"),
    _histogram(
        "request_duration_seconds", "Time to answer what was not given from memory", "operation"
    ),
    _counter("problems", "Requests answered with a problem document", "operation", "code"),
    _counter("access_refused", "Access refused", "operation", "rule", "code"),
    _counter("rate_limited", "Requests refused because a quota is used up", "policy"),
    _gauge("streams_open", "Open streams"),
    # --- the cache
    _counter("cache_answers", "Reads answered by the pipeline", "operation", "state"),
    _counter("cache_collapsed", "Reads that joined a fetch under way"),
    _counter("cache_removals", "Entries removed from memory, for whatever reason"),
    _counter("cache_evictions", "Entries removed from memory to make room"),
    _gauge("cache_bytes", "Bytes of answers kept in memory"),
    _gauge("cache_max_bytes", "Bytes of answers that memory may hold"),
    _gauge("cache_entries", "Entries kept in memory"),
    _gauge("recall_memos", "Requests that are answered from memory if they are asked again"),
    _counter("second_level_reads", "Reads of the second level of the cache", "result"),
    _counter("second_level_writes", "Writes to the second level of the cache", "result"),
    _counter("second_level_unreadable", "Entries of the second level that no key opens"),
    # --- the platform
    _counter("platform_requests", "Requests sent to the platform", "operation", "outcome", "phase"),
    _histogram("platform_duration_seconds", "Time that the platform took", "operation"),
    _counter("retries", "Requests asked again", "operation", from_start=True),
    _counter("shed", "Requests refused for want of a place", "operation", from_start=True),
    _counter("refrained", "Requests not sent, to leave the platform alone", "operation", "reason"),
    _gauge("breaker_open", "1 while the platform is left alone", "group", over=Over.MOST),
    _gauge("lane_places", "Requests that may be at the platform at a time", "lane"),
    _gauge("lane_inside", "Requests at the platform", "lane"),
    _gauge("lane_waiting", "Requests that wait for a place", "lane"),
    _counter("key_refused", "Times that the platform refused our key"),
    _counter("upstream_invalid", "Answers not as declared", "operation", from_start=True),
    _counter(
        "drift", "Fields that were not as declared", "operation", "difference", from_start=True
    ),
    _counter(
        "tolerated",
        "Answers given without some of their rows or texts",
        "operation",
        from_start=True,
    ),
    _counter("undecoded", "Answers that took the slower decoder", "operation", from_start=True),
    # --- tokens and sessions
    _counter("tokens", "Tokens asked of the platform", "operation"),
    _counter("tokens_unreadable", "Shared tokens that no key opens"),
    _gauge("token_users", "Users whose tokens are in memory"),
    _counter("lease_waits", "Waits for another replica that does the same"),
    _counter("session_events", "Sessions begun, ended and refused", "event"),
    _gauge("sessions_kept", "Sessions in memory, without Redis"),
    _counter("message_unknown", "Messages of replicas that nobody here understands"),
    _counter("record_later", "Records in Redis that a later release wrote", "kind"),
    _counter("record_unreadable", "Records in Redis that no key opens", "kind"),
    # --- money
    _counter("money_writes", "Writes that spend money, by how they ended", "operation", "state"),
    _gauge("outcomes_open", "Writes that spend money whose end is being found out"),
    # --- the process
    _gauge("ready", "1 while requests should be sent here", over=Over.LEAST),
    _gauge("draining", "1 from the signal to stop on", over=Over.MOST),
    _counter("redis_away", "Times that Redis was found away"),
    _gauge("redis_reachable", "1 while Redis can be asked", over=Over.LEAST),
    _gauge("workers", "Worker processes that answer"),
    _counter("worker_restarts", "Worker processes started in the place of others"),
    _counter("process_cpu_seconds", "Processor time used"),
    _gauge("process_resident_bytes", "Memory in use"),
    _gauge("build_info", "Always 1; the labels say what runs", "version", over=Over.MOST),
)

BY_NAME: Mapping[str, Metric] = {metric.name: metric for metric in TABLE}

_TOGETHER: Mapping[Over, Callable[[Iterable[float]], float]] = {
    Over.SUM: sum,
    Over.MOST: max,
    Over.LEAST: min,
}


def merged(parts: Iterable[Measured]) -> Measured:
    """What several processes measured, as one."""
    found: dict[str, dict[tuple[str, ...], list[Numbers]]] = {}
    for part in parts:
        for name, series in part.items():
            for labels, numbers in series.items():
                found.setdefault(name, {}).setdefault(labels, []).append(numbers)
    return {
        name: {labels: _together(BY_NAME[name].over, rows) for labels, rows in series.items()}
        for name, series in found.items()
    }


def lasting(measured: Measured) -> Measured:
    """What stays true when the process that measured it has ended."""
    return {
        name: series for name, series in measured.items() if BY_NAME[name].kind is not Kind.GAUGE
    }


def _together(over: Over, rows: list[Numbers]) -> Numbers:
    return tuple(_TOGETHER[over](column) for column in zip(*rows, strict=True))
