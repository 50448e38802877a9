"""Fields of campaign and form bodies that are needed only under a condition."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx
import pytest

from app.catalogue.campaign_drafts import SpecialAdCategory
from app.testing.world import Browser, World
from tests import drafts

META = "/teams/team-acme-brand/meta"
KINDS = {
    "campaigns/traffic": drafts.TRAFFIC,
    "campaigns/sales": drafts.SALES,
    "campaigns/leads": drafts.LEADS,
    "campaigns/awareness": drafts.AWARENESS,
    "campaigns/engagement": drafts.ENGAGEMENT,
}
Body = dict[str, Any]


@pytest.fixture
def ben(shared_world: World) -> Browser:
    """The team's ADMIN."""
    return shared_world.sign_in("ben")


def create(browser: Browser, path: str, body: Body) -> httpx.Response:
    return browser.api("POST", f"{META}/{path}?adAccountId=act_1001", json=body)


def changed(body: Body, part: str | None = None, **values: Any) -> Body:
    """The body, or its named part, with these values; what is None is left out."""
    if part is not None:
        return body | {part: changed(body[part], **values)}
    return {name: value for name, value in (body | values).items() if value is not None}


def refuses(world: World, browser: Browser, path: str, body: Body, *pointers: str) -> None:
    """422 with exactly these pointers, and the platform sees nothing of it."""
    world.forget_calls()
    answer = create(browser, path, body)
    assert answer.status_code == 422, answer.text
    assert {error["pointer"] for error in answer.json()["errors"]} == set(pointers)
    assert world.calls() == []


def takes(world: World, browser: Browser, path: str, body: Body) -> Any:
    """201; what the platform received."""
    world.forget_calls()
    answer = create(browser, path, body)
    assert answer.status_code == 201, answer.text
    (sent,) = [call for call in world.calls() if call["method"] == "POST" and call["n"] > 34]
    return json.loads(sent["body"])


SPECIAL = [one.value for one in SpecialAdCategory if one is not SpecialAdCategory.NONE]


@pytest.mark.holds(62)
@pytest.mark.parametrize("path", KINDS)
def test_a_special_category_needs_a_country(shared_world: World, ben: Browser, path: str) -> None:
    """With any category but NONE, beside it or alone; with NONE or without there is no need."""
    body = KINDS[path]
    for categories in (*([one] for one in SPECIAL), ["NONE", "CREDIT"], SPECIAL):
        special = body | {"specialAdCategories": categories}
        for lacking in (special, special | {"specialAdCountry": []}):
            refuses(shared_world, ben, path, lacking, "/body/specialAdCountry")
    told = {"specialAdCategories": ["HOUSING"], "specialAdCountry": ["DE", "FR"]}
    assert takes(shared_world, ben, path, body | told).items() >= told.items()
    for categories in (["NONE"], []):
        taken = takes(shared_world, ben, path, body | {"specialAdCategories": categories})
        assert taken["specialAdCategories"] == categories


@pytest.mark.holds(62)
@pytest.mark.parametrize("path", KINDS)
def test_a_video_needs_a_thumbnail_and_anything_else_an_image(
    shared_world: World, ben: Browser, path: str
) -> None:
    """One of the two is always needed: imageUrl without a video, thumbnailUrl with one."""
    at, body = "/body/creatives", KINDS[path]
    image = body["creatives"]["imageUrl"]
    lacking = changed(body, "creatives", imageUrl=None)
    refuses(shared_world, ben, path, lacking, f"{at}/imageUrl")
    lacking = changed(body, "creatives", imageUrl=None, thumbnailUrl=image)
    refuses(shared_world, ben, path, lacking, f"{at}/imageUrl")
    for still in (image, None):
        lacking = changed(body, "creatives", videoId="v_1", imageUrl=still)
        refuses(shared_world, ben, path, lacking, f"{at}/thumbnailUrl")
    video = changed(body, "creatives", videoId="v_1", imageUrl=None, thumbnailUrl=image)
    shown = takes(shared_world, ben, path, video)["creatives"]
    assert (shown["videoId"], shown["thumbnailUrl"]) == ("v_1", image)
    assert "imageUrl" not in shown


