"""Meta campaigns: list them, pause and resume them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, Field

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.links import Names
from app.catalogue.operation import ListOf, Local, Rule, Share, Upstream, Write
from app.catalogue.shapes import AdAccountId, Answer, CampaignId, Draft, Figure, Status, TeamId
from app.catalogue.tags import Tag


class Campaign(Answer):
    """A campaign. A field that was not asked for, or that the platform leaves out, is null."""

    id: Annotated[str, Names("campaignId")] = Field(examples=["cmp_1001_1"])
    name: str | None = None
    status: str | None = Field(None, description="ACTIVE, PAUSED, or what Meta adds")
    effective_status: str | None = Field(None, validation_alias="effective_status")
    objective: str | None = None
    daily_budget: Figure | None = Field(
        None,
        validation_alias="daily_budget",
        description="As the ads network answers it; its unit is not documented",
    )
    lifetime_budget: Figure | None = Field(None, validation_alias="lifetime_budget")
    start_time: datetime | None = Field(None, validation_alias="start_time")
    stop_time: datetime | None = Field(None, validation_alias="stop_time")
    created_time: datetime | None = Field(None, validation_alias="created_time")
    updated_time: datetime | None = Field(None, validation_alias="updated_time")


class CampaignField(StrEnum):
    """The fields of a campaign that can be asked for; `id` always comes."""

    NAME = "name"
    STATUS = "status"
    EFFECTIVE_STATUS = "effectiveStatus"
    OBJECTIVE = "objective"
    DAILY_BUDGET = "dailyBudget"
    LIFETIME_BUDGET = "lifetimeBudget"
    START_TIME = "startTime"
    STOP_TIME = "stopTime"
    CREATED_TIME = "createdTime"
    UPDATED_TIME = "updatedTime"


class CampaignStatusChange(Draft):
    status: Annotated[Status, Field(description="PAUSED stops the delivery, ACTIVE starts it")]


class CampaignStatus(Answer):
    id: str
    status: str


class ListCampaigns(ListOf[Campaign]):
    """List the campaigns of an ad account."""

    route = "GET /teams/{teamId}/meta/campaigns"
    upstream = Upstream(33, "GET /{teamId}/meta/campaigns", Evidence.INFERRED)
    access = (Rule.ACCOUNT_READ,)
    keep = Keep(60, 600)
    share = Share.TEAM
    spares = ("name", "objective", "start_time", "stop_time", "created_time", "updated_time")

    team_id: TeamId
    ad_account_id: AdAccountId
    campaign_id: Annotated[
        tuple[CampaignId, ...],
        # Cut from the account's own list, so that a foreign id can match nothing.
        Local(),
        Field(max_length=100, description="Only these campaigns; repeat it for several"),
    ] = ()
    fields: Annotated[
        tuple[CampaignField, ...],
        Field(max_length=20, description="Fields to answer; repeat it. Default: the platform's"),
    ] = ()

    def tags(self, known: Known) -> set[Tag]:
        return account_tags(self.team_id, self.ad_account_id, known)

    def sends(self, known: Known) -> dict[str, Any]:
        return super().sends(known) | {"fields": wire_fields(Campaign, self.fields, ("id",))}

    @property
    def narrows(self) -> bool:
        return bool(self.campaign_id)

    def picks(self, item: dict[str, Any]) -> bool:
        return item["id"] in self.campaign_id


class SetCampaignStatus(Write[CampaignStatus]):
    """Pause or resume a campaign."""

    route = "PATCH /teams/{teamId}/meta/campaigns/{campaignId}"
    upstream = Upstream(
        34, "PATCH /{teamId}/meta/campaigns/{campaignId}/status?adAccountId", Evidence.INFERRED
    )
    access = (Rule.ACCOUNT_WRITE, Rule.CAMPAIGN_OF_ACCOUNT)
    status = 200

    team_id: TeamId
    campaign_id: CampaignId
    ad_account_id: AdAccountId
    body: CampaignStatusChange

    def drops(self, known: Known) -> set[Tag]:
        return {tags.account(self.ad_account_id)}


def account_tags(team_id: str, ad_account_id: str, known: Known) -> set[Tag]:
    """What data of an ad account depends on, for one reader."""
    return set(_account_tags(team_id, ad_account_id, known.caller.user))


@lru_cache(maxsize=1024)
def _account_tags(team_id: str, ad_account_id: str, user: str) -> Sequence[Tag]:
    return (
        tags.account(ad_account_id),
        tags.below_team(team_id),
        tags.reader(user, team_id, ad_account_id),
    )


@lru_cache(maxsize=1024)
def wire_fields(
    model: type[Answer], asked: tuple[StrEnum, ...], always: tuple[str, ...]
) -> Sequence[str] | None:
    """The platform's names of the public fields asked for; None leaves the choice to it."""
    if not asked:
        return None
    by_public = _tops(model)
    return (*always, *dict.fromkeys(by_public[field] for field in asked))


@cache
def _tops(model: type[Answer]) -> dict[str, str]:
    return {
        info.serialization_alias or name: _top(info.validation_alias or name)
        for name, info in model.model_fields.items()
    }


def _top(alias: str | AliasPath | AliasChoices) -> str:
    """What is asked for: the top of what is read, e.g. `creative` for the creative's id."""
    if isinstance(alias, AliasChoices):
        return _top(alias.choices[0])
    return alias if isinstance(alias, str) else str(alias.path[0])
