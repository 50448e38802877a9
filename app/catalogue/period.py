"""Periods: two inclusive days in order, not in the future, and not too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from app.catalogue.shapes import Day

LONGEST_DAYS = 1100

PeriodStart = Annotated[Day, Field(description="First day, YYYY-MM-DD", examples=["2026-01-01"])]
PeriodEnd = Annotated[Day, Field(description="Last day, inclusive", examples=["2026-01-31"])]


def period_faults(start: date, end: date, today: date) -> Iterator[tuple[str, str]]:
    """What is wrong with a period; tomorrow in UTC is still allowed, as it is today somewhere."""
    if start > end:
        yield "/query/startDate", "must not be after endDate"
    if end > today + timedelta(days=1):
        yield "/query/endDate", "must not be after tomorrow (UTC)"
    if (end - start).days + 1 > LONGEST_DAYS:
        yield "/query/endDate", f"must be less than {LONGEST_DAYS} days after startDate"
