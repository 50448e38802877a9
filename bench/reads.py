"""What is asked for: two real reads, and periods that nobody has asked for yet."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

ACCOUNT = "act_1001"
CAMPAIGN = "cmp_1001_1"
DAY = "2026-05-04"


@dataclass(frozen=True, slots=True)
class Reading:
    """A read of an ad account's figures; `team` is `team-` and the user's number."""

    name: str
    query: tuple[tuple[str, str], ...]

    def target(self, user: int = 1, start: str = DAY, end: str = DAY) -> str:
        period = (("startDate", start), ("endDate", end))
        query = urlencode((("adAccountId", ACCOUNT), *period, *self.query))
        return f"/api/v1/teams/team-{user}/meta/insights?{query}"


SMALL = Reading("4 KB", (("fields", "impressions"), ("fields", "spend"), ("fields", "actions")))
# All 102 rows of it on one page, as it is kept: a page that is cut costs more.
LARGE = Reading("60 KB", (("level", "ad"), ("breakdown", "gender"), ("limit", "200")))
READINGS = (SMALL, LARGE)


def dashboard(user: int = 1, start: str = DAY, end: str = DAY) -> str:
    """The composed operation: totals, campaigns and all five breakdowns in one answer."""
    query = urlencode((("adAccountId", ACCOUNT), ("startDate", start), ("endDate", end)))
    return f"/api/v1/teams/team-{user}/dashboard?{query}"


def creatives(user: int) -> str:
    """Another read of the same account."""
    return f"/api/v1/teams/team-{user}/meta/ad-creatives?{urlencode({'adAccountId': ACCOUNT})}"


def change() -> str:
    """Where a campaign is paused and resumed."""
    query = urlencode({"adAccountId": ACCOUNT})
    return f"/api/v1/teams/team-1/meta/campaigns/{CAMPAIGN}?{query}"


def campaigns() -> str:
    return f"/api/v1/teams/team-1/meta/campaigns?{urlencode({'adAccountId': ACCOUNT})}"
