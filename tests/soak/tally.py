"""What was answered, by phase and by kind of question, and how long it took."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["read", "dashboard", "session", "change", "money", "outcome", "stream"]


@dataclass
class Tally:
    """Counts go to the `phase` that is on when an answer comes."""

    phase: str = "start"
    answers: Counter[tuple[str, Kind, str]] = field(default_factory=Counter)
    seconds: dict[tuple[str, Kind], list[float]] = field(default_factory=lambda: defaultdict(list))
    # What must never be seen, in a sentence each.
    breaches: list[str] = field(default_factory=list)

    def note(self, kind: Kind, end: str, seconds: float) -> None:
        """`end` is the status with the problem's code, or the error that came in its place."""
        self.answers[self.phase, kind, end] += 1
        self.seconds[self.phase, kind].append(seconds)

    def total(self, phase: str | None = None) -> int:
        """How many answers there were, errors in their place included."""
        return sum(n for (one, _, _), n in self.answers.items() if phase in (None, one))

    def kinds(self) -> dict[str, dict[str, dict[str, int]]]:
        """Phase, in their order → kind → end → how often."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        phases = list(dict.fromkeys(phase for phase, _, _ in self.answers))
        listed = sorted(self.answers.items(), key=lambda one: (phases.index(one[0][0]), one[0]))
        for (phase, kind, end), number in listed:
            found.setdefault(phase, {}).setdefault(kind, {})[end] = number
        return found

    def p99(self, phase: str, kind: Kind) -> float | None:
        """In seconds; None when there was nothing to measure."""
        times = sorted(self.seconds.get((phase, kind), ()))
        return times[min(len(times) - 1, int(len(times) * 0.99))] if times else None
