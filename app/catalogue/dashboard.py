"""The dashboard of an ad account: totals, campaigns, breakdowns and trend, in one answer or live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from app.catalogue.campaigns import CampaignField, ListCampaigns
from app.catalogue.composed import (
    Bye,
    Composed,
    Live,
    Part,
    PartStatus,
    Piece,
    Update,
    differences,
    group_of,
    part_of,
)
from app.catalogue.figures import Changes, Figures, Row, Sums, changes, figures_of, sums_of
from app.catalogue.insights import Breakdown, GetMetaInsights, Level
from app.catalogue.operation import Read, Rule
from app.catalogue.period import PeriodEnd, PeriodStart, period_faults
from app.catalogue.shapes import AdAccountId, Answer, TeamId

MOST_POINTS = 31


class DashboardPart(StrEnum):
    """What a dashboard is made of."""

    TOTALS = "totals"
    CAMPAIGNS = "campaigns"
    BREAKDOWNS = "breakdowns"
    TREND = "trend"


class ComparedWith(StrEnum):
    """`previous` is the period of equal length just before."""

    PREVIOUS = "previous"


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


class DashboardQuestion(BaseModel):
    """What both forms of the dashboard are asked by."""

    access: ClassVar[tuple[Rule, ...]] = (Rule.ACCOUNT_READ,)
    abreast: ClassVar[Mapping[str, int]] = {DashboardPart.TREND: 4}

    team_id: TeamId
    ad_account_id: AdAccountId
    start_date: PeriodStart
    end_date: PeriodEnd
    compare: Annotated[
        ComparedWith | None,
        Field(description="Compare the totals with those of the period just before"),
    ] = None
    trend: Annotated[
        TrendStep | None,
        Field(description=f"Add the trend, in these steps; at most {MOST_POINTS} of them"),
    ] = None
    parts: Annotated[
        tuple[DashboardPart, ...],
        Field(max_length=10, description="Only these parts; repeat it. Default: all but the trend"),
    ] = ()
    require: Annotated[
        tuple[DashboardPart, ...],
        Field(max_length=10, description="Parts without which there is no answer; repeat it"),
    ] = ()

    @property
    def wanted(self) -> frozenset[DashboardPart]:
        """The parts to answer: those named, and the trend when its step is."""
        named = set(self.parts) or set(DashboardPart) - {DashboardPart.TREND}
        return frozenset(named | ({DashboardPart.TREND} if self.trend else set()))

    @property
    def step(self) -> TrendStep:
        return self.trend or TrendStep.DAY

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        """What is wrong between fields that are valid each."""
        period = list(period_faults(self.start_date, self.end_date, today))
        yield from period
        if missing := sorted(set(self.require) - self.wanted):
            yield "/query/require", f"{', '.join(missing)}: name it in `parts` as well"
        if self.compare and DashboardPart.TOTALS not in self.wanted:
            yield "/query/compare", "compares the totals: name `totals` in `parts` as well"
        if self.compare and not period and self.start_date - date.min <= self._length:
            yield "/query/compare", "there is no period of that length before this one"
        if not period and DashboardPart.TREND in self.wanted:
            count = len(self._steps)
            if count > MOST_POINTS:
                week = "trend=week or " if self.step is TrendStep.DAY else ""
                yield (
                    "/query/trend",
                    f"has {count} points, of at most {MOST_POINTS}: use {week}a shorter period",
                )

    @property
    def previous(self) -> tuple[date, date]:
        """The period of equal length just before."""
        last = self.start_date - timedelta(days=1)
        return last - self._length, last

    @property
    def _length(self) -> timedelta:
        """From the first day to the last."""
        return self.end_date - self.start_date

    def reads(self, today: date) -> Mapping[str, Read[Any]]:
        """The reads that make the wanted parts; their names are those that `compose` looks for."""
        asked: dict[str, Read[Any]] = {}
        if DashboardPart.TOTALS in self.wanted:
            asked["totals"] = self._insights()
            if self.compare:
                asked["comparison"] = self._insights(self.previous)
        if DashboardPart.CAMPAIGNS in self.wanted:
            asked["campaigns/figures"] = self._insights(level=Level.CAMPAIGN)
            asked["campaigns/list"] = ListCampaigns(
                team_id=self.team_id, ad_account_id=self.ad_account_id, fields=_CAMPAIGN_FIELDS
            )
        if DashboardPart.BREAKDOWNS in self.wanted:
            for by in Breakdown:
                asked[f"breakdowns.{by}"] = self._insights(breakdown=by)
        if DashboardPart.TREND in self.wanted:
            # The newest first: what proves that the caller may is then what is old soonest.
            for place, step in reversed([*enumerate(self._steps)]):
                asked[f"trend/{place}"] = self._insights(step)
        return asked

    def required(self) -> frozenset[str]:
        """The names of the reads that `require` makes indispensable; the comparison is totals'."""
        parts = {*self.require, *(["comparison"] if "totals" in self.require else [])}
        return frozenset(
            name for name in self.reads(date.min) if group_of(name).partition(".")[0] in parts
        )

    def dashboard(self, pieces: Mapping[str, Piece]) -> Dashboard:
        """The pieces put together; a part none of whose reads has a piece is omitted."""
        totals = pieces.get("totals")
        sums = _sums(totals)
        figures = None if sums is None else figures_of(sums)
        return Dashboard(
            ad_account_id=self.ad_account_id,
            start_date=self.start_date,
            end_date=self.end_date,
            totals=part_of(TotalsPart, figures, totals),
            comparison=self._comparison(figures, pieces.get("comparison")),
            campaigns=_campaigns(
                sums, pieces.get("campaigns/figures"), pieces.get("campaigns/list")
            ),
            breakdowns=BreakdownsOfDashboard.model_validate(
                {by: _breakdown(by, pieces.get(f"breakdowns.{by}")) for by in Breakdown}
            ),
            trend=self._trend(pieces),
        )

    @property
    def _steps(self) -> Sequence[tuple[date, date]]:
        return steps(self.start_date, self.end_date, self.step)

    def _insights(
        self,
        period: tuple[date, date] | None = None,
        level: Level = Level.ACCOUNT,
        breakdown: Breakdown | None = None,
    ) -> GetMetaInsights:
        start, end = period or (self.start_date, self.end_date)
        return GetMetaInsights(
            team_id=self.team_id,
            ad_account_id=self.ad_account_id,
            start_date=start,
            end_date=end,
            level=level,
            breakdown=breakdown,
        )

    def _comparison(self, now: Figures | None, piece: Piece | None) -> ComparisonPart:
        sums = _sums(piece)
        if sums is None:
            return part_of(ComparisonPart, None, piece)
        then = figures_of(sums)
        start, end = self.previous
        compared = Comparison(
            start_date=start,
            end_date=end,
            figures=then,
            change=None if now is None else changes(now, then),
        )
        return part_of(ComparisonPart, compared, piece)

    def _trend(self, pieces: Mapping[str, Piece]) -> TrendPart:
        """Its status is that of the worst of its points."""
        asked = [
            (start, end, pieces[f"trend/{place}"])
            for place, (start, end) in enumerate(self._steps)
            if f"trend/{place}" in pieces
        ]
        points = [
            TrendPoint(
                start_date=start,
                end_date=end,
                status=_status(piece),
                as_of=piece.as_of,
                figures=_figures(piece),
            )
            for start, end, piece in asked
        ]
        trend = Trend(step=self.step, points=points)
        return part_of(TrendPart, trend, *(piece for *_, piece in asked))


