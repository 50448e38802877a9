"""Around the pages: the way from one to the other, what is said of the last call, and for whom."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import REFUSED, Screen

PAGES = (
    "Overview",
    "Campaigns",
    "New campaign",
    "Lead forms",
    "Targeting",
    "People",
    "Connections",
    "Workspace",
    "Sessions",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_every_page(screen: Screen, scheme: str) -> None:
    """axe-core finds nothing serious: signed out, on each page, and with the history open."""
    screen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    screen.open()
    expect(screen.page.get_by_role("link", name="Sign in")).to_be_visible()
    assert screen.axe() == []
    screen.sign_in("ben")
    screen.page.locator("#strip summary").click()
    for title in PAGES:
        screen.turn_to(title)
        screen.rest()
        assert screen.axe() == [], title
    assert screen.faults == []


def test_every_page_fits_a_phone(open_screen: OpenScreen) -> None:
    """No page is wider than a small phone, and the bar of links scrolls by itself."""
    phone = open_screen(320, 640)
    phone.sign_in("ben")
    for title in PAGES:
        phone.turn_to(title)
        phone.rest()
        assert phone.overflow() == 0, title
    phone.page.locator("#strip summary").click()
    assert phone.overflow() == 0
    current = phone.page.locator('nav a[aria-current="page"]')
    expect(current).to_have_text("Sessions")
    expect(current).to_be_in_viewport()


def test_whoever_moves_hears_where_he_is(screen: Screen) -> None:
    """Moving to a page gives its heading the focus and names it in the title; “back” leads back.
    Whoever just came is left at the top."""
    screen.sign_in("ben")
    screen.rest()
    heading = screen.page.get_by_role("heading", level=1)
    expect(heading).not_to_be_focused()
    screen.turn_to("People")
    expect(heading).to_be_focused()
    expect(screen.page).to_have_title(re.compile("^People – "))
    expect(screen.page.locator('nav a[aria-current="page"]')).to_have_text("People")
    screen.page.go_back()
    expect(heading).to_have_text("Overview")
    expect(heading).to_be_focused()
    expect(screen.page).to_have_title("Overview – Acme Tents – ads-bff console")


def test_the_team_and_the_period_go_along(screen: Screen) -> None:
    """Links keep the ad account and the period; what belongs to a page alone stays behind."""
    screen.sign_in("ben")
    screen.choice("Ad account").select_option("Acme Boots")
    screen.choice("Split by").select_option("Country")
    screen.page.get_by_role("radio", name="90 days").check()
    expect(screen.page).to_have_url(re.compile("days=90"))
    assert "by=country" in screen.page.url
    screen.turn_to("People")
    assert "by=country" not in screen.page.url
    screen.turn_to("Overview")
    expect(screen.choice("Ad account")).to_have_value("act_1002")
    expect(screen.page.get_by_role("radio", name="90 days")).to_be_checked()


def test_an_unknown_page_is_the_first(screen: Screen) -> None:
    """An address that names no page of ours, or one that objects inherit, leads to the first."""
    screen.sign_in("ben")
    for name in ("nowhere", "constructor", "__proto__"):
        screen.page.evaluate("name => { location.hash = `page=${name}` }", name)
        expect(screen.page.get_by_role("heading", level=1)).to_have_text("Overview")
        screen.rest()
    assert screen.faults == []


def test_the_strip_tells_how_a_call_was_served(screen: Screen) -> None:
    """First a miss and its calls to the platform, then a hit that asked the platform nothing; the
    keyboard opens the history, and no live region speaks of it."""
    screen.sign_in("ben")
    screen.rest()
    rows = screen.page.locator("#calls tr")
    team = rows.filter(has_text="Get team")
    summary = screen.page.locator("#strip summary")
    summary.focus()
    screen.page.keyboard.press("Enter")
    expect(team.first).to_contain_text("cache miss")
    expect(team.first.locator("td").nth(2)).to_have_text(re.compile("^[1-9]$"))
    screen.page.get_by_role("button", name="Refresh").click()
    expect(team).to_have_count(2)
    expect(team.first).to_contain_text(re.compile(r"cache hit, \d+ s old"))
    expect(team.first.locator("td").nth(2)).to_have_text("0")
    assert summary.evaluate("element => element.closest('[aria-live], [role=status]')") is None


def test_the_strip_shows_refusals(screen: Screen) -> None:
    """A call that was refused is in the strip with its status."""
    screen.sign_in("dora")
    screen.page.get_by_role("button", name="Pause Brand film").click()
    expect(screen.page.locator("#last-call")).to_contain_text("Set campaign status")
    expect(screen.page.locator("#last-call")).to_contain_text("refused (403)")
    assert screen.faults == [f"{REFUSED}403 (Forbidden)"]


def test_a_change_is_shown_at_once(screen: Screen, strict_world: World) -> None:
    """A click shows what it asks for before any answer; a refusal takes it back, with words."""
    screen.sign_in("ben")
    row = screen.row("Brand film")
    expect(row).to_contain_text("Active")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route("**/meta/campaigns/*", hold)
    strict_world.fault("updateCampaignStatus", "status", status=500, times=None)
    with screen.page.expect_request("**/meta/campaigns/*"):
        screen.page.get_by_role("button", name="Pause Brand film").click()
    expect(row).to_contain_text("Paused")
    expect(screen.page.get_by_role("alert")).to_have_count(0)
    held[0].continue_()
    expect(screen.page.get_by_role("alert")).to_be_visible()
    expect(row).to_contain_text("Active")


def test_the_own_session_is_marked(open_screen: OpenScreen) -> None:
    """Two browsers are two sessions, and each sees which one is its own."""
    first, second = open_screen(), open_screen()
    first.sign_in("ben")
    second.sign_in("ben")
    second.turn_to("Sessions")
    entries = second.page.locator("#sessions li")
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("This one")
    expect(entries.last).not_to_contain_text("This one")
    expect(second.page.locator("#sessions .source")).to_contain_text("From the gateway itself")


def test_what_a_form_refuses_stands_at_its_field(screen: Screen) -> None:
    """A field without a value, and then the gateway's own fault, are said at the field; it has the
    focus, and keeps what was typed."""
    screen.sign_in("zoe")
    field = screen.page.get_by_label("Name of the workspace")
    create = screen.page.get_by_role("button", name="Create workspace")
    create.click()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("Initech")
    screen.page.route(
        "**/workspaces",
        lambda route: route.fulfill(
            status=422,
            content_type="application/problem+json",
            json={
                "title": "Some of this is not valid",
                "status": 422,
                "code": "invalid",
                "detail": "See errors.",
                "requestId": "0123456789abcdef01234567",
                "errors": [
                    {"pointer": "/body/name", "message": "is taken"},
                    {"pointer": "/body/enterpriseId", "message": "is not yours"},
                ],
            },
        ),
    )
    create.click()
    expect(field).to_have_accessible_description("Is taken.")
    expect(field).to_be_focused()
    expect(field).to_have_value("Initech")
    summary = screen.page.locator(".summary")
    expect(summary).to_contain_text("is not yours")
    expect(summary).not_to_contain_text("is taken")
    expect(summary).to_contain_text("0123456789abcdef01234567")


def test_waiting_is_seen(screen: Screen) -> None:
    """A page whose answer does not come says that it is under way, until the answer is there."""
    screen.sign_in("ben")
    screen.rest()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route("**/auth/sessions", hold)
    with screen.page.expect_request("**/auth/sessions"):
        screen.turn_to("Sessions")
    bar = screen.page.locator("#progress")
    expect(bar).to_be_visible()
    expect(screen.page.get_by_text("Loading…")).to_be_visible()
    expect(screen.page.locator("#sessions")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    screen.rest()
    expect(bar).to_be_hidden()
    expect(screen.page.get_by_text("Loading…")).to_have_count(0)
