"""What people do with the console, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import REFUSED, Screen


@pytest.mark.holds(15)
def test_two_people_share_a_browser(screen: Screen, strict_world: World) -> None:
    """Each sees his own teams; a paused campaign stays paused; a session that ended is refused."""
    screen.sign_in("ana")
    assert screen.choices("Team") == ["Acme Outdoor default", "Acme Brand", "Acme Agency"]
    screen.sign_out()

    screen.sign_in("ben")
    assert screen.choices("Team") == ["Acme Brand"]
    expect(screen.row("Brand film")).to_contain_text("Active")
    screen.page.get_by_role("button", name="Pause Brand film").click()
    expect(screen.notices).to_contain_text("“Brand film” is paused.")
    screen.page.reload()
    expect(screen.row("Brand film")).to_contain_text("Paused")
    assert strict_world.sandbox.world.campaigns["cmp_1001_5"].status == "PAUSED"

    old = screen.session_cookie()
    assert old not in screen.page.evaluate("document.cookie")
    screen.sign_out()
    browser = strict_world.browser()
    browser.cookies.set("bff-dev", old)
    assert browser.api("GET", "/workspaces/acme").status_code == 401
    assert screen.faults == []


def test_the_keyboard_is_enough(screen: Screen) -> None:
    """Signing in and pausing need no mouse, and the focus stays on the button that was pressed."""
    screen.open()
    screen.press_until(screen.page.get_by_role("link", name="Sign in"))
    screen.page.keyboard.press("Enter")
    screen.press_until(screen.page.locator('button[value="ben"]'))
    screen.page.keyboard.press("Enter")

    pause = screen.page.get_by_role("button", name="Pause Store openings")
    screen.press_until(pause)
    screen.page.keyboard.press("Enter")
    resume = screen.page.get_by_role("button", name="Resume Store openings")
    expect(resume).to_be_focused()
    expect(screen.row("Store openings")).to_contain_text("Paused")
    # Shown at once; what is pressed before it is known to have happened is not heard.
    expect(screen.notices).to_contain_text("“Store openings” is paused.")
    screen.page.keyboard.press("Space")
    expect(screen.row("Store openings")).to_contain_text("Active")
    assert screen.faults == []


def test_the_first_key_skips_to_the_content(screen: Screen) -> None:
    """The first stop of the keyboard leads past the header, and does not change the place."""
    screen.sign_in("ben")
    expect(screen.row("Brand film")).to_be_visible()
    screen.page.reload()
    place = screen.page.url
    screen.page.keyboard.press("Tab")
    expect(screen.page.get_by_role("link", name="Skip to content")).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator("main")).to_be_focused()
    assert screen.page.url == place


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_shows_everything(open_screen: OpenScreen, width: int) -> None:
    """Nothing is wider than a phone, signed out or in, with a notice and with dates to choose."""
    phone = open_screen(width, 740)
    phone.open()
    expect(phone.page.get_by_role("link", name="Sign in")).to_be_visible()
    assert phone.overflow() == 0
    phone.sign_in("ben")
    phone.rest()
    expect(phone.page.locator("svg.chart")).to_have_count(2)
    phone.page.get_by_role("button", name="Pause Brand film").click()
    expect(phone.notices).to_contain_text("is paused")
    phone.page.get_by_role("radio", name="Custom").check()
    expect(phone.page.get_by_label("From")).to_be_visible()
    assert phone.overflow() == 0
    for subject in ("trend", "breakdown"):
        phone.page.get_by_role("button", name=f"As a table of the {subject}").click()
        expect(phone.page.locator(f"#{subject} figure table")).to_be_visible()
    assert phone.overflow() == 0
    assert phone.faults == []


def test_a_viewer_is_told_why_not(screen: Screen, strict_world: World) -> None:
    """A reader who may not change anything reads so, with the request's id; nothing changes."""
    screen.sign_in("dora")
    screen.page.get_by_role("button", name="Pause Brand film").click()
    notice = screen.page.get_by_role("alert")
    expect(notice).to_contain_text("You may look at this ad account, but not change it.")
    expect(notice.locator("code")).to_have_text(re.compile("[0-9a-f]{24}"))
    expect(screen.row("Brand film")).to_contain_text("Active")
    assert strict_world.sandbox.world.campaigns["cmp_1001_5"].status == "ACTIVE"
    assert screen.faults == [f"{REFUSED}403 (Forbidden)"]


