"""Operations 35–39: what a created campaign becomes, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.clock import today

from .platform import Platform, refused

_META = "/team-acme-brand/meta"
_TENTS = "adAccountId=act_1001"
_KINDS = {
    "traffic": ("OUTCOME_TRAFFIC", "LINK_CLICKS"),
    "sales": ("OUTCOME_SALES", "OFFSITE_CONVERSIONS"),
    "lead": ("OUTCOME_LEADS", "LEAD_GENERATION"),
    "awareness": ("OUTCOME_AWARENESS", "REACH"),
    "engagement": ("OUTCOME_ENGAGEMENT", "POST_ENGAGEMENT"),
}


def _draft(**more: object) -> dict[str, Any]:
    return {
        "campaignName": "Night sky",
        "adSetName": "Campers",
        "budget": 25,
        "pageId": "page_1001_1",
        "pixelId": "77",
        "conversionEvent": "PURCHASE",
        "targeting": {"geoLocations": [{"type": "country", "id": "SE"}], "ageMin": 21},
        "creatives": {
            "primaryText": "Sleep outside.",
            "headline": "Tents",
            "url": "https://shop.example/tents",
            "callToAction": "SHOP_NOW",
            "imageUrl": "https://images.example/tent.jpg",
        },
        **more,
    }


def _create(platform: Platform, kind: str = "traffic", **more: object) -> dict[str, str]:
    path = f"{_META}/campaigns/{kind}?{_TENTS}"
    token = platform.sandbox.tokens.issue("cleo", "access")
    answer = platform.call("POST", path, bearer=token, json=_draft(**more))
    assert answer.is_success, answer.text
    made: dict[str, str] = answer.json()["data"]
    return made


def _read(platform: Platform, what: str, more: str = "") -> Any:
    token = platform.sandbox.tokens.issue("dora", "access")
    answer = platform.call("GET", f"{_META}/{what}?{_TENTS}{more}", bearer=token)
    assert answer.is_success, answer.text
    return answer.json()["data"]


def _set_status(platform: Platform, campaign: str, status: str) -> None:
    token = platform.sandbox.tokens.issue("cleo", "access")
    path = f"{_META}/campaigns/{campaign}/status?{_TENTS}"
    assert platform.call("PATCH", path, bearer=token, json={"status": status}).is_success


def _shown(platform: Platform, campaign: str, level: str = "campaign") -> int:
    """The campaign's impressions from its first day until today."""
    first = platform.sandbox.world.campaigns[campaign].first_day
    period = f"&startDate={first}&endDate={today(platform.clock)}"
    fields = "&fields=impressions,campaign_id"
    rows = _read(platform, "insights", f"{period}{fields}&level={level}")
    return sum(int(row["impressions"]) for row in rows if row["campaign_id"] == campaign)


@pytest.mark.parametrize("kind", _KINDS)
def test_appearing_everywhere(platform: Platform, kind: str) -> None:
    """A new campaign is listed with its ad set, ad and creative, paused, its budget in cents."""
    objective, goal = _KINDS[kind]
    made = _create(platform, kind)
    fields = "&fields=name,status,objective,daily_budget"
    assert _read(platform, "campaigns", f"&campaignId={made['campaignId']}{fields}") == [
        {"name": "Night sky", "status": "PAUSED", "objective": objective, "daily_budget": "2500"}
    ]
    fields = "&fields=id,name,optimization_goal,daily_budget,targeting"
    ad_sets = _read(platform, "adsets", f"&campaignId={made['campaignId']}{fields}")
    assert ad_sets == [
        {
            "id": made["adSetId"],
            "name": "Campers",
            "optimization_goal": goal,
            "daily_budget": 2500,
            "targeting": _draft()["targeting"],
        }
    ]
    ad = _read(platform, "ads", f"&adsetId={made['adSetId']}&fields=id,creative")[0]
    assert ad["id"] == made["adId"]
    creative = _read(platform, "adcreatives", f"&adcreativeId={ad['creative']['id']}")[0]
    assert creative["object_story_spec"]["page_id"] == "page_1001_1"
    assert creative["object_story_spec"]["link_data"]["call_to_action"]["type"] == "SHOP_NOW"


def test_life(platform: Platform) -> None:
    """No row until somebody starts it; then its figures grow with the clock, and stop when paused."""
    campaign = _create(platform)["campaignId"]
    platform.clock.advance(2 * 3_600)
    assert _shown(platform, campaign) == 0
    _set_status(platform, campaign, "ACTIVE")
    seen = []
    for hours in (2, 6, 40):
        platform.clock.advance(hours * 3_600)
        seen.append(_shown(platform, campaign))
        assert _shown(platform, campaign, "adset") == _shown(platform, campaign, "ad") == seen[-1]
    assert 0 < seen[0] < seen[1] < seen[2]
    _set_status(platform, campaign, "PAUSED")
    stopped = _shown(platform, campaign)
    platform.clock.advance(3 * 86_400)
    assert _shown(platform, campaign) == stopped
    _set_status(platform, campaign, "ACTIVE")
    platform.clock.advance(86_400)
    assert _shown(platform, campaign) > stopped


def test_schedule(platform: Platform) -> None:
    """An active campaign delivers from its first day to its last, both included."""
    start = today(platform.clock) + timedelta(days=2)
    campaign = _create(
        platform, status="ACTIVE", startDate=str(start), endDate=str(start + timedelta(days=1))
    )["campaignId"]
    platform.clock.advance(86_400)
    assert _shown(platform, campaign) == 0
    platform.clock.advance(3 * 86_400)
    delivered = _shown(platform, campaign)
    assert delivered > 0
    platform.clock.advance(5 * 86_400)
    assert _shown(platform, campaign) == delivered


