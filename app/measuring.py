"""What one process measures: the counts that it kept, and its gauges, read when somebody asks.

Nothing here is done while requests are answered.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from app.gateway.health import Readiness
from app.gateway.recall import Memory
from app.observe.counters import Numbers
from app.observe.metrics import BY_NAME, TABLE, Kind, Measured
from app.parts import Parts
from app.session.records import LocalRecords

_STATM = Path("/proc/self/statm")
_PAGE = resource.getpagesize()

# A gauge's name, the values of its labels, and its value.
Gauge = tuple[str, tuple[str, ...], float]


class Measuring:
    """Measures one application: its parts, and the memory of what it answers again."""

    def __init__(self, parts: Parts, memory: Memory) -> None:
        self._parts = parts
        self._memory = memory
        self._readiness = Readiness(parts.drain, parts.link)
        self._begin_at_nought()

    def _begin_at_nought(self) -> None:
        """An alert on an increase would miss a first time that comes out of nowhere."""
        counters = self._parts.counters
        for metric in TABLE:
            if metric.from_start:
                for operation in self._parts.catalogue.operations:
                    counters.of(metric.name, operation=operation.id)

    @property
    def state(self) -> str:
        """That of readiness: `ok`, `starting` or `draining`."""
        return self._readiness.state()

    def measured(self) -> Measured:
        """Everything as it is now."""
        found: dict[str, dict[tuple[str, ...], Numbers]] = {
            metric.name: {(): (0,)}
            for metric in TABLE
            if metric.kind is Kind.COUNTER and not metric.labels
        }
        for name, labels, numbers in self._parts.counters.counted():
            if metric := BY_NAME.get(name):
                having = dict(labels)
                found.setdefault(name, {})[tuple(having[label] for label in metric.labels)] = (
                    numbers
                )
        for name, values, number in (*self._read_counts(), *self._gauges()):
            found.setdefault(name, {})[values] = (float(number),)
        return found

    def _read_counts(self) -> Iterator[Gauge]:
        """Counts that parts keep by themselves."""
        cache = self._parts.cache
        yield "cache_collapsed", (), self._parts.reading.collapsed
        yield "cache_removals", (), cache.store.removed
        yield "cache_evictions", (), cache.store.evicted
        yield "process_cpu_seconds", (), time.process_time()

    def _gauges(self) -> Iterator[Gauge]:
        yield from self._kept()
        yield from self._platform()
        parts = self._parts
        yield "streams_open", (), parts.streams.open
        yield "outcomes_open", (), parts.spending.settling
        if parts.link is not None:
            yield "redis_reachable", (), not parts.link.away
        yield "workers", (), 1
        yield "ready", (), self.state == "ok"
        yield "draining", (), parts.drain.under_way
        yield "build_info", (version("ads-bff"),), 1
        if _STATM.exists():
            yield "process_resident_bytes", (), int(_STATM.read_text().split()[1]) * _PAGE

    def _kept(self) -> Iterator[Gauge]:
        store = self._parts.cache.store
        yield "cache_bytes", (), store.size_bytes
        yield "cache_max_bytes", (), store.max_bytes
        yield "cache_entries", (), len(store)
        yield "recall_memos", (), len(self._memory)
        yield "token_users", (), len(self._parts.platform.tokens)
        sessions = self._parts.stores.sessions
        if isinstance(sessions, LocalRecords):
            # In Redis only a walk over all of its keys could tell.
            yield "sessions_kept", (), len(sessions)

    def _platform(self) -> Iterator[Gauge]:
        resilience = self._parts.platform.resilience
        for group, breaker in resilience.breakers.items():
            yield "breaker_open", (group,), breaker.opened
        for name, lane in resilience.lanes.by_name.items():
            yield "lane_places", (name,), lane.places
            yield "lane_inside", (name,), lane.inside
            yield "lane_waiting", (name,), lane.waiting