def test_a_stranger_to_an_account_reads_who_can_help(screen: Screen) -> None:
    """Without access to the ad account there is one sentence instead of empty figures."""
    screen.sign_in("emil")
    expect(screen.page.locator("#unavailable")).to_contain_text(
        "An admin of the team can give you access to this ad account."
    )
    expect(screen.page.locator("#page > *")).to_have_count(0)
    screen.turn_to("People")
    expect(screen.page.get_by_text("emil (you)")).to_be_visible()


def test_meta_gets_connected(screen: Screen) -> None:
    """A team's admin connects Meta, comes back to the same team, and finds the new ad account."""
    screen.sign_in("ana")
    screen.choice("Team").select_option("Acme Outdoor default")
    expect(screen.page.locator("#unavailable")).to_contain_text("No ad account yet")
    screen.turn_to("Connections")
    screen.page.get_by_role("button", name="Connect Meta").click()
    screen.page.get_by_role("button", name="Allow").click()
    expect(screen.notices).to_contain_text("Meta is connected.")
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Connections")
    expect(screen.page.locator("#page")).to_contain_text("New season")
    assert screen.choices("Ad account") == ["New season"]
    assert "connection=" not in screen.page.url
    assert "team=team-acme-default" in screen.page.url
    assert screen.faults == []


def test_members_cannot_connect(screen: Screen) -> None:
    """Who does not administer the team is not offered to connect anything."""
    screen.sign_in("cleo")
    screen.turn_to("Connections")
    expect(screen.page.locator("#page")).to_contain_text("Acme Tents")
    expect(screen.page.get_by_role("button", name="Connect Meta")).to_be_hidden()


def test_a_new_enterprise_gets_its_workspace(screen: Screen) -> None:
    """Who sees no workspace creates it and finds himself its admin."""
    screen.sign_in("zoe")
    screen.page.get_by_label("Name of the workspace").fill("Initech Labs")
    screen.page.get_by_role("button", name="Create workspace").click()
    expect(screen.notices).to_contain_text("You are its admin.")
    screen.turn_to("People")
    expect(screen.page.get_by_text("zoe (you)")).to_be_visible()
    assert screen.choices("Workspace") == ["Initech Labs"]
    assert screen.faults == [f"{REFUSED}404 (Not Found)"]


def test_an_agency_walks_between_workspaces(screen: Screen) -> None:
    """Workspaces go by their names, and choosing one shows its own team and ad account."""
    screen.sign_in("kim")
    assert screen.choices("Workspace") == ["Acme Outdoor", "Globex Home"]
    screen.choice("Workspace").select_option("Globex Home")
    expect(screen.page.locator("#subtitle")).to_contain_text("Globex Sofas")
    assert screen.choices("Team") == ["Globex Agency"]
    screen.page.go_back()
    expect(screen.page.locator("#subtitle")).to_contain_text("Acme Boots")
    assert screen.faults == []


def test_the_end_of_the_session_is_said(screen: Screen, strict_world: World) -> None:
    """Whose session ended reads so, and after signing in again is where he was."""
    screen.sign_in("ben")
    screen.choice("Ad account").select_option("Acme Boots")
    expect(screen.page.locator("#subtitle")).to_contain_text("Acme Boots")
    screen.rest()
    strict_world.advance(strict_world.parts.settings.session.idle_seconds + 1)
    screen.page.get_by_role("button", name="Refresh").click()
    expect(screen.notices).to_contain_text("Your session has ended.")
    expect(screen.page.locator("#console")).to_be_hidden()
    screen.page.get_by_role("link", name="Sign in").click()
    screen.page.locator('button[value="ben"]').click()
    expect(screen.page.locator("#subtitle")).to_contain_text("Acme Boots")
