"""Questions that are asked of the platform each time, because nobody asked them before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

TEAM = "/teams/team-acme-brand"
CAMPAIGNS = f"{TEAM}/meta/campaigns?adAccountId=act_1001"
STATUS = f"{TEAM}/meta/campaigns/cmp_1001_1/status?adAccountId=act_1001"
RENAME = {"name": "Acme Brand"}


def new_insights() -> Iterator[str]:
    """Figures of one day after the other, from long ago on."""
    day = date(2025, 1, 1)
    while True:
        day += timedelta(days=1)
        yield f"{TEAM}/meta/insights?adAccountId=act_1001&startDate={day}&endDate={day}"