class GetDashboard(DashboardQuestion, Composed[Dashboard]):
    """Read the figures of an ad account's dashboard in one call.

    Parts are asked for at the same time, and kept like the reads that they are made of. A part that
    failed is named and does not spoil the others, unless `require` names it.
    """

    route = "GET /teams/{teamId}/dashboard"
    upstream = None

    def compose(self, pieces: Mapping[str, Piece]) -> Dashboard:
        return self.dashboard(pieces)


class StreamDashboard(DashboardQuestion, Live[Dashboard]):
    """Read the figures of an ad account's dashboard, and follow them.

    Server-sent events, to be read with `fetch` (an EventSource cannot send headers): `scope`, then
    `parts` as they arrive, `ready` when all have, then `parts` again whenever some change, and
    `bye` at the end, which comes when the session or the permission ends. Lines that begin with a
    colon keep the connection alive. A stream does not keep the session alive.
    """

    route = "GET /teams/{teamId}/dashboard/stream"
    upstream = None
    events = DashboardEvent

    def compose(self, pieces: Mapping[str, Piece]) -> Dashboard:
        return self.dashboard(pieces)

    def scope(self) -> DashboardScope:
        return DashboardScope(
            ad_account_id=self.ad_account_id, start_date=self.start_date, end_date=self.end_date
        )

    def update(self, before: Dashboard, now: Dashboard) -> DashboardUpdate | None:
        news = differences(before, now, ("totals", "comparison", "campaigns", "trend"))
        split = differences(before.breakdowns, now.breakdowns, BreakdownsUpdate.model_fields)
        if split:
            news["breakdowns"] = BreakdownsUpdate(**split)
        return DashboardUpdate(**news) if news else None


