"""What is to be reached, and whether it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from bench.plan import FULL
from bench.results import Results


class Verdict(StrEnum):
    AIM = "aim reached"
    FLOOR = "floor reached"
    MISSED = "missed"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Goal:
    """`most`: less is better, and these are upper bounds."""

    name: str
    measured: float | None
    floor: float
    aim: float
    most: bool = False

    @property
    def verdict(self) -> Verdict:
        if self.measured is None:
            return Verdict.UNKNOWN
        sign = -1 if self.most else 1
        if sign * self.measured >= sign * self.aim:
            return Verdict.AIM
        return Verdict.FLOOR if sign * self.measured >= sign * self.floor else Verdict.MISSED


def goals(results: Results) -> list[Goal]:
    return [*_ratios(results), *_others(results)]


def _ratios(results: Results) -> Iterator[Goal]:
    """Of requests a second, ours to theirs."""
    for size in ("4 KB", "60 KB"):
        record = results.ratio(f"hit {size}", "bff", "nginx+njs")
        yield Goal(f"hit {size}, to nginx + njs JWT", record, 0.7, 1.0)
    for size in ("4 KB", "60 KB"):
        fastify = results.ratio(f"hit {size}", "bff", "fastify")
        yield Goal(f"hit {size}, to Fastify + lru-cache", fastify, 1.7, 3.0)
    for size, aim in (("4 KB", 1.0), ("60 KB", 2.0)):
        undici = results.ratio(f"miss {size}", "bff", "fastify+undici")
        yield Goal(f"miss {size}, to Fastify + undici", undici, 0.6, aim)
    for size in ("4 KB", "60 KB"):
        fastapi = results.ratio(f"miss {size}", "bff", "fastapi")
        yield Goal(f"miss {size}, to FastAPI + httpx", fastapi, 8.0, 14.0)


# Where requests left later than that (ms, 99th percentile) the load was measured and not the server.
LATEST = 1.0


def _others(results: Results) -> Iterator[Goal]:
    mine, record = results.holding("bff", "bff"), results.holding("nginx+njs", "nginx+njs")
    in_time = mine and record and max(mine.late_p99, record.late_p99) < LATEST
    later = mine.p99 - record.p99 if in_time and mine and record else None
    yield Goal(
        "p99 of a hit at half of its own peak, or at what the load holds, less that of nginx + njs (ms)",
        later,
        1.0,
        0.0,
        most=True,
    )
    calls = next((float(one.calls) for one in results.crowded if one.who == "bff"), None)
    yield Goal(
        "upstream calls for a crowd of identical misses, one replica", calls, 1, 1, most=True
    )
    memory = results.remembering
    grown = memory.hit_full_us / memory.hit_empty_us if memory.hit_empty_us else None
    yield Goal("processor time of a hit, cache filled to empty", grown, 1.1, 1.0, most=True)
    whole = memory.sessions >= FULL.sessions
    name = f"memory of {FULL.sessions} sessions and a full cache (MiB)"
    yield Goal(name, memory.filled if whole else None, 250, 180, most=True)
    start = median(one.seconds for one in results.starts)
    yield Goal("start to first answer (s)", start, 1.5, 0.8, most=True)
