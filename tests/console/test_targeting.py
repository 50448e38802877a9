"""Looking for an audience: what is found, what is chosen, and how it is taken along."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Route, expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import Screen

SEARCH = "**/meta/targeting?*"


def open_targeting(screen: Screen) -> Locator:
    """Gives the box that letters are typed into."""
    screen.sign_in("cleo")
    screen.turn_to("Targeting")
    return screen.page.get_by_role("searchbox", name="Find")


def audience(screen: Screen) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(
        screen.page.get_by_role("region", name="As JSON").inner_text()
    )
    return found


@pytest.mark.parametrize("width", [1280, 360])
def test_an_audience_is_collected(open_screen: OpenScreen, width: int) -> None:
    """Options come with what tells them apart, their branch and their size; those chosen are
    chips that the keyboard removes, and stand as the body of a campaign takes them."""
    screen = open_screen(width, 800)
    box = open_targeting(screen)
    page = screen.page
    box.fill("berlin")
    found = page.get_by_role("list", name="Find: found")
    expect(found.get_by_role("listitem")).to_have_text(
        [
            "BerlinRegion, GermanyAdd Berlin, Region, Germany",
            "BerlinCity, GermanyAdd Berlin, City, Germany",
        ]
    )
    page.get_by_role("button", name="Add Berlin, City, Germany").click()
    expect(page.get_by_role("button", name="Added Berlin, City, Germany")).to_be_focused()
    screen.choice("Kind").select_option("Interest")
    box.fill("hik")
    expect(found).to_contain_text("Interests › Sports and outdoors · about")
    page.get_by_role("button", name="Add Hiking").click()
    assert [list(one) for one in audience(screen)["geoLocations"]] == [["type", "id"]]
    assert audience(screen)["interests"][0]["name"] == "Hiking"
    assert screen.axe() == []
    assert screen.overflow() == 0

    page.get_by_role("button", name="Remove Berlin (City, Germany)").press("Delete")
    last = page.get_by_role("button", name="Remove Hiking (Interest)")
    expect(last).to_be_focused()
    assert list(audience(screen)) == ["interests"]
    last.press("Enter")
    expect(box).to_be_focused()
    expect(page.get_by_role("button", name="Add Hiking")).to_be_visible()
    box.fill("no such thing")
    expect(page.locator("#page")).to_contain_text("Nothing found for “no such thing”.")
    assert screen.faults == []


def test_the_last_letters_count(screen: Screen) -> None:
    """A search that was overtaken is called off, and its answer never shows."""
    box = open_targeting(screen)
    screen.choice("Kind").select_option("Interest")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "query=cof" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    screen.page.route(SEARCH, hold)
    with screen.page.expect_request(SEARCH):
        box.fill("cof")
    with screen.page.expect_event("requestfailed") as called_off:
        box.fill("cam")
    assert "query=cof" in called_off.value.url
    expect(screen.page.get_by_role("button", name="Add Camping")).to_be_visible()
    expect(screen.page.get_by_role("button", name="Add Coffee")).to_have_count(0)


def test_a_search_that_fails_can_be_tried_again(screen: Screen, strict_world: World) -> None:
    """What went wrong is told with the id of the request; the letters stay."""
    box = open_targeting(screen)
    strict_world.fault("searchTargeting", "status", status=500, times=None)
    box.fill("spa")
    alert = screen.page.locator("#page [role=alert]")
    expect(alert).to_contain_text("The ads platform failed")
    expect(alert.locator("code")).to_have_count(1)
    strict_world.heal()
    alert.get_by_role("button", name="Search again").click()
    expect(screen.page.get_by_role("button", name="Add Spain")).to_be_visible()
    expect(box).to_be_focused()
    expect(alert).to_be_empty()


def test_the_audience_is_copied(screen: Screen) -> None:
    """The button puts the JSON into the clipboard; where there is none it selects it instead."""
    box = open_targeting(screen)
    screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box.fill("spa")
    screen.page.get_by_role("button", name="Add Spain").click()
    copy = screen.page.get_by_role("button", name="Copy as JSON")
    copy.click()
    expect(screen.notices).to_contain_text("Copied.")
    copied = screen.page.evaluate("navigator.clipboard.readText()")
    assert json.loads(copied) == {"geoLocations": [{"type": "country", "id": "ES"}]}
    screen.page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })"
    )
    copy.click()
    expect(screen.notices).to_contain_text("It is selected")
    assert '"ES"' in screen.page.evaluate("String(getSelection())")
    assert screen.faults == []
