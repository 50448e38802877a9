"""How long an answer keeps, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Share(StrEnum):
    """Whose copy a kept answer can be.

    USER: each user's own. TEAM: one copy for the members of a team who earned it, by an answer of
    their own that was the same (gateway/keeping.py).
    """

    USER = "user"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Keep:
    """Seconds of age: up to `fresh` an answer is served as it is, up to `stale` only marked stale.

    Between the two it is served while a new one is fetched; when that fails, until `stale`.
    """

    fresh: int
    stale: int

    def __str__(self) -> str:
        return f"{self.fresh} / {self.stale}"


@dataclass(frozen=True, slots=True)
class ByPeriod:
    """Figures of a closed period hardly change, today's change by the minute.

    Attribution restates closed days for weeks, so a period is only closed 28 days after its end.
    """

    open: Keep = Keep(60, 900)
    recent: Keep = Keep(600, 3600)
    closed: Keep = Keep(3600, 86_400)

    def of(self, end: date, today: date) -> Keep:
        """The Keep of a period that ends on `end` (inclusive)."""
        if end <= today - timedelta(days=28):
            return self.closed
        if end < today - timedelta(days=1):
            return self.recent
        return self.open

    def __str__(self) -> str:
        return "by period"
