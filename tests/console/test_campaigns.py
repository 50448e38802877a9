"""The page of campaigns: which are shown, whether they run, and what they consist of."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from app.testing.world import World
from tests.drift.answers import answers, campaign

from .conftest import OpenScreen
from .screen import REFUSED, Screen


def open_campaigns(screen: Screen, user: str = "ben") -> None:
    screen.sign_in(user)
    screen.turn_to("Campaigns")
    expect(screen.row("Brand film")).to_be_visible()


def names(screen: Screen) -> list[str]:
    return screen.page.locator("#campaigns tbody th button").all_inner_texts()


@pytest.mark.parametrize("width", [1280, 360])
def test_filters_stay_in_the_address(open_screen: OpenScreen, width: int) -> None:
    """Text, status and objective narrow the list together, survive a reload, and go with one
    button; what they leave is counted in words."""
    screen = open_screen(width, 800)
    open_campaigns(screen)
    count = screen.page.locator("#campaigns [role=status]")
    expect(count).to_have_text("8 campaigns")
    expect(screen.page.locator("#campaigns .source")).to_contain_text(re.compile("Fresh|cache"))
    screen.choice("Objective").select_option("Sales")
    expect(count).to_have_text("2 of 8 campaigns")
    screen.page.get_by_role("searchbox", name="Name or id").fill("RETARG")
    expect(count).to_have_text("1 of 8 campaigns")
    assert names(screen) == ["Retargeting – basket"]
    assert screen.overflow() == 0
    screen.page.reload()
    expect(count).to_have_text("1 of 8 campaigns")
    expect(screen.page.get_by_role("searchbox", name="Name or id")).to_have_value("RETARG")
    screen.choice("Status").select_option("Paused")
    expect(count).to_have_text("None of the 8 campaigns fits these filters.")
    screen.page.go_back()
    expect(count).to_have_text("1 of 8 campaigns")
    screen.page.get_by_role("button", name="Clear filters").click()
    expect(count).to_have_text("8 campaigns")
    expect(screen.page.get_by_role("searchbox", name="Name or id")).to_be_focused()
    row = screen.row("Catalogue sales")
    expect(row).to_contain_text("25,000 a day")
    expect(row).to_contain_text(re.compile(r"From \d+ \w+ \d{4}"))
    assert screen.axe() == []
    assert screen.faults == []


@pytest.mark.parametrize("width", [1280, 360])
def test_a_campaign_unfolds(open_screen: OpenScreen, strict_world: World, width: int) -> None:
    """Ad sets and ads are asked for when somebody unfolds, by the keyboard too; a failure says
    why and can be tried again; folding and unfolding asks nobody."""
    screen = open_screen(width, 800)
    open_campaigns(screen)
    assert strict_world.calls("getAdSets") == strict_world.calls("getAds") == []
    strict_world.fault("getAds", "status", status=500, times=None)
    toggle = screen.page.get_by_role("button", name="Catalogue sales", exact=True)
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.focus()
    screen.page.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    parts = screen.page.locator(".below:not([hidden])")
    expect(parts).to_contain_text("The ads platform failed")
    strict_world.heal()
    parts.get_by_role("button", name="Try again").click()
    expect(parts).to_contain_text("Returning visitors")
    expect(parts).to_contain_text("ad_1001_2_3_1")
    expect(parts).not_to_contain_text("ad_1001_1_1_1")
    assert screen.axe() == []
    assert screen.overflow() == 0
    asked = len(strict_world.calls("getAdSets"))
    toggle.press("Enter")
    expect(parts).to_have_count(0)
    toggle.press("Enter")
    expect(parts).to_contain_text("Lookalike")
    assert len(strict_world.calls("getAdSets")) == asked


def test_a_change_that_fails_is_taken_back(screen: Screen, strict_world: World) -> None:
    """Pausing is seen before any answer, taken back with words when it fails, and works when the
    platform does; what it makes of the delivery is not claimed."""
    open_campaigns(screen)
    row = screen.row("Brand film")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route("**/meta/campaigns/cmp_*", hold)
    strict_world.fault("updateCampaignStatus", "status", status=500, times=None)
    row.get_by_role("button", name="Pause Brand film").click()
    expect(row.locator(".status")).to_have_text("Paused")
    held[0].continue_()
    expect(screen.page.get_by_role("alert")).to_be_visible()
    expect(row.locator(".status")).to_have_text("Active")
    strict_world.heal()
    screen.page.unroute("**/meta/campaigns/cmp_*")
    row.get_by_role("button", name="Pause Brand film").click()
    expect(screen.notices).to_contain_text("“Brand film” is paused.")
    expect(row.locator("[data-label=Delivery]")).to_have_text("–")
    screen.choice("Status").select_option("Paused")
    expect(screen.row("Brand film")).to_be_visible()
    assert strict_world.sandbox.world.campaigns["cmp_1001_5"].status == "PAUSED"


def test_rights_are_said_in_words(open_screen: OpenScreen, strict_world: World) -> None:
    """A viewer sees everything and is told why nothing changes; who has no access to the ad
    account, or loses it, reads who can help."""
    viewer = open_screen()
    open_campaigns(viewer, "dora")
    viewer.page.get_by_role("button", name="Pause Brand film").click()
    notice = viewer.page.get_by_role("alert")
    expect(notice).to_contain_text("You may look at this ad account, but not change it.")
    expect(viewer.row("Brand film").locator(".status")).to_have_text("Active")
    assert viewer.faults == [f"{REFUSED}403 (Forbidden)"]

    granted = "/teams/team-acme-brand/ad-accounts/act_1001/permissions"
    gone = strict_world.sign_in("ben").api("DELETE", f"{granted}/dora")
    assert gone.status_code == 204
    viewer.page.get_by_role("button", name="Refresh").click()
    expect(viewer.page.locator("#unavailable")).to_contain_text("An admin of the team can give")
    expect(viewer.row("Brand film")).to_have_count(0)

    stranger = open_screen()
    stranger.sign_in("emil")
    stranger.turn_to("Campaigns")
    expect(stranger.page.locator("#unavailable")).to_contain_text(
        "An admin of the team can give you access to this ad account."
    )


def test_what_a_list_lacks_is_told(screen: Screen, strict_world: World) -> None:
    """Rows that nobody could read are missing: the list says so, and so does the strip below."""
    rows = [campaign(1, name="Brand film"), campaign(2, id=...), campaign(3)]
    answers(strict_world, "getCampaigns", rows)
    open_campaigns(screen)
    source = screen.page.locator("#campaigns .source")
    expect(source).to_contain_text("without rows that could not be read")
    assert names(screen) == ["Brand film", "Tent 3"]
    screen.page.locator("#strip summary").click()
    calls = screen.page.locator("#calls tr").filter(has_text="List campaigns")
    expect(calls.first).to_contain_text("cache miss, some rows left out")
    assert screen.faults == []
