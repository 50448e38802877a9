"""Counters of what happened and how long it took, by name and labels. Labels are operations and kinds,
never ids; every name stands in the table of metrics (metrics.py)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

# Upper bounds of what is told apart, in seconds; what takes longer than the last is one more.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Labels = tuple[tuple[str, str], ...]
# One number, or of a timing how often each bound was kept, and all seconds together.
Numbers = tuple[float, ...]


@dataclass(slots=True, eq=False)
class Count:
    """How often one thing happened."""

    number: int = 0


@dataclass(slots=True, eq=False)
class Timing:
    """How long one thing took: how often up to each bound and no longer, and in all."""

    within: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.within[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Counters:
    """Counts and timings in this process."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, Labels], Count] = {}
        self._timings: dict[tuple[str, Labels], Timing] = {}

    def of(self, name: str, **labels: str) -> Count:
        """The count itself, for who counts so often that looking for it would cost too much."""
        return self._counts.setdefault((name, tuple(sorted(labels.items()))), Count())

    def timing(self, name: str, **labels: str) -> Timing:
        """What takes the times of one thing."""
        return self._timings.setdefault((name, tuple(sorted(labels.items()))), Timing())

    def add(self, name: str, amount: int = 1, **labels: str) -> None:
        self.of(name, **labels).number += amount

    def value(self, name: str, **labels: str) -> int:
        """How often it happened, summed over the labels that are not given."""
        wanted = labels.items()
        return sum(
            count.number
            for (counted, having), count in self._counts.items()
            if counted == name and wanted <= dict(having).items()
        )

    def counted(self) -> Iterator[tuple[str, Labels, Numbers]]:
        """All of it as it is now."""
        for (name, labels), count in self._counts.items():
            yield name, labels, (count.number,)
        for (name, labels), timing in self._timings.items():
            yield name, labels, (*timing.within, timing.seconds)
