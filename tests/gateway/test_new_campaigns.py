"""Campaigns and lead forms, created through the public surface from the reference's own examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.testing.world import Browser, World
from tests import drafts
from tests.sandbox.reference.asks import SAMPLES

META = "/teams/team-acme-brand/meta"
ACCOUNT = "adAccountId=act_1001"
SALES_ALONE = {"pixelId", "conversionEvent", "conversionLocation", "optimizationGoal"}
# Our names for what these bodies hold are the platform's, so its examples are also ours.
EXAMPLES: Mapping[str, dict[str, Any]] = {
    "traffic": SAMPLES[35, "request"],
    "sales": SAMPLES[36, "request"],
    "awareness": SAMPLES[38, "request"],
    "engagement": SAMPLES[39, "request"],
    # The reference has no example here: what all of them share, and the form.
    "leads": {n: v for n, v in SAMPLES[36, "request"].items() if n not in SALES_ALONE}
    | {"campaignName": "Leads - Newsletter", "leadFormId": "form_1001_1"},
}
CALLED = {
    "traffic": "createTrafficCampaign",
    "sales": "createSalesCampaign",
    "leads": "createLeadCampaign",
    "awareness": "createAwarenessCampaign",
    "engagement": "createEngagementCampaign",
}


def today(world: World) -> date:
    return datetime.fromtimestamp(world.clock.now(), tz=UTC).date()


def from_today(body: dict[str, Any], world: World) -> dict[str, Any]:
    """The example with its dates moved, both by as much, so that it does not begin in the past."""
    if "startDate" not in body:
        return body
    later = today(world) - date.fromisoformat(body["startDate"])
    moved = {n: str(date.fromisoformat(body[n]) + later) for n in ("startDate", "endDate")}
    return body | moved


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_of_the_reference_shows_up_everywhere(strict_world: World, kind: str) -> None:
    """It is in campaigns, ad sets, ads and creatives at once, and has figures once it is active."""
    ben = strict_world.sign_in("ben")
    body = from_today(EXAMPLES[kind], strict_world)
    creatives = set(creative_names(ben))
    answer = ben.api("POST", f"{META}/campaigns/{kind}?{ACCOUNT}", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()

    campaigns = {c["id"]: c for c in ben.read(f"{META}/campaigns?{ACCOUNT}")["items"]}
    campaign = campaigns[made["campaignId"]]
    assert (campaign["name"], campaign["status"]) == (body["campaignName"], "PAUSED")
    of_campaign = f"{ACCOUNT}&campaignId={made['campaignId']}"
    (ad_set,) = ben.read(f"{META}/ad-sets?{of_campaign}")["items"]
    assert (ad_set["id"], ad_set["name"]) == (made["adSetId"], body["adSetName"])
    (ad,) = ben.read(f"{META}/ads?{of_campaign}&fields=adCreativeId")["items"]
    assert (ad["id"], ad["adSetId"]) == (made["adId"], made["adSetId"])
    names = creative_names(ben)
    assert names.keys() - creatives == {ad["adCreativeId"]}
    assert names[ad["adCreativeId"]] == body["creatives"]["headline"]

    assert made["campaignId"] not in delivering(ben, strict_world)
    status = f"{META}/campaigns/{made['campaignId']}?{ACCOUNT}"
    assert ben.api("PATCH", status, json={"status": "ACTIVE"}).status_code == 200
    strict_world.advance(86_400)
    ben.sign_in("ben")
    assert made["campaignId"] in delivering(ben, strict_world)


def creative_names(browser: Browser) -> dict[str, str]:
    """The creatives of the account: title by id."""
    listed = browser.read(f"{META}/ad-creatives?{ACCOUNT}&fields=title")["items"]
    return {creative["id"]: creative["title"] for creative in listed}


def delivering(browser: Browser, world: World) -> set[str]:
    """The campaigns that were shown to somebody since yesterday."""
    now = today(world)
    period = f"startDate={now - timedelta(days=1)}&endDate={now}"
    rows = browser.read(f"{META}/insights?{ACCOUNT}&{period}")["items"]
    return {row["campaignId"] for row in rows if row["impressions"]}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_arrives_as_it_was_sent(strict_world: World, kind: str) -> None:
    """The platform receives every field of the example and nothing else, in the example's form."""
    cleo = strict_world.sign_in("cleo")
    body = from_today(EXAMPLES[kind], strict_world)
    answer = cleo.api("POST", f"{META}/campaigns/{kind}?{ACCOUNT}", json=body)
    assert answer.status_code == 201, answer.text
    (call,) = strict_world.calls(CALLED[kind])
    assert json.loads(call["body"]) == body
    assert call["path"].partition("?")[2] == ACCOUNT


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_success_without_ids_is_a_success(strict_world: World, kind: str) -> None:
    """Three of the documented answers hold no ids: created all the same. The campaign's is found in
    its list, the others are null."""
    strict_world.control("POST", "/switches", {"documentedBodies": True})
    ben = strict_world.sign_in("ben")
    body = from_today(EXAMPLES[kind], strict_world)
    answer = ben.api("POST", f"{META}/campaigns/{kind}?{ACCOUNT}", json=body)
    assert answer.status_code == 201, answer.text
    told = kind in {"sales", "leads"}
    assert {name: value is not None for name, value in answer.json().items()} == {
        "campaignId": True,
        "adSetId": told,
        "adId": told,
    }
    names = [c["name"] for c in ben.read(f"{META}/campaigns?{ACCOUNT}")["items"]]
    assert body["campaignName"] in names