def test_video(platform: Platform) -> None:
    """A video needs its thumbnail and no picture, and is told in Meta's words."""
    shown = {**_draft()["creatives"], "videoId": "v1"}
    del shown["imageUrl"]
    path = f"{_META}/campaigns/traffic?{_TENTS}"
    refused(platform.call("POST", path, "cleo", json=_draft(creatives=shown)), 400, "BAD_REQUEST")
    shown["thumbnailUrl"] = "https://images.example/thumb.jpg"
    _create(platform, creatives=shown)
    creative = _read(platform, "adcreatives")[-1]
    assert creative["object_story_spec"]["video_data"]["video_id"] == "v1"


def test_without_an_account(platform: Platform) -> None:
    """A team with one account need not name it; one with two has to."""
    path = "/team-globex-shop/meta/campaigns/traffic"
    made = platform.data("POST", path, "hugo", json=_draft())
    assert platform.sandbox.world.campaigns[made["campaignId"]].account == "acc-2001"
    answer = platform.call("POST", f"{_META}/campaigns/traffic", "ben", json=_draft())
    assert refused(answer, 400, "BAD_REQUEST")["details"] == ["adAccountId should not be empty"]


def test_rights(platform: Platform) -> None:
    """Creating takes MANAGER or the team's ADMIN; nothing is created for others."""
    before = len(platform.sandbox.world.campaigns)
    for kind in _KINDS:
        path = f"{_META}/campaigns/{kind}?{_TENTS}"
        for user in ("dora", "emil"):
            refused(platform.call("POST", path, user, json=_draft()), 403, "FORBIDDEN")
        refused(platform.call("POST", path, "hugo", json=_draft()), 404, "NOT_FOUND")
    assert len(platform.sandbox.world.campaigns) == before
    for user in ("cleo", "ben", "ana"):
        assert platform.data("POST", f"{_META}/campaigns/traffic?{_TENTS}", user, json=_draft())


def test_key_alone(platform: Platform) -> None:
    """With tokens not enforced the key creates campaigns, of every kind documented without one."""
    platform.sandbox.switches.enforce_tokens = False
    for kind in _KINDS:
        answer = platform.call("POST", f"{_META}/campaigns/{kind}?{_TENTS}", json=_draft())
        assert answer.is_success == (kind != "lead"), kind


_PLACE = [{"type": "country", "id": "SE"}]
_WRONG: tuple[tuple[str, dict[str, object]], ...] = (
    ("campaignName", {"campaignName": ""}),
    ("adSetName", {"adSetName": None}),
    ("budget", {"budget": 0}),
    ("budget", {"budget": 10.5}),
    ("budget", {"budget": True}),
    ("budget", {"budget": None}),
    ("status", {"status": "DELETED"}),
    ("startDate", {"startDate": "1/2/2027"}),
    ("endDate", {"startDate": "2027-02-02", "endDate": "2027-02-01"}),
    ("specialAdCategories", {"specialAdCategories": ["PETS"]}),
    ("specialAdCountry", {"specialAdCategories": ["HOUSING"]}),
    ("pageId", {"pageId": None}),
    ("audienceId", {"audienceId": "1"}),
    ("optimizationGoal", {"optimizationGoal": "REACH"}),
    ("conversionLocation", {"conversionLocation": "MOON"}),
    ("appId", {"conversionLocation": "APP", "objectStoreUrl": "https://store.example"}),
    ("objectStoreUrl", {"conversionLocation": "APP", "appId": "1"}),
    ("targeting", {"targeting": None}),
    ("targeting.geoLocations", {"targeting": {}}),
    ("targeting.geoLocations", {"targeting": {"geoLocations": []}}),
    ("targeting.geoLocations.0.type", {"targeting": {"geoLocations": [{"type": "x", "id": "1"}]}}),
    ("targeting.genders", {"targeting": {"geoLocations": _PLACE, "genders": [3]}}),
    ("targeting.ageMin", {"targeting": {"geoLocations": _PLACE, "ageMin": "18"}}),
    ("targeting.ageMax", {"targeting": {"geoLocations": _PLACE, "ageMin": 40, "ageMax": 30}}),
    ("targeting.interests.0.id", {"targeting": {"geoLocations": _PLACE, "interests": [{}]}}),
    ("targeting.familyStatuses", {"targeting": {"geoLocations": _PLACE, "familyStatuses": []}}),
    ("creatives", {"creatives": "pretty"}),
    ("creatives.headline", {"creatives": {**_draft()["creatives"], "headline": ""}}),
    ("creatives.url", {"creatives": {**_draft()["creatives"], "url": None}}),
    ("creatives.callToAction", {"creatives": {**_draft()["creatives"], "callToAction": "GO"}}),
    (
        "creatives.imageUrl",
        {"creatives": {**_draft()["creatives"], "imageUrl": "http://x.example"}},
    ),
)


@pytest.mark.parametrize(("field", "more"), _WRONG)
def test_refused_bodies(readonly: Platform, field: str, more: dict[str, object]) -> None:
    """Each fault is told once, by its field's path, in the platform's error shape."""
    path = f"{_META}/campaigns/traffic?{_TENTS}"
    details = refused(readonly.call("POST", path, "cleo", json=_draft(**more)), 400, "BAD_REQUEST")[
        "details"
    ]
    assert len(details) == 1, details
    assert details[0].startswith(f"{field} ")


def test_several_faults(readonly: Platform) -> None:
    """All faults come at once; a sale also needs its pixel and event."""
    path = f"{_META}/campaigns/sales?{_TENTS}"
    error = refused(readonly.call("POST", path, "cleo", json={}), 400, "BAD_REQUEST")
    told = {detail.partition(" ")[0] for detail in error["details"]}
    assert told >= {"campaignName", "budget", "pixelId", "conversionEvent", "targeting"}
