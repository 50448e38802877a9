"""Campaigns and lead forms, created through the public surface."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.testing.world import World
from tests import drafts

META = "/teams/team-acme-brand/meta"
ACCOUNT = "adAccountId=act_1001"
KINDS = {
    "traffic": drafts.TRAFFIC,
    "sales": drafts.SALES,
    "leads": drafts.LEADS,
    "awareness": drafts.AWARENESS,
    "engagement": drafts.ENGAGEMENT,
}


def with_creatives(**changed: Any) -> dict[str, Any]:
    return drafts.TRAFFIC | {"creatives": drafts.CREATIVES | changed}


def without(field: str, of: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in of.items() if name != field}


def with_thanks(**changed: Any) -> dict[str, Any]:
    thanks = without("websiteUrl", drafts.LEAD_FORM["thankYouPage"]) | changed
    return drafts.LEAD_FORM | {"thankYouPage": thanks}


@pytest.mark.parametrize("kind", KINDS)
def test_a_created_campaign_shows_up_paused_and_can_be_resumed(
    strict_world: World, kind: str
) -> None:
    """Each kind is in campaigns, ad sets, ads and creatives at once, delivers only when active."""
    ben = strict_world.sign_in("ben")
    before = {c["id"] for c in ben.read(f"{META}/campaigns?{ACCOUNT}")["items"]}
    answer = ben.api("POST", f"{META}/campaigns/{kind}?{ACCOUNT}", json=KINDS[kind])
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["campaignId"] not in before

    campaigns = {c["id"]: c for c in ben.read(f"{META}/campaigns?{ACCOUNT}")["items"]}
    assert campaigns[made["campaignId"]]["status"] == "PAUSED"
    of_campaign = f"{ACCOUNT}&campaignId={made['campaignId']}"
    ad_sets = ben.read(f"{META}/ad-sets?{of_campaign}")["items"]
    ads = ben.read(f"{META}/ads?{of_campaign}")["items"]
    assert [ad_set["id"] for ad_set in ad_sets] == [made["adSetId"]]
    assert [ad["id"] for ad in ads] == [made["adId"]]
    assert ben.read(f"{META}/ad-creatives?{ACCOUNT}")["items"]

    status = f"{META}/campaigns/{made['campaignId']}?{ACCOUNT}"
    assert ben.api("PATCH", status, json={"status": "ACTIVE"}).status_code == 200
    strict_world.advance(86_400)
    ben.sign_in("ben")
    rows = ben.read(f"{META}/insights?{ACCOUNT}&{since_yesterday(strict_world)}")["items"]
    assert made["campaignId"] in {row["campaignId"] for row in rows}


def since_yesterday(world: World) -> str:
    now = datetime.fromtimestamp(world.clock.now(), tz=UTC).date()
    return f"startDate={now - timedelta(days=1)}&endDate={now}"


def test_a_lead_form_is_kept_and_listed(strict_world: World) -> None:
    """A created form is in its page's list from then on."""
    ben = strict_world.sign_in("ben")
    ben.read(f"{META}/lead-forms?{ACCOUNT}&pageId=page_1001_1")
    made = ben.api("POST", f"{META}/lead-forms?{ACCOUNT}", json=drafts.LEAD_FORM)
    assert made.status_code == 201, made.text
    forms = ben.read(f"{META}/lead-forms?{ACCOUNT}&pageId=page_1001_1")["items"]
    assert made.json()["id"] in {form["id"] for form in forms}


FAULTS = [
    ("campaigns/traffic", drafts.TRAFFIC | {"budget": 0}, "/body/budget"),
    ("campaigns/traffic", drafts.TRAFFIC | {"budget": True}, "/body/budget"),
    ("campaigns/traffic", drafts.TRAFFIC | {"budget": "50"}, "/body/budget"),
    ("campaigns/traffic", drafts.TRAFFIC | {"budget": 1.5}, "/body/budget"),
    ("campaigns/traffic", drafts.TRAFFIC | {"startDate": "2001-01-01"}, "/body/startDate"),
    ("campaigns/traffic", drafts.TRAFFIC | {"startDate": "2099-02-30"}, "/body/startDate"),
    (
        "campaigns/traffic",
        drafts.TRAFFIC | {"startDate": "2099-01-02", "endDate": "2099-01-01"},
        "/body/endDate",
    ),
    (
        "campaigns/traffic",
        drafts.TRAFFIC | {"specialAdCategories": ["HOUSING"]},
        "/body/specialAdCountry",
    ),
    ("campaigns/traffic", drafts.TRAFFIC | {"conversionLocation": "APP"}, "/body/appId"),
    ("campaigns/traffic", drafts.TRAFFIC | {"conversionLocation": "APP"}, "/body/objectStoreUrl"),
    ("campaigns/traffic", with_creatives(videoId="v1"), "/body/creatives/thumbnailUrl"),
    ("campaigns/traffic", with_creatives(imageUrl=None), "/body/creatives/imageUrl"),
    ("campaigns/traffic", with_creatives(url=None), "/body/creatives/url"),
    ("campaigns/sales", without("pixelId", drafts.SALES), "/body/pixelId"),
    (
        "campaigns/traffic",
        drafts.TRAFFIC
        | {
            "targeting": drafts.TRAFFIC["targeting"]
            | {"familyStatuses": [{"id": "1"}, {"id": "2"}]}
        },
        "/body/targeting/familyStatuses",
    ),
    ("lead-forms", with_thanks(), "/body/thankYouPage/websiteUrl"),
    ("lead-forms", with_thanks(buttonType="WHATSAPP"), "/body/thankYouPage/countryCode"),
    (
        "lead-forms",
        with_thanks(buttonType="CALL_BUSINESS", countryCode="DE"),
        "/body/thankYouPage/businessPhoneNumber",
    ),
    (
        "lead-forms",
        drafts.LEAD_FORM
        | {
            "questions": [
                {"type": "EMAIL", "label": "Mail", "options": [{"value": "a", "key": "a"}]}
            ]
        },
        "/body/questions/0/options",
    ),
]


@pytest.mark.holds(62)
@pytest.mark.parametrize(("path", "body", "pointer"), FAULTS)
def test_a_faulty_body_is_told_by_field_and_not_sent(
    shared_world: World, path: str, body: dict[str, Any], pointer: str
) -> None:
    """Budgets, dates and conditional fields are checked here; the pointer names the field."""
    ben = shared_world.sign_in("ben")
    shared_world.forget_calls()
    answer = ben.api("POST", f"{META}/{path}?{ACCOUNT}", json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert shared_world.calls() == []


def test_the_wire_keeps_the_platforms_shapes(strict_world: World) -> None:
    """One family status travels as an object, a question without choices with an empty list."""
    ben = strict_world.sign_in("ben")
    targeting = drafts.TRAFFIC["targeting"] | {"familyStatuses": [{"id": "6"}]}
    draft = drafts.TRAFFIC | {"targeting": targeting}
    made = ben.api("POST", f"{META}/campaigns/traffic?{ACCOUNT}", json=draft)
    assert made.status_code == 201, made.text
    ben.api("POST", f"{META}/lead-forms?{ACCOUNT}", json=drafts.LEAD_FORM)
    campaign = json.loads(strict_world.calls("createTrafficCampaign")[-1]["body"])
    form = json.loads(strict_world.calls("createLeadForm")[-1]["body"])
    assert campaign["targeting"]["familyStatuses"] == {"id": "6"}
    assert (campaign["status"], campaign["pageId"]) == ("PAUSED", "page_1001_1")
    assert form["questions"][0]["options"] == []