def test_a_lead_form_is_kept_and_listed(strict_world: World) -> None:
    """A created form is in its page's list from then on."""
    ben = strict_world.sign_in("ben")
    ben.read(f"{META}/lead-forms?{ACCOUNT}&pageId=page_1001_1")
    made = ben.api("POST", f"{META}/lead-forms?{ACCOUNT}", json=drafts.LEAD_FORM)
    assert made.status_code == 201, made.text
    forms = ben.read(f"{META}/lead-forms?{ACCOUNT}&pageId=page_1001_1")["items"]
    assert made.json()["id"] in {form["id"] for form in forms}


@pytest.mark.holds(62)
@pytest.mark.parametrize("odd", ["\ufeff", "\u0085", " "])
def test_an_address_holds_no_space_of_any_dialect(shared_world: World, odd: str) -> None:
    """Expressions disagree on what a space is: whatever one of them takes for it is refused."""
    draft = drafts.TRAFFIC | {"creatives": drafts.CREATIVES | {"url": f"https://a.example/{odd}"}}
    answer = shared_world.sign_in("ben").api(
        "POST", f"{META}/campaigns/traffic?{ACCOUNT}", json=draft
    )
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/body/creatives/url"]


@pytest.mark.holds(62)
def test_a_whole_number_may_be_written_with_a_point(strict_world: World) -> None:
    """To JSON 50.0 is the integer 50: it is taken for it, and sent as it."""
    ben = strict_world.sign_in("ben")
    targeting = drafts.TRAFFIC["targeting"] | {"ageMin": 18.0, "genders": [1.0], "locales": [6e0]}
    draft = drafts.TRAFFIC | {"budget": 50.0, "targeting": targeting}
    made = ben.api("POST", f"{META}/campaigns/traffic?{ACCOUNT}", json=draft)
    assert made.status_code == 201, made.text
    sent = strict_world.calls("createTrafficCampaign")[-1]["body"]
    assert '"budget":50,' in sent
    assert ('"ageMin":18,' in sent, '"genders":[1]' in sent, '"locales":[6]' in sent) == (True,) * 3


def test_the_reference_example_of_a_lead_form_is_taken(strict_world: World) -> None:
    """With sensible texts for its placeholders it is created, and arrives as it was sent."""
    form = SAMPLES[41, "request"]
    thanks = form["thankYouPage"] | {
        "websiteUrl": "https://shop.example/",
        "countryCode": "AE",
        "businessPhoneNumber": "+971 4 000 0000",
    }
    body = form | {"privacyPolicyUrl": "https://shop.example/privacy", "thankYouPage": thanks}
    ben = strict_world.sign_in("ben")
    made = ben.api("POST", f"{META}/lead-forms?{ACCOUNT}", json=body)
    assert made.status_code == 201, made.text
    (call,) = strict_world.calls("createLeadForm")
    assert json.loads(call["body"]) == body


@pytest.mark.parametrize(
    ("statuses", "sent"),
    [([{"id": "6", "name": "New parents"}], {"id": "6", "name": "New parents"}), ([], None)],
)
def test_one_family_status_travels_as_an_object(
    strict_world: World, statuses: list[dict[str, str]], sent: dict[str, str] | None
) -> None:
    """The platform takes one object where we take an array; an empty array is not sent at all."""
    ben = strict_world.sign_in("ben")
    targeting = drafts.TRAFFIC["targeting"] | {"familyStatuses": statuses}
    draft = drafts.TRAFFIC | {"targeting": targeting}
    made = ben.api("POST", f"{META}/campaigns/traffic?{ACCOUNT}", json=draft)
    assert made.status_code == 201, made.text
    campaign = json.loads(strict_world.calls("createTrafficCampaign")[-1]["body"])
    without = drafts.TRAFFIC["targeting"]
    assert campaign["targeting"] == (without | {"familyStatuses": sent} if sent else without)


def test_what_was_left_out_gets_the_platforms_shape(strict_world: World) -> None:
    """A campaign without a status is sent as PAUSED, a question without choices with none."""
    ben = strict_world.sign_in("ben")
    ben.api("POST", f"{META}/campaigns/traffic?{ACCOUNT}", json=drafts.TRAFFIC)
    ben.api("POST", f"{META}/lead-forms?{ACCOUNT}", json=drafts.LEAD_FORM)
    campaign = json.loads(strict_world.calls("createTrafficCampaign")[-1]["body"])
    form = json.loads(strict_world.calls("createLeadForm")[-1]["body"])
    assert campaign == drafts.TRAFFIC | {"status": "PAUSED"}
    assert form["questions"][0]["options"] == []