def steps(start: date, end: date, step: TrendStep) -> Sequence[tuple[date, date]]:
    """The period in steps; a week at either end is cut off where the period is."""
    found = []
    while start <= end:
        days = 0 if step is TrendStep.DAY else 6 - start.weekday()
        last = min(end, start + timedelta(days=days))
        found.append((start, last))
        start = last + timedelta(days=1)
    return found


_CAMPAIGN_FIELDS = (CampaignField.NAME, CampaignField.STATUS, CampaignField.OBJECTIVE)


def _rows(piece: Piece | None) -> list[Row] | None:
    return None if piece is None or piece.data is None else piece.data["items"]


def _sums(piece: Piece | None) -> Sums | None:
    rows = _rows(piece)
    return None if rows is None else sums_of(rows)


def _figures(piece: Piece) -> Figures | None:
    sums = _sums(piece)
    return None if sums is None else figures_of(sums)


def _status(piece: Piece) -> PartStatus:
    return part_of(Part, None, piece).status


def _campaigns(totals: Sums | None, figures: Piece | None, listed: Piece | None) -> CampaignsPart:
    """Every campaign that is listed or has figures; without the list there is no status to tell."""
    rows, campaigns = _rows(figures), _rows(listed)
    if rows is None and campaigns is None:
        return part_of(CampaignsPart, None, figures, listed)
    by_id: dict[str, Row] = {one["id"]: one for one in campaigns or []}
    reported: dict[str, list[Row]] = {}
    for row in rows or []:
        if row.get("campaignId") is not None:
            reported.setdefault(row["campaignId"], []).append(row)
    sums = {one: sums_of(reported[one]) for one in reported}
    items = [
        CampaignFigures(
            campaign_id=one,
            name=by_id.get(one, {}).get("name") or _name(reported.get(one, ())),
            status=by_id.get(one, {}).get("status"),
            objective=by_id.get(one, {}).get("objective"),
            figures=figures_of(sums[one]) if one in sums else None,
        )
        for one in sorted({*by_id, *reported}, key=lambda one: (-_spend(sums.get(one)), one))
    ]
    other = None
    if totals is not None and rows is not None:
        named = [row for of_one in reported.values() for row in of_one]
        other = figures_of(totals.without(sums_of(named) if named else Sums()))
    data = CampaignsOfDashboard(items=items, other=other)
    return part_of(CampaignsPart, data, figures, listed)


def _name(rows: Sequence[Row]) -> str | None:
    return next((row["campaignName"] for row in rows if row.get("campaignName")), None)


def _spend(sums: Sums | None) -> float:
    return -1.0 if sums is None or sums.spend is None else float(sums.spend)


def _breakdown(by: Breakdown, piece: Piece | None) -> BreakdownPart:
    rows = _rows(piece)
    if rows is None:
        return part_of(BreakdownPart, None, piece)
    by_value: dict[str, list[Row]] = {}
    for row in rows:
        by_value.setdefault((row.get("breakdown") or {}).get("value") or "unknown", []).append(row)
    sums = {value: sums_of(found) for value, found in by_value.items()}
    order = sorted(sums, key=lambda value: (-_spend(sums[value]), value))
    if by is Breakdown.AGE:
        order = sorted(sums)
    items = [Segment(value=value, figures=figures_of(sums[value])) for value in order]
    return part_of(BreakdownPart, BreakdownOfDashboard(items=items), piece)