@pytest.mark.holds(62)
def test_an_app_needs_its_id_and_its_store(shared_world: World, ben: Browser) -> None:
    """A traffic campaign to an APP names both; to a site or a conversation it needs neither."""
    path, app = "campaigns/traffic", drafts.TRAFFIC | {"conversionLocation": "APP"}
    named, store = {"appId": "app_1"}, {"objectStoreUrl": "https://store.example/app_1"}
    refuses(shared_world, ben, path, app, "/body/appId", "/body/objectStoreUrl")
    refuses(shared_world, ben, path, app | named, "/body/objectStoreUrl")
    refuses(shared_world, ben, path, app | store, "/body/appId")
    assert takes(shared_world, ben, path, app | named | store).items() >= (named | store).items()
    for place in ("WEBSITE", "MESSENGER", None):
        takes(shared_world, ben, path, changed(app, conversionLocation=place))


@pytest.mark.holds(62)
def test_only_sales_needs_a_pixel_and_its_event(shared_world: World, ben: Browser) -> None:
    """Sales demands both, each by its name; awareness and engagement may name them."""
    measured = {"pixelId": "px_2", "conversionEvent": "SUBSCRIBE"}
    for name in measured:
        lacking = changed(drafts.SALES, **{name: None})
        refuses(shared_world, ben, "campaigns/sales", lacking, f"/body/{name}")
    for path in ("campaigns/awareness", "campaigns/engagement"):
        assert not KINDS[path].keys() & measured.keys()
        takes(shared_world, ben, path, KINDS[path])
        assert takes(shared_world, ben, path, KINDS[path] | measured).items() >= measured.items()


@pytest.mark.holds(62)
def test_only_an_engagement_ad_may_lead_nowhere(shared_world: World, ben: Browser) -> None:
    """Everywhere else `creatives.url` is needed."""
    for path, body in KINDS.items():
        lacking = changed(body, "creatives", url=None)
        if path == "campaigns/engagement":
            assert "url" not in takes(shared_world, ben, path, lacking)["creatives"]
        else:
            refuses(shared_world, ben, path, lacking, "/body/creatives/url")


@pytest.mark.holds(62)
@pytest.mark.parametrize("path", KINDS)
def test_dates_and_ages_are_in_order(shared_world: World, ben: Browser, path: str) -> None:
    """An end before its start, or before now, and an age range turned round are told by field."""
    body = KINDS[path]
    upside_down = {"startDate": "2099-01-02", "endDate": "2099-01-01"}
    refuses(shared_world, ben, path, body | upside_down, "/body/endDate")
    refuses(shared_world, ben, path, body | {"endDate": "2001-01-01"}, "/body/endDate")
    refuses(shared_world, ben, path, body | {"startDate": "2001-01-01"}, "/body/startDate")
    ages = changed(body, "targeting", ageMin=40, ageMax=39)
    refuses(shared_world, ben, path, ages, "/body/targeting/ageMax")
    one_day = {"startDate": "2099-01-01", "endDate": "2099-01-01"}
    same = changed(body | one_day, "targeting", ageMin=40, ageMax=40)
    assert takes(shared_world, ben, path, same).items() >= one_day.items()


@pytest.mark.holds(62)
def test_today_counts_wherever_it_is_today(shared_world: World, ben: Browser) -> None:
    """West of Greenwich the day is a day behind UTC's: it is no past; the day before it is."""
    now = datetime.fromtimestamp(shared_world.clock.now(), tz=UTC).date()
    yesterday, gone = str(now - timedelta(days=1)), str(now - timedelta(days=2))
    path = "campaigns/traffic"
    for field in ("startDate", "endDate"):
        taken = takes(shared_world, ben, path, drafts.TRAFFIC | {field: yesterday})
        assert taken[field] == yesterday
        refuses(shared_world, ben, path, drafts.TRAFFIC | {field: gone}, f"/body/{field}")


