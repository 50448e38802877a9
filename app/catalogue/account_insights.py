"""Figures of one ad account, whatever network it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, TypeAdapter

from app.catalogue.address import Evidence
from app.catalogue.campaigns import account_tags
from app.catalogue.keep import ByPeriod, Keep
from app.catalogue.known import Known
from app.catalogue.operation import ListOf, Local, Rule, Share, Upstream, Wire
from app.catalogue.period import PeriodEnd, PeriodStart, period_faults
from app.catalogue.shapes import AdAccountId, Answer, Figure, TeamId
from app.catalogue.tags import Tag
from app.patterns import in_words

MetricName = Annotated[
    str,
    StringConstraints(
        pattern=in_words(r"^[A-Za-z0-9_.]{1,64}$", "use 1 to 64 letters, digits, _ and .")
    ),
]
_FIGURE: TypeAdapter[float] = TypeAdapter(Figure)


class AccountFigures(Answer):
    """The figures asked for, by name; `breakdown` says which part of the account they are of."""

    metrics: dict[str, Figure]
    breakdown: str | None = None


class GetAdAccountInsights(ListOf[AccountFigures]):
    """Read an ad account's figures for a period, by the network's own metric names."""

    route = "GET /teams/{teamId}/ad-accounts/{adAccountId}/insights"
    upstream = Upstream(22, "GET /connections/{id}/insights", Evidence.INFERRED)
    access = (Rule.ACCOUNT_READ,)
    keep = ByPeriod()
    share = Share.TEAM
    wire = dict[str, Any] | list[dict[str, Any]]

    team_id: Annotated[TeamId, Local()]
    ad_account_id: Annotated[AdAccountId, Wire("id")]
    start_date: Annotated[PeriodStart, Wire("start_date")]
    end_date: Annotated[PeriodEnd, Wire("end_date")]
    metrics: Annotated[
        tuple[MetricName, ...],
        Field(
            min_length=1,
            max_length=50,
            description="Metric names; repeat it for several",
            examples=[["impressions", "spend"]],
        ),
    ]
    breakdown: Annotated[MetricName | None, Field(description="Split the figures by this")] = None

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        return period_faults(self.start_date, self.end_date, today)

    def kept(self, today: date) -> Keep:
        return self.keep.of(self.end_date, today)

    def tags(self, known: Known) -> set[Tag]:
        return account_tags(self.team_id, self.ad_account_id, known)

    def sends(self, known: Known) -> dict[str, Any]:
        """The reference does not say which of the two ids it takes; a setting does."""
        assert known.account is not None
        account = known.account.internal_id if known.insights_by_internal_id else self.ad_account_id
        return super().sends(known) | {"id": account}

    def answer(self, data: Any, known: Known) -> Any:
        """One object of figures, or a list of them where they are split."""
        rows = data if isinstance(data, list) else [data]
        return super().answer([self._figures(row) for row in rows], known)

    def _figures(self, row: Any) -> AccountFigures:
        wanted = {name: row[name] for name in self.metrics if row.get(name) is not None}
        metrics = {name: _FIGURE.validate_python(value) for name, value in wanted.items()}
        part = row.get(self.breakdown) if self.breakdown else None
        return AccountFigures(metrics=metrics, breakdown=None if part is None else str(part))
