"""What a run found, as values; the report and the goals are made of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.load.wrk import Round
from bench.verify import Verified


@dataclass(frozen=True, slots=True)
class Measured:
    """One contestant under one closed load, several times. `calls` are those of the platform for
    data of ad accounts, per request that was begun."""

    workload: str
    who: str
    rounds: tuple[Round, ...]
    calls: float

    @property
    def rate(self) -> float:
        """Requests a second, the median of the rounds."""
        return median(one.rate for one in self.rounds)

    @property
    def spread(self) -> float:
        """From the slowest round to the fastest, as a part of the median."""
        rates = [one.rate for one in self.rounds]
        return (max(rates) - min(rates)) / self.rate

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's processor time per request."""
        return median(one.cpu_us for one in self.rounds)

    @property
    def p99_ms(self) -> float:
        return median(one.p99_ms for one in self.rounds)


@dataclass(frozen=True, slots=True)
class Held:
    """One contestant at a fixed rate of arrivals; medians of the rounds, milliseconds. `rate_of`
    says whose peak the rate is a half of."""

    who: str
    rate_of: str
    rate: float
    achieved: float
    p50: float
    p99: float
    p999: float
    late_p99: float


@dataclass(frozen=True, slots=True)
class Crowded:
    """A crowd of identical misses; medians of the rounds, milliseconds. `calls` of the platform per
    crowd: the most of all rounds."""

    who: str
    asked: int
    answered: int
    calls: int
    cpu_ms: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Changed:
    """Changes, each with a read of what it changed; milliseconds. All of the reads are misses."""

    changes: int
    fresh: int
    cpu_ms: float
    change_p50: float
    change_p99: float
    read_p50: float
    read_p99: float


@dataclass(frozen=True, slots=True)
class Remembering:
    """What signed-in sessions and a filled cache take, in MiB; and what a hit costs an empty gateway
    and this one, in microseconds of processor time. `offered` is what the cache was given to keep."""

    sessions: int
    at_start: float
    signed_in: float
    filled: float
    offered: float
    hit_empty_us: float
    hit_full_us: float


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds from the command to the first answer, by the clock and of processor time."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Results:
    """Everything. Whatever needs what this machine lacks is missing."""

    verified: Sequence[Verified]
    missing: dict[str, str]
    measured: Sequence[Measured]
    held: Sequence[Held]
    crowded: Sequence[Crowded]
    changed: Changed
    remembering: Remembering
    starts: Sequence[Started]

    def of(self, workload: str, who: str) -> Measured | None:
        found = (one for one in self.measured if (one.workload, one.who) == (workload, who))
        return next(found, None)

    def ratio(self, workload: str, ours: str, theirs: str) -> float | None:
        """How many requests of ours there are for one of theirs."""
        mine, other = self.of(workload, ours), self.of(workload, theirs)
        return mine.rate / other.rate if mine and other else None

    def holding(self, who: str, rate_of: str) -> Held | None:
        found = (one for one in self.held if (one.who, one.rate_of) == (who, rate_of))
        return next(found, None)
