"""Operations 29–31: ads, ad sets and ad creatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.accounts import read_account
from app.sandbox.projection import Getters, chosen_fields, is_wanted, row_of
from app.sandbox.records import Ad, AdSet, Campaign, Creative
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Reply, timestamp


@dataclass(frozen=True, slots=True)
class _SetRow:
    campaign: Campaign
    ad_set: AdSet


@dataclass(frozen=True, slots=True)
class _AdRow:
    campaign: Campaign
    ad_set: AdSet
    ad: Ad


def _share(row: _SetRow) -> int:
    """The ad set's part of its campaign's budget; the first one takes what does not divide."""
    whole, rest = divmod(row.campaign.daily_budget, len(row.campaign.ad_sets))
    return whole + rest if row.ad_set.id == row.campaign.ad_sets[0].id else whole


def _story(creative: Creative) -> dict[str, object]:
    """The creative in Meta's own words."""
    button = {"type": creative.call_to_action, "value": {"link": creative.url}}
    shown: dict[str, object] = {"message": creative.text, "call_to_action": button}
    if creative.video_id is None:
        shown |= {
            "link": creative.url,
            "name": creative.title,
            "description": creative.description,
            "picture": creative.image_url,
        }
        return {"page_id": creative.page, "link_data": _without_none(shown)}
    shown |= {
        "title": creative.title,
        "video_id": creative.video_id,
        "image_url": creative.thumbnail_url,
    }
    return {"page_id": creative.page, "video_data": _without_none(shown)}


def _without_none(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


_USUAL_AD_FIELDS = ("id", "name", "status", "campaign_id", "adset_id")
_USUAL_SET_FIELDS = ("id", "name", "status", "campaign_id", "daily_budget")
_USUAL_CREATIVE_FIELDS = ("id", "name", "object_story_spec")

# Ads and ad sets stay ACTIVE; a paused campaign shows in the effective status, as at Meta.
_ADS: Getters[_AdRow] = {
    "id": lambda one: one.ad.id,
    "name": lambda one: one.ad.name,
    "status": lambda _: "ACTIVE",
    "campaign_id": lambda one: one.campaign.id,
    "adset_id": lambda one: one.ad_set.id,
    "campaign": lambda one: {"id": one.campaign.id},
    "adset": lambda one: {"id": one.ad_set.id},
    "creative": lambda one: {"id": one.ad.creative.id},
    "bid_amount": lambda _: None,
    "created_time": lambda one: timestamp(one.campaign.created),
    "updated_time": lambda one: timestamp(one.campaign.updated),
}
_AD_SETS: Getters[_SetRow] = {
    "id": lambda one: one.ad_set.id,
    "name": lambda one: one.ad_set.name,
    "status": lambda _: "ACTIVE",
    "campaign_id": lambda one: one.campaign.id,
    "campaign": lambda one: {"id": one.campaign.id},
    "effective_status": lambda one: (
        "ACTIVE" if one.campaign.status == "ACTIVE" else "CAMPAIGN_PAUSED"
    ),
    "billing_event": lambda _: "IMPRESSIONS",
    "optimization_goal": lambda one: one.ad_set.goal,
    "bid_amount": lambda _: None,
    "daily_budget": _share,
    "budget_remaining": lambda one: _share(one) // 4,
    "lifetime_budget": lambda _: 0,
    "start_time": lambda one: timestamp(one.campaign.starts or one.campaign.history[0][0]),
    "end_time": lambda one: timestamp(one.campaign.ends) if one.campaign.ends else None,
    "created_time": lambda one: timestamp(one.campaign.created),
    "updated_time": lambda one: timestamp(one.campaign.updated),
    "attribution_spec": lambda _: [{"event_type": "CLICK_THROUGH", "window_days": 7}],
    "adset_schedule": lambda _: [],
    "targeting": lambda one: dict(one.ad_set.targeting),
}
_CREATIVES: Getters[Creative] = {
    "id": lambda one: one.id,
    "name": lambda one: one.name,
    "status": lambda _: "ACTIVE",
    "title": lambda one: one.title,
    "body": lambda one: one.text,
    "image_url": lambda one: one.image_url,
    "thumbnail_url": lambda one: one.thumbnail_url or one.image_url,
    "video_id": lambda one: one.video_id,
    "call_to_action_type": lambda one: one.call_to_action,
    "object_story_spec": _story,
}

# The ids of the parents come in the usual items, but their enums know only the nested objects.
_AD_FIELDS = _ADS.keys() - {"adset_id"}
_SET_FIELDS = _AD_SETS.keys() - {"campaign_id"}


def _get_ads(asking: Asking) -> Reply:
    account = read_account(asking)
    fields = chosen_fields(asking, _USUAL_AD_FIELDS, _AD_FIELDS)
    listed = [
        row_of(one, fields, _ADS)
        for one in _ads(asking.campaigns(account.id))
        if is_wanted(asking, "adId", one.ad.id)
        and is_wanted(asking, "campaignId", one.campaign.id)
        and is_wanted(asking, "adsetId", one.ad_set.id)
    ]
    return Reply(listed)


def _get_ad_sets(asking: Asking) -> Reply:
    account = read_account(asking)
    fields = chosen_fields(asking, _USUAL_SET_FIELDS, _SET_FIELDS)
    listed = [
        row_of(_SetRow(campaign, ad_set), fields, _AD_SETS)
        for campaign in asking.campaigns(account.id)
        for ad_set in campaign.ad_sets
        if is_wanted(asking, "campaignId", campaign.id) and is_wanted(asking, "adsetId", ad_set.id)
    ]
    return Reply(listed)


def _get_creatives(asking: Asking) -> Reply:
    account = read_account(asking)
    fields = chosen_fields(asking, _USUAL_CREATIVE_FIELDS, _CREATIVES)
    listed = [
        row_of(one.ad.creative, fields, _CREATIVES)
        for one in _ads(asking.campaigns(account.id))
        if is_wanted(asking, "adcreativeId", one.ad.creative.id)
    ]
    return Reply(listed)


def _ads(campaigns: list[Campaign]) -> Iterator[_AdRow]:
    for campaign in campaigns:
        for ad_set in campaign.ad_sets:
            for ad in ad_set.ads:
                yield _AdRow(campaign, ad_set, ad)


ADS: dict[int, Handler] = {29: _get_ads, 30: _get_ad_sets, 31: _get_creatives}
