"""A count of what may have ended something: who remembers that a thing held looks again when it moved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Changes:
    """`count` moves with every change; with a new `era` nothing that was remembered holds any more."""

    count: int = 0
    era: int = 0

    def note(self) -> None:
        """Something that somebody relies on may have ended."""
        self.count += 1

    def forget(self) -> None:
        """Nobody can tell what ended."""
        self.era += 1
        self.count += 1