@pytest.mark.holds(62)
def test_a_button_needs_what_it_does(shared_world: World, ben: Browser) -> None:
    """A site for VIEW_WEBSITE, a country and a number to call or write to; nothing for others."""
    path, at = "lead-forms", "/body/thankYouPage"
    site = {"websiteUrl": "https://shop.example/"}
    country, number = {"countryCode": "DE"}, {"businessPhoneNumber": "+49 30 000000"}

    def with_button(kind: str, more: Body) -> Body:
        bare = dict.fromkeys(("websiteUrl", "countryCode", "businessPhoneNumber"))
        return changed(drafts.LEAD_FORM, "thankYouPage", **bare | {"buttonType": kind} | more)

    for more in ({}, country | number):
        form = with_button("VIEW_WEBSITE", more)
        refuses(shared_world, ben, path, form, f"{at}/websiteUrl")
    takes(shared_world, ben, path, with_button("VIEW_WEBSITE", site))
    for kind in ("CALL_BUSINESS", "WHATSAPP"):
        lacking = (f"{at}/countryCode", f"{at}/businessPhoneNumber")
        refuses(shared_world, ben, path, with_button(kind, {}), *lacking)
        refuses(shared_world, ben, path, with_button(kind, site), *lacking)
        refuses(shared_world, ben, path, with_button(kind, number), lacking[0])
        refuses(shared_world, ben, path, with_button(kind, country), lacking[1])
        page = takes(shared_world, ben, path, with_button(kind, country | number))["thankYouPage"]
        assert page.items() >= (country | number).items()
    for code in ("de", "DEU", "D", "49"):
        form = with_button("WHATSAPP", number | {"countryCode": code})
        refuses(shared_world, ben, path, form, f"{at}/countryCode")
    takes(shared_world, ben, path, with_button("SOMETHING_NEW", {}))


@pytest.mark.holds(62)
def test_only_custom_questions_offer_choices(shared_world: World, ben: Browser) -> None:
    """Choices at any other question are told by its place; CUSTOM may have some or none."""
    choices = {"options": [{"value": "A", "key": "a"}]}
    city, own = {"type": "CITY", "label": "Where?"}, {"type": "CUSTOM", "label": "Which?"}
    questions = [own | choices, city | choices, city, city | choices]
    form = drafts.LEAD_FORM | {"questions": questions}
    wrong = ("/body/questions/1/options", "/body/questions/3/options")
    refuses(shared_world, ben, "lead-forms", form, *wrong)
    form = drafts.LEAD_FORM | {"questions": [own | choices, own, city]}
    sent = takes(shared_world, ben, "lead-forms", form)["questions"]
    assert [question["options"] for question in sent] == [choices["options"], [], []]


@pytest.mark.holds(62)
@pytest.mark.parametrize("path", KINDS)
def test_the_platform_takes_one_family_status(shared_world: World, ben: Browser, path: str) -> None:
    """The public field is an array like its siblings; more than one in it is a fault."""
    two = changed(KINDS[path], "targeting", familyStatuses=[{"id": "1"}, {"id": "2"}])
    refuses(shared_world, ben, path, two, "/body/targeting/familyStatuses")


@pytest.mark.holds(62)
def test_all_that_is_missing_is_told_at_once(shared_world: World, ben: Browser) -> None:
    """Several conditions that fail together are several pointers of one answer."""
    body = changed(drafts.TRAFFIC, "creatives", imageUrl=None) | {
        "conversionLocation": "APP",
        "specialAdCategories": ["CREDIT"],
        "startDate": "2001-01-01",
    }
    missing = ("appId", "objectStoreUrl", "specialAdCountry", "startDate", "creatives/imageUrl")
    pointers = [f"/body/{name}" for name in missing]
    refuses(shared_world, ben, "campaigns/traffic", body, *pointers)
