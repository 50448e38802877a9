"""Counters of what happened, by name and labels. Labels are operations and kinds, never ids."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Count:
    """How often one thing happened."""

    number: int = 0


class Counters:
    """Counts in this process."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, tuple[tuple[str, str], ...]], Count] = {}

    def of(self, name: str, **labels: str) -> Count:
        """The count itself, for who counts so often that looking for it would cost too much."""
        return self._counts.setdefault((name, tuple(sorted(labels.items()))), Count())

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
