"""What a dashboard answers: its parts, and the events in which its stream tells them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from app.catalogue.composed import Bye, Part, PartStatus, Update
from app.catalogue.figures import Changes, Figures
from app.catalogue.shapes import Answer


class TrendStep(StrEnum):
    """What one point of a trend is: a day, or a week from Monday to Sunday."""

    DAY = "day"
    WEEK = "week"


class TotalsPart(Part):
    data: Figures | None = None


class Comparison(Answer):
    """The figures of the period before, and what changed since."""

    start_date: date
    end_date: date
    figures: Figures
    change: Changes | None = Field(description="Null when the totals are missing")


class ComparisonPart(Part):
    data: Comparison | None = None


class CampaignFigures(Answer):
    """One campaign's figures: null when none were reported, or none could be read."""

    campaign_id: str
    name: str | None
    status: str | None = Field(description="ACTIVE, PAUSED, or what Meta adds; null when unknown")
    objective: str | None
    figures: Figures | None


class CampaignsOfDashboard(Answer):
    """Campaigns, those that spent the most first. Their figures and `other` make the totals."""

    items: list[CampaignFigures]
    other: Figures | None = Field(
        description="What the totals hold beyond these campaigns, e.g. of deleted ones; it can be "
        "negative while the parts are of different age. Null when one of the two is missing"
    )


class CampaignsPart(Part):
    data: CampaignsOfDashboard | None = None


class Segment(Answer):
    """The part of the figures that has this value, e.g. the age `25-34`."""

    value: str
    figures: Figures


class BreakdownOfDashboard(Answer):
    """Ages in their order, all others by spend, the most first."""

    items: list[Segment]


class BreakdownPart(Part):
    data: BreakdownOfDashboard | None = None


class BreakdownsOfDashboard(Answer):
    age: BreakdownPart
    gender: BreakdownPart
    country: BreakdownPart
    publisher_platform: BreakdownPart
    impression_device: BreakdownPart


class TrendPoint(Answer):
    """The figures of one step; its status is its own, as each point is asked for by itself."""

    start_date: date
    end_date: date
    status: PartStatus
    as_of: datetime | None
    figures: Figures | None


class Trend(Answer):
    step: TrendStep
    points: list[TrendPoint]


class TrendPart(Part):
    data: Trend | None = None


class DashboardScope(Answer):
    """What the figures are about. Neither currency nor time zone is known: the platform names none."""

    ad_account_id: str
    start_date: date
    end_date: date
    currency: str | None = None
    time_zone: str | None = None


class Dashboard(DashboardScope):
    """The figures of an ad account. Each part says how it came about; a missing one is named."""

    totals: TotalsPart
    comparison: ComparisonPart
    campaigns: CampaignsPart
    breakdowns: BreakdownsOfDashboard
    trend: TrendPart


class BreakdownsUpdate(Update):
    """The breakdowns that are news."""

    age: BreakdownPart | None = None
    gender: BreakdownPart | None = None
    country: BreakdownPart | None = None
    publisher_platform: BreakdownPart | None = None
    impression_device: BreakdownPart | None = None


class DashboardUpdate(Update):
    """The parts that are news, each to replace what was known of it; an absent one is unchanged."""

    totals: TotalsPart | None = None
    comparison: ComparisonPart | None = None
    campaigns: CampaignsPart | None = None
    breakdowns: BreakdownsUpdate | None = None
    trend: TrendPart | None = None


class ScopeEvent(Answer):
    """The first event: what the figures are about."""

    event: Literal["scope"]
    data: DashboardScope


class PartsEvent(Answer):
    """Parts that arrived, or changed."""

    event: Literal["parts"]
    data: DashboardUpdate


class Nothing(Answer):
    """An empty object."""


class ReadyEvent(Answer):
    """Every part has been told once; from here on come changes."""

    event: Literal["ready"]
    data: Nothing


class ByeEvent(Answer):
    """The stream ends, and why."""

    event: Literal["bye"]
    data: Bye


DashboardEvent = Annotated[
    ScopeEvent | PartsEvent | ReadyEvent | ByeEvent, Field(discriminator="event")
]
