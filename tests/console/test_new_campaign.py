"""The form for campaigns, from an empty one to a campaign that stands at the platform."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Request, Route, expect

from app.sandbox.records import Campaign
from app.testing.world import World

from .campaign_form import KINDS, add, box, fill, open_form, submit
from .conftest import OpenScreen
from .screen import REFUSED, Screen

GOALS = {
    "traffic": ("OUTCOME_TRAFFIC", "LINK_CLICKS"),
    "sales": ("OUTCOME_SALES", "OFFSITE_CONVERSIONS"),
    "leads": ("OUTCOME_LEADS", "LEAD_GENERATION"),
    "awareness": ("OUTCOME_AWARENESS", "REACH"),
    "engagement": ("OUTCOME_ENGAGEMENT", "POST_ENGAGEMENT"),
}
CREATE = "**/meta/campaigns/*"


def created(world: World, name: str = "Summer tents") -> list[Campaign]:
    """The campaigns of that name at the platform."""
    return [one for one in world.sandbox.world.campaigns.values() if one.name == name]


@pytest.mark.parametrize(
    ("kind", "width"), [*zip(KINDS, (1280, 360, 1280, 360, 1280), strict=True)]
)
def test_each_kind_is_created(
    open_screen: OpenScreen, strict_world: World, kind: str, width: int
) -> None:
    """With only what its kind needs a campaign is created paused; its ids are said, it is in the
    list, and the platform has it as it was entered. Desktop and phone."""
    screen = open_screen(width, 800)
    open_form(screen)
    fill(screen, kind)
    assert screen.axe() == []
    assert screen.overflow() == 0
    expect(submit(screen)).to_have_text("Create paused campaign")
    submit(screen).click()
    done = screen.page.get_by_role("region", name="Created")
    expect(done.get_by_role("heading")).to_be_focused()
    (campaign,) = created(strict_world)
    expect(done).to_contain_text(campaign.id)
    assert screen.axe() == []
    assert screen.overflow() == 0

    done.get_by_role("link", name="Look at the campaigns").click()
    row = screen.row("Summer tents")
    expect(row).to_contain_text("Paused")
    expect(row).to_contain_text(kind.capitalize())
    objective, goal = GOALS[kind]
    (ad_set,) = campaign.ad_sets
    assert (campaign.objective, ad_set.goal) == (objective, goal)
    assert (campaign.status, campaign.daily_budget) == ("PAUSED", 5_000)
    assert ad_set.targeting["geoLocations"] == [{"type": "country", "id": "DE"}]
    assert ad_set.ads[0].creative.page == "page_1001_1"
    assert screen.faults == []


MINIMUM: dict[str, Any] = {
    "status": "PAUSED",
    "campaignName": "Autumn",
    "adSetName": "All",
    "budget": 5,
    "places": [{"type": "location", "option": {"type": "country", "id": "DE", "name": "Germany"}}],
    "excluded": [],
    "narrowing": [],
    "specialAdCategories": [],
    "specialAdCountry": [],
    "genders": "0",
    "pageId": "page_1001_1",
    "primaryText": "Text",
    "headline": "Title",
    "callToAction": "LEARN_MORE",
    "url": "https://shop.example/",
    "shows": "image",
    "imageUrl": "https://shop.example/a.jpg",
    "pixelId": "px_1",
    "conversionEvent": "PURCHASE",
    "leadFormId": "form_1001_1",
    "ageMin": None,
    "ageMax": None,
    **dict.fromkeys(
        ("startDate", "endDate", "audienceId", "instagramActorId", "description", "videoId"), ""
    ),
    **dict.fromkeys(("thumbnailUrl", "conversionLocation", "appId", "objectStoreUrl"), ""),
    **dict.fromkeys(("optimizationGoal", "engagementType", "catalogId", "productSetId"), ""),
    "customConversionId": "",
}


def option(kind: str, number: str, place: str | None = None) -> dict[str, Any]:
    return {"type": kind, "option": {"id": number, "name": f"{kind} {number}", "type": place}}


# Whatever else is entered; what a kind does not have must not get into its body.
EVERYTHING: dict[str, Any] = MINIMUM | {
    "startDate": "2030-05-01",
    "endDate": "2030-05-31",
    "audienceId": "aud_1, aud_2",
    "instagramActorId": "ig_1",
    "description": "More",
    "shows": "video",
    "videoId": "vid_1",
    "thumbnailUrl": "https://shop.example/still.jpg",
    "conversionLocation": "APP",
    "appId": "app_1",
    "objectStoreUrl": "https://store.example/app",
    "optimizationGoal": "LINK_CLICKS",
    "engagementType": "POST_ENGAGEMENT",
    "catalogId": "cat_1",
    "productSetId": "set_1",
    "customConversionId": "cc_1",
    "ageMin": 18,
    "ageMax": 65,
    "genders": "2",
    "excluded": [option("location", "6000", "city")],
    "narrowing": [
        option(kind, str(7000 + n))
        for n, kind in enumerate(
            [
                "locale",
                "interest",
                "behavior",
                "educationSchool",
                "educationMajor",
                "workEmployer",
                "workPosition",
                "familyStatus",
                "lifeEvent",
                "industry",
                "income",
            ]
        )
    ],
    "specialAdCategories": ["HOUSING", "CREDIT"],
    "specialAdCountry": [option("location", "DE", "country")],
}


def test_every_body_is_valid(screen: Screen, strict_world: World) -> None:
    """The least and the most that can be entered make bodies that the gateway takes, for each
    kind: it refuses what is missing, and every field that a kind does not have."""
    screen.open()
    given = [entered | {"kind": kind} for kind in KINDS for entered in (MINIMUM, EVERYTHING)]
    for entered in given[2:]:
        entered["conversionLocation"] = "WEBSITE"  # only for traffic it can be an app
    bodies = screen.page.evaluate(
        """async (given) => {
          const { bodyOf } = await import("/console/views/draft/body.js");
          return given.map((entered) => bodyOf(entered));
        }""",
        given,
    )
    ben = strict_world.sign_in("ben")
    for entered, body in zip(given, bodies, strict=True):
        address = f"/teams/team-acme-brand/meta/campaigns/{entered['kind']}"
        answer = ben.api("POST", address, params={"adAccountId": "act_1001"}, json=body)
        assert answer.status_code == 201, (entered["kind"], answer.text)
    most = bodies[1]
    assert most["audienceId"] == ["aud_1", "aud_2"]
    assert most["targeting"]["excludedGeoLocations"] == [{"type": "city", "id": "6000"}]
    assert most["targeting"]["locales"] == [7000]
    assert "imageUrl" not in most["creatives"]
    assert "leadFormId" not in most


def test_fields_come_when_they_apply(screen: Screen) -> None:
    """Each kind, a special subject, a video and an app bring the fields they need, which go with
    them; what is needed for one kind is optional for another."""
    open_form(screen)
    page = screen.page
    expect(page.get_by_label("Pixel")).to_be_hidden()
    expect(page.get_by_label("Id of the app")).to_be_hidden()
    screen.choice("Where people are brought to (optional)").select_option("App")
    expect(page.get_by_label("Id of the app")).to_be_visible()
    expect(page.get_by_label("The app in its store")).to_be_visible()
    page.get_by_role("radio", name="Sales").check()
    expect(page.get_by_label("Id of the app")).to_be_hidden()
    expect(page.get_by_label("Pixel", exact=True)).to_have_attribute("required", "")
    page.get_by_role("radio", name="Awareness").check()
    expect(page.get_by_label("Pixel (optional)")).not_to_have_attribute("required", "")
    page.get_by_role("radio", name="Engagement").check()
    expect(screen.choice("Kind of engagement (optional)")).to_be_visible()
    expect(page.get_by_label("Where it leads (optional)")).to_be_visible()
    page.get_by_role("radio", name="Leads").check()
    expect(page.get_by_label("Where it leads (optional)")).to_be_hidden()
    expect(page.get_by_label("Pixel")).to_be_hidden()
    assert screen.choices("Lead form") == ["Choose the Facebook page first"]
    screen.choice("Facebook page").select_option("Acme Tents Support")
    expect(screen.choice("Lead form")).to_contain_text("Call me back")
    expect(screen.choice("Lead form")).not_to_contain_text("Newsletter")

    expect(box(screen, "Find a country")).to_be_hidden()
    page.get_by_role("checkbox", name="Housing").check()
    expect(box(screen, "Find a country")).to_be_visible()
    page.get_by_role("radio", name="A video").check()
    expect(page.get_by_label("Address of the picture")).to_be_hidden()
    expect(page.get_by_label("Id of the video")).to_be_visible()
    expect(page.get_by_label("Address of its still picture")).to_be_visible()
    page.get_by_role("radio", name="Running").check()
    expect(submit(screen)).to_have_text("Create campaign and start it")
    assert screen.axe() == []
    assert screen.faults == []


def test_what_is_wrong_is_said_where_it_is(screen: Screen, strict_world: World) -> None:
    """What is missing is told at its field without asking anybody; what the gateway refuses is
    told there too, nothing that was typed goes, and nothing reaches the platform."""
    open_form(screen)
    page = screen.page
    submit(screen).click()
    expect(page.get_by_label("Name of the campaign")).to_be_focused()
    expect(box(screen, "Find a country, region or city")).to_have_accessible_description(
        "Choose at least one of those found."
    )
    fill(screen, "traffic")
    picture = page.get_by_label("Address of the picture")
    picture.fill("ftp://shop.example/tent.jpg")
    page.get_by_label("Audiences").fill("aud!")
    submit(screen).click()
    expect(page.get_by_label("Audiences")).to_be_focused()
    expect(picture).to_have_accessible_description(re.compile("It must begin with https://.$"))
    picture.fill("https://shop.example/tent.jpg")
    page.get_by_label("Audiences").fill("")
    page.get_by_label("First day").fill("2020-05-01")
    page.get_by_label("From age").fill("60")
    page.get_by_label("To age").fill("20")
    with page.expect_response(CREATE) as refused:
        submit(screen).click()
    assert refused.value.status == 422
    first = page.get_by_label("First day")
    expect(first).to_be_focused()
    expect(first).to_have_accessible_description(
        "Without one it can start at once. Must not be in the past."
    )
    expect(page.get_by_label("To age")).to_have_accessible_description(
        "13 to 65 Must not be less than ageMin."
    )
    expect(picture).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Name of the campaign")).to_have_value("Summer tents")
    expect(page.locator(".summary code")).to_have_count(1)  # the request's id, no pointer
    assert screen.axe() == []
    assert strict_world.calls("createTrafficCampaign") == []


def test_a_slow_platform_is_asked_once(screen: Screen, strict_world: World) -> None:
    """Who clicks twice, or presses Enter while it lasts, creates one campaign; the wait is seen."""
    open_form(screen)
    fill(screen, "awareness")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route(CREATE, hold)
    submit(screen).dblclick()
    expect(submit(screen)).to_have_text("Creating…")
    expect(submit(screen)).to_be_focused()
    expect(screen.page.locator("#progress")).to_be_visible()
    screen.page.keyboard.press("Enter")
    (only,) = held
    only.continue_()
    expect(screen.page.get_by_role("region", name="Created")).to_be_visible()
    assert len(created(strict_world)) == 1
    assert len(strict_world.calls("createAwarenessCampaign")) == 1


def test_an_unknown_outcome_is_not_sent_again_blindly(screen: Screen, strict_world: World) -> None:
    """When nobody knows whether it was created, the form says so and leads to the list, where it
    is; the draft stays. Sent again it carries the same key, so that it is found and not made twice;
    another draft carries another."""
    keys: list[str | None] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/meta/campaigns/" in request.url:
            keys.append(request.headers.get("idempotency-key"))

    screen.page.on("request", note)
    open_form(screen)
    fill(screen, "sales")
    strict_world.fault("createSalesCampaign", "reset", afterEffect=True)
    submit(screen).click()
    summary = screen.page.locator(".summary")
    expect(summary).to_contain_text("The campaign may have been created, or not")
    expect(submit(screen)).to_have_text("I have looked: send it again")
    screen.page.get_by_role("link", name="Look at the campaigns").click()
    expect(screen.row("Summer tents").first).to_contain_text("Paused")
    screen.page.go_back()
    expect(screen.page.get_by_label("Name of the campaign")).to_have_value("Summer tents")
    done = screen.page.get_by_role("region", name="Created")
    again = screen.page.get_by_role("button", name="I have looked: send it again")
    while not done.is_visible():  # until the gateway has found out
        again.click()
        expect(done.or_(again)).to_be_visible()
    assert len(created(strict_world)) == 1
    assert len(set(keys)) == 1
    done.get_by_role("button", name="Create another").click()
    fill(screen, "sales")
    submit(screen).click()
    expect(done).to_be_visible()
    assert len(created(strict_world)) == 2
    assert len(set(keys)) == 2
    assert None not in keys


def test_unknown_ids_are_said_to_be(screen: Screen, strict_world: World) -> None:
    """Where the platform does not tell all ids the form says which are not known yet."""
    strict_world.control("POST", "/switches", {"documentedBodies": True})
    open_form(screen)
    fill(screen, "engagement")
    submit(screen).click()
    done = screen.page.get_by_role("region", name="Created")
    expect(done).to_contain_text("Ad set")
    expect(done).to_contain_text("not known yet")
    done.get_by_role("button", name="Create another").click()
    expect(screen.page.get_by_label("Name of the campaign")).to_have_value("")
    assert len(created(strict_world)) == 1


def test_a_viewer_is_told(screen: Screen, strict_world: World) -> None:
    """Who may only look reads so in words, before and after; what was typed stays."""
    open_form(screen, "dora")
    expect(screen.page.locator("#page")).to_contain_text("If you may only look")
    fill(screen, "traffic")
    submit(screen).click()
    summary = screen.page.locator(".summary")
    expect(summary).to_contain_text("You may look at this ad account, but not change it.")
    expect(summary).to_be_focused()
    expect(screen.page.get_by_label("Name of the campaign")).to_have_value("Summer tents")
    assert created(strict_world) == []
    assert screen.faults == [f"{REFUSED}403 (Forbidden)"]


def test_lists_that_fail_are_said_to(screen: Screen, strict_world: World) -> None:
    """Without the pages the list says why, and Refresh brings them without losing a word."""
    strict_world.fault("getPages", "status", status=500, times=None)
    screen.sign_in("ben")
    screen.turn_to("New campaign")
    pages = screen.choice("Facebook page")
    expect(pages).to_have_accessible_description(
        "The ad appears in its name. This list could not be loaded: "
        "The ads platform failed. Refresh tries it again."
    )
    screen.page.get_by_label("Headline").fill("Tents")
    strict_world.heal()
    screen.page.get_by_role("button", name="Refresh").click()
    pages.select_option("Acme Tents")
    expect(screen.page.get_by_label("Headline")).to_have_value("Tents")
    screen.page.get_by_role("button", name="Refresh").click()
    screen.rest()
    expect(pages).to_have_value("page_1001_1")


def test_a_session_that_ends_takes_nothing_along(screen: Screen, strict_world: World) -> None:
    """Who signs in again in the window that opens finds the draft where it was, and sends it."""
    open_form(screen)
    fill(screen, "traffic")
    strict_world.advance(strict_world.parts.settings.session.idle_seconds + 1)
    submit(screen).click()
    expect(screen.notices).to_contain_text("What you typed is kept")
    sign_in_elsewhere(screen, "ben")
    expect(screen.page.get_by_label("Name of the campaign")).to_have_value("Summer tents")
    expect(screen.page.get_by_role("button", name="Remove Germany (Country)")).to_be_visible()
    submit(screen).click()
    expect(screen.page.get_by_role("region", name="Created")).to_be_visible()
    assert len(created(strict_world)) == 1


def test_a_draft_is_not_for_the_next_one(screen: Screen, strict_world: World) -> None:
    """When somebody else signs in instead, nothing of the draft is left."""
    open_form(screen)
    fill(screen, "traffic")
    strict_world.advance(strict_world.parts.settings.session.idle_seconds + 1)
    submit(screen).click()
    expect(screen.notices).to_contain_text("What you typed is kept")
    sign_in_elsewhere(screen, "dora")
    expect(screen.page.locator("#user")).to_have_text("Dora Lind")
    screen.rest()
    expect(screen.page.get_by_label("Name of the campaign")).to_have_value("")


def sign_in_elsewhere(screen: Screen, user: str) -> None:
    """In the window that the link opens; then back to this one."""
    with screen.page.expect_popup() as opened:
        screen.page.get_by_role("link", name="Sign in").click()
    opened.value.locator(f'button[value="{user}"]').click()
    expect(opened.value.locator("#console")).to_be_visible()
    screen.page.bring_to_front()
    # A browser without windows does not tell that one came to the front.
    screen.page.evaluate("window.dispatchEvent(new Event('focus'))")


def test_the_whole_audience_goes_along(screen: Screen, strict_world: World) -> None:
    """Everything about audience, video and special subjects arrives at the platform as chosen."""
    open_form(screen)
    fill(screen, "sales")
    page = screen.page
    page.get_by_role("checkbox", name="Housing").check()
    add(screen, "Find a country", "fra", "France")
    add(screen, "Find a place to leave out", "munich", "Munich")
    screen.choice("Kind").select_option("Interest")
    add(screen, "Find interests and more", "hik", "Hiking")
    screen.choice("Kind").select_option("Family status")
    add(screen, "Find interests and more", "parents", "Parents (all)")
    add(screen, "Find interests and more", "toddlers", "Parents with toddlers (1-2 years)")
    expect(page.get_by_role("button", name="Remove Parents (all)")).to_have_count(0)
    page.get_by_label("From age").fill("25")
    screen.choice("Gender").select_option("Women")
    page.get_by_role("radio", name="A video").check()
    page.get_by_label("Id of the video").fill("vid_9")
    page.get_by_label("Address of its still picture").fill("https://shop.example/still.jpg")
    page.get_by_role("radio", name="Running").check()
    submit(screen).click()
    expect(page.get_by_role("region", name="Created")).to_contain_text("It delivers as soon as")
    (campaign,) = created(strict_world)
    assert campaign.status == "ACTIVE"
    assert campaign.special_categories == ("HOUSING",)
    (ad_set,) = campaign.ad_sets
    audience = ad_set.targeting
    assert [one["name"] for one in listed(audience["interests"])] == ["Hiking"]
    family = audience["familyStatuses"]
    assert isinstance(family, dict)
    assert family["name"] == "Parents with toddlers (1-2 years)"
    assert [one["type"] for one in listed(audience["excludedGeoLocations"])] == ["city"]
    assert (audience["ageMin"], audience["genders"]) == (25, [2])
    assert ad_set.ads[0].creative.video_id == "vid_9"


def listed(value: object) -> list[dict[str, Any]]:
    assert isinstance(value, list)
    return value
