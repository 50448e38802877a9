"""The dashboard of an ad account: totals, campaigns, breakdowns and trend, in one answer or live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from app.catalogue.campaigns import CampaignField, ListCampaigns
from app.catalogue.composed import Composed, Live, Piece, differences, group_of, part_of
from app.catalogue.dashboard_parts import (
    breakdown_part,
    campaigns_part,
    figures_in,
    status_of,
    sums_in,
)
from app.catalogue.dashboard_shapes import (
    BreakdownsOfDashboard,
    BreakdownsUpdate,
    Comparison,
    ComparisonPart,
    Dashboard,
    DashboardEvent,
    DashboardScope,
    DashboardUpdate,
    TotalsPart,
    Trend,
    TrendPart,
    TrendPoint,
    TrendStep,
)
from app.catalogue.figures import Figures, changes, figures_of
from app.catalogue.insights import Breakdown, GetMetaInsights, Level
from app.catalogue.operation import Read, Rule
from app.catalogue.period import PeriodEnd, PeriodStart, period_faults
from app.catalogue.shapes import AdAccountId, TeamId

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
        sums = sums_in(totals)
        figures = None if sums is None else figures_of(sums)
        return Dashboard(
            ad_account_id=self.ad_account_id,
            start_date=self.start_date,
            end_date=self.end_date,
            totals=part_of(TotalsPart, figures, totals),
            comparison=self._comparison(figures, pieces.get("comparison")),
            campaigns=campaigns_part(
                sums, pieces.get("campaigns/figures"), pieces.get("campaigns/list")
            ),
            breakdowns=BreakdownsOfDashboard.model_validate(
                {by: breakdown_part(by, pieces.get(f"breakdowns.{by}")) for by in Breakdown}
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
        sums = sums_in(piece)
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
                status=status_of(piece),
                as_of=piece.as_of,
                figures=figures_in(piece),
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
