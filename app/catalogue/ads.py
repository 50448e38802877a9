"""Meta ads, ad sets and ad creatives. Filters by id are cut from the account's own lists."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, Field, JsonValue

from app.catalogue.address import Evidence
from app.catalogue.campaigns import account_tags, wire_fields
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.links import Names
from app.catalogue.operation import ListOf, Local, Rule, Share, Upstream
from app.catalogue.shapes import AdAccountId, Answer, CampaignId, Figure, ObjectId, TeamId
from app.catalogue.tags import Tag

Filter = Field(max_length=100, description="Only these; repeat it for several")
AdIds = Annotated[tuple[ObjectId, ...], Local(), Filter]
CampaignIds = Annotated[tuple[CampaignId, ...], Local(), Filter]
Asked = Field(max_length=30, description="Fields to answer; repeat it. Default: the platform's")

CAMPAIGN_ID = AliasChoices("campaign_id", AliasPath("campaign", "id"))
AD_SET_ID = AliasChoices("adset_id", AliasPath("adset", "id"))


class Ad(Answer):
    """An ad. A field that was not asked for, or that the platform leaves out, is null."""

    id: Annotated[str, Names("adId")]
    name: str | None = None
    status: str | None = None
    campaign_id: str | None = Field(None, validation_alias=CAMPAIGN_ID)
    ad_set_id: str | None = Field(None, validation_alias=AD_SET_ID)
    ad_creative_id: str | None = Field(None, validation_alias=AliasPath("creative", "id"))
    bid_amount: Figure | None = Field(None, validation_alias="bid_amount")
    created_time: datetime | None = Field(None, validation_alias="created_time")
    updated_time: datetime | None = Field(None, validation_alias="updated_time")


class AdField(StrEnum):
    """The fields of an ad that can be asked for; the ids of its parents always come."""

    NAME = "name"
    STATUS = "status"
    AD_CREATIVE_ID = "adCreativeId"
    BID_AMOUNT = "bidAmount"
    CREATED_TIME = "createdTime"
    UPDATED_TIME = "updatedTime"


class AdSet(Answer):
    """An ad set. `targeting`, `attributionSpec` and `adSetSchedule` are passed on as they are."""

    id: Annotated[str, Names("adSetId")]
    name: str | None = None
    status: str | None = None
    effective_status: str | None = Field(None, validation_alias="effective_status")
    campaign_id: str | None = Field(None, validation_alias=CAMPAIGN_ID)
    billing_event: str | None = Field(None, validation_alias="billing_event")
    optimization_goal: str | None = Field(None, validation_alias="optimization_goal")
    bid_amount: Figure | None = Field(None, validation_alias="bid_amount")
    budget_remaining: Figure | None = Field(None, validation_alias="budget_remaining")
    daily_budget: Figure | None = Field(
        None,
        validation_alias="daily_budget",
        description="As the ads network answers it; its unit is not documented",
    )
    lifetime_budget: Figure | None = Field(None, validation_alias="lifetime_budget")
    start_time: datetime | None = Field(None, validation_alias="start_time")
    end_time: datetime | None = Field(None, validation_alias="end_time")
    created_time: datetime | None = Field(None, validation_alias="created_time")
    updated_time: datetime | None = Field(None, validation_alias="updated_time")
    attribution_spec: JsonValue = Field(None, validation_alias="attribution_spec")
    ad_set_schedule: JsonValue = Field(None, validation_alias="adset_schedule")
    targeting: JsonValue = None


class AdSetField(StrEnum):
    """The fields of an ad set that can be asked for; the ids always come."""

    NAME = "name"
    STATUS = "status"
    EFFECTIVE_STATUS = "effectiveStatus"
    BILLING_EVENT = "billingEvent"
    OPTIMIZATION_GOAL = "optimizationGoal"
    BID_AMOUNT = "bidAmount"
    BUDGET_REMAINING = "budgetRemaining"
    DAILY_BUDGET = "dailyBudget"
    LIFETIME_BUDGET = "lifetimeBudget"
    START_TIME = "startTime"
    END_TIME = "endTime"
    CREATED_TIME = "createdTime"
    UPDATED_TIME = "updatedTime"
    ATTRIBUTION_SPEC = "attributionSpec"
    AD_SET_SCHEDULE = "adSetSchedule"
    TARGETING = "targeting"


class AdCreative(Answer):
    """What an ad shows. `objectStorySpec` is passed on as it is."""

    id: Annotated[str, Names("adCreativeId")]
    name: str | None = None
    status: str | None = None
    title: str | None = None
    body: str | None = None
    image_url: str | None = Field(None, validation_alias="image_url")
    thumbnail_url: str | None = Field(None, validation_alias="thumbnail_url")
    video_id: str | None = Field(None, validation_alias="video_id")
    call_to_action_type: str | None = Field(None, validation_alias="call_to_action_type")
    object_story_spec: JsonValue = Field(None, validation_alias="object_story_spec")


class AdCreativeField(StrEnum):
    """The fields of an ad creative that can be asked for; `id` always comes."""

    NAME = "name"
    STATUS = "status"
    TITLE = "title"
    BODY = "body"
    IMAGE_URL = "imageUrl"
    THUMBNAIL_URL = "thumbnailUrl"
    VIDEO_ID = "videoId"
    CALL_TO_ACTION_TYPE = "callToActionType"
    OBJECT_STORY_SPEC = "objectStorySpec"


class ListAds(ListOf[Ad]):
    """List the ads of an ad account."""

    route = "GET /teams/{teamId}/meta/ads"
    upstream = Upstream(29, "GET /{teamId}/meta/ads", Evidence.INFERRED)
    access = (Rule.ACCOUNT_READ,)
    keep = Keep(60, 600)
    share = Share.TEAM
    spares = ("name", "created_time", "updated_time")

    team_id: TeamId
    ad_account_id: AdAccountId
    ad_id: AdIds = ()
    campaign_id: CampaignIds = ()
    ad_set_id: AdIds = ()
    fields: Annotated[tuple[AdField, ...], Asked] = ()

    def tags(self, known: Known) -> set[Tag]:
        return account_tags(self.team_id, self.ad_account_id, known)

    def sends(self, known: Known) -> dict[str, Any]:
        fields = wire_fields(Ad, self.fields, ("id", "campaign_id", "adset"))
        return super().sends(known) | {"fields": fields}

    @property
    def narrows(self) -> bool:
        return bool(self.ad_id or self.campaign_id or self.ad_set_id)

    def picks(self, item: dict[str, Any]) -> bool:
        return (
            _among(item["id"], self.ad_id)
            and _among(item["campaignId"], self.campaign_id)
            and _among(item["adSetId"], self.ad_set_id)
        )


class ListAdSets(ListOf[AdSet]):
    """List the ad sets of an ad account."""

    route = "GET /teams/{teamId}/meta/ad-sets"
    upstream = Upstream(30, "GET /{teamId}/meta/adsets", Evidence.INFERRED)
    access = (Rule.ACCOUNT_READ,)
    keep = Keep(60, 600)
    share = Share.TEAM
    spares = ("name", "optimization_goal", "start_time", "end_time", "created_time", "updated_time")

    team_id: TeamId
    ad_account_id: AdAccountId
    campaign_id: CampaignIds = ()
    ad_set_id: AdIds = ()
    fields: Annotated[tuple[AdSetField, ...], Asked] = ()

    def tags(self, known: Known) -> set[Tag]:
        return account_tags(self.team_id, self.ad_account_id, known)

    def sends(self, known: Known) -> dict[str, Any]:
        return super().sends(known) | {
            "fields": wire_fields(AdSet, self.fields, ("id", "campaign"))
        }

    @property
    def narrows(self) -> bool:
        return bool(self.campaign_id or self.ad_set_id)

    def picks(self, item: dict[str, Any]) -> bool:
        return _among(item["id"], self.ad_set_id) and _among(item["campaignId"], self.campaign_id)


class ListAdCreatives(ListOf[AdCreative]):
    """List the ad creatives of an ad account."""

    route = "GET /teams/{teamId}/meta/ad-creatives"
    upstream = Upstream(31, "GET /{teamId}/meta/adcreatives", Evidence.INFERRED)
    access = (Rule.ACCOUNT_READ,)
    keep = Keep(60, 600)
    share = Share.TEAM
    spares = ("name", "title", "body", "image_url", "thumbnail_url", "call_to_action_type")

    team_id: TeamId
    ad_account_id: AdAccountId
    ad_creative_id: AdIds = ()
    fields: Annotated[tuple[AdCreativeField, ...], Asked] = ()

    def tags(self, known: Known) -> set[Tag]:
        return account_tags(self.team_id, self.ad_account_id, known)

    def sends(self, known: Known) -> dict[str, Any]:
        return super().sends(known) | {"fields": wire_fields(AdCreative, self.fields, ("id",))}

    @property
    def narrows(self) -> bool:
        return bool(self.ad_creative_id)

    def picks(self, item: dict[str, Any]) -> bool:
        return _among(item["id"], self.ad_creative_id)


def _among(value: str | None, wanted: tuple[str, ...]) -> bool:
    """Nothing wanted is everything; an item that does not tell its parent matches no filter."""
    return not wanted or value in wanted
