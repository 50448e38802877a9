"""Counters of what happened, by name and labels. Labels are operations and kinds, never ids."""

from __future__ import annotations

from collections import Counter


class Counters:
    """Counts in this process."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()

    def add(self, name: str, amount: int = 1, **labels: str) -> None:
        self._counts[name, tuple(sorted(labels.items()))] += amount

    def value(self, name: str, **labels: str) -> int:
        """How often it happened, summed over the labels that are not given."""
        wanted = labels.items()
        return sum(
            count
            for (counted, having), count in self._counts.items()
            if counted == name and wanted <= dict(having).items()
        )
