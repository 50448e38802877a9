"""Meta insights: figures of an ad account for a period, at four levels and by five breakdowns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from app.catalogue.address import Evidence
from app.catalogue.campaigns import account_tags, wire_fields
from app.catalogue.keep import ByPeriod, Keep
from app.catalogue.known import Known
from app.catalogue.lifted import Lifted
from app.catalogue.operation import ListOf, Rule, Share, Upstream
from app.catalogue.period import PeriodEnd, PeriodStart, period_faults
from app.catalogue.shapes import AdAccountId, Answer, Count, Figure, TeamId
from app.catalogue.tags import Tag


class Level(StrEnum):
    """What one row is about."""

    CAMPAIGN = "campaign"
    AD_SET = "adSet"
    AD = "ad"
    ACCOUNT = "account"


class Breakdown(StrEnum):
    """What the figures are split by."""

    GENDER = "gender"
    COUNTRY = "country"
    AGE = "age"
    PUBLISHER_PLATFORM = "publisherPlatform"
    IMPRESSION_DEVICE = "impressionDevice"


class InsightsField(StrEnum):
    """The figures that can be asked for."""

    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    SPEND = "spend"
    CPM = "cpm"
    CPC = "cpc"
    ACTIONS = "actions"
    ACTION_VALUES = "actionValues"
    REACH = "reach"
    FREQUENCY = "frequency"
    CTR = "ctr"


WIRE_BREAKDOWN = {
    Breakdown.GENDER: "gender",
    Breakdown.COUNTRY: "country",
    Breakdown.AGE: "age",
    Breakdown.PUBLISHER_PLATFORM: "publisher_platform",
    Breakdown.IMPRESSION_DEVICE: "impression_device",
}
WIRE_LEVEL = {
    Level.CAMPAIGN: "campaign",
    Level.AD_SET: "adset",
    Level.AD: "ad",
    Level.ACCOUNT: "account",
}
# Rows below account level are of no use unless they say whom they are about.
IDENTITY = {
    Level.CAMPAIGN: ("campaign_id", "campaign_name"),
    Level.AD_SET: ("campaign_id", "campaign_name", "adset_id", "adset_name"),
    Level.AD: ("campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name"),
    Level.ACCOUNT: (),
}
DOCUMENTED_FIELDS = (
    InsightsField.IMPRESSIONS,
    InsightsField.CLICKS,
    InsightsField.SPEND,
    InsightsField.CPM,
    InsightsField.CPC,
    InsightsField.ACTIONS,
    InsightsField.ACTION_VALUES,
)


class Action(Answer):
    """How often people did something, or what it was worth (in `actionValues`)."""

    action_type: str = Field(validation_alias="action_type")
    value: Figure


class BreakdownValue(Answer):
    name: Breakdown
    value: str


class InsightsRow(Answer):
    """One row of figures. Absent is null, never 0; money is in whole currency units."""

    campaign_id: str | None = Field(None, validation_alias="campaign_id")
    campaign_name: str | None = Field(None, validation_alias="campaign_name")
    ad_set_id: str | None = Field(None, validation_alias="adset_id")
    ad_set_name: str | None = Field(None, validation_alias="adset_name")
    ad_id: str | None = Field(None, validation_alias="ad_id")
    ad_name: str | None = Field(None, validation_alias="ad_name")
    date_start: date | None = Field(None, validation_alias="date_start")
    date_stop: date | None = Field(None, validation_alias="date_stop")
    breakdown: BreakdownValue | None = Field(
        None, validation_alias=AliasChoices("breakdown", *WIRE_BREAKDOWN.values())
    )
    impressions: Count | None = None
    clicks: Count | None = None
    spend: Figure | None = None
    cpm: Figure | None = None
    cpc: Figure | None = None
    reach: Count | None = None
    frequency: Figure | None = None
    ctr: Figure | None = None
    actions: list[Action] | None = None
    action_values: list[Action] | None = Field(None, validation_alias="action_values")


class GetMetaInsights(ListOf[InsightsRow]):
    """Read figures of an ad account for a period."""

    route = "GET /teams/{teamId}/meta/insights"
    upstream = Upstream(32, "GET /{teamId}/meta/insights", Evidence.INFERRED)
    access = (Rule.ACCOUNT_READ,)
    keep = ByPeriod()
    share = Share.TEAM
    # The wire names the breakdown by a key of its own.
    wire = list[Annotated[InsightsRow, BeforeValidator(Lifted("breakdown", WIRE_BREAKDOWN))]]

    team_id: TeamId
    ad_account_id: AdAccountId
    start_date: PeriodStart
    end_date: PeriodEnd
    level: Annotated[Level, Field(description="What one row is about")] = Level.CAMPAIGN
    breakdown: Annotated[Breakdown | None, Field(description="Split the figures by this")] = None
    fields: Annotated[
        tuple[InsightsField, ...],
        Field(
            max_length=20, description="Figures to answer; repeat it. Default: the documented seven"
        ),
    ] = ()

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        return period_faults(self.start_date, self.end_date, today)

    def kept(self, today: date) -> Keep:
        return self.keep.of(self.end_date, today)

    def tags(self, known: Known) -> set[Tag]:
        return account_tags(self.team_id, self.ad_account_id, known)

    def sends(self, known: Known) -> dict[str, Any]:
        fields = wire_fields(InsightsRow, self.fields or DOCUMENTED_FIELDS, IDENTITY[self.level])
        return super().sends(known) | {
            "level": WIRE_LEVEL[self.level],
            "breakdown": WIRE_BREAKDOWN[self.breakdown] if self.breakdown else None,
            "fields": fields,
        }
