"""The page of one's own sessions, and what ending one means in the other browser."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import Screen

HOUR = 3600


def to_sessions(screen: Screen, user: str = "ben") -> None:
    screen.sign_in(user)
    screen.turn_to("Sessions")
    screen.rest()


def test_how_long_the_session_lasts_is_said(screen: Screen, strict_world: World) -> None:
    """Without use and at the latest, in words that follow the clock through a day of work."""
    to_sessions(screen)
    current = screen.page.locator("#sessions li")
    expect(current).to_contain_text("In a browser")
    expect(current).to_contain_text("Ends after 30 minutes without use, at the latest in 12 hours.")
    for _ in range(22):
        strict_world.advance(0.4 * HOUR)
        screen.page.get_by_role("button", name="Refresh").click()
        screen.rest()
    expect(current).to_contain_text("Ends after 30 minutes without use, at the latest in 3 hours.")


def test_an_ended_session_is_out(open_screen: OpenScreen, strict_world: World) -> None:
    """Ending the other session removes it at once, keeps the focus in the list, and its browser is
    asked to sign in; its cookie opens nothing any more. Nothing of this needs a big screen."""
    phone, other = open_screen(360, 740), open_screen()
    other.sign_in("ben")
    other.rest()
    stolen = other.session_cookie()
    to_sessions(phone)
    entries = phone.page.locator("#sessions li")
    expect(entries).to_have_count(2)
    assert phone.overflow() == 0
    assert phone.axe() == []
    phone.page.get_by_role("button", name="End the session").click()
    expect(phone.notices).to_contain_text("has ended.")
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("This one")
    expect(phone.page.locator("#sessions ul")).to_be_focused()
    expect(phone.page.get_by_role("button", name="Sign out everywhere else")).to_be_hidden()
    browser = strict_world.browser()
    browser.cookies.set("bff-dev", stolen)
    assert browser.api("GET", "/workspaces/acme").status_code == 401
    expect(other.notices).to_contain_text("Your session has ended.")
    expect(other.page.locator("#console")).to_be_hidden()
    assert phone.faults == []


def test_ending_that_fails_is_taken_back(open_screen: OpenScreen) -> None:
    """The entry goes before any answer; without one it is back, with words."""
    screen, other = open_screen(), open_screen()
    other.sign_in("ben")
    to_sessions(screen)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route("**/auth/sessions/*", hold)
    entries = screen.page.locator("#sessions li")
    with screen.page.expect_request("**/auth/sessions/*"):
        screen.page.get_by_role("button", name="End the session").click()
    expect(entries).to_have_count(1)
    held[0].abort()
    expect(screen.page.get_by_role("alert")).to_contain_text("No answer came.")
    expect(entries).to_have_count(2)


def test_all_others_end(open_screen: OpenScreen) -> None:
    """After a question, every other browser is out and this one goes on; somebody else's session is
    not touched."""
    screen, *others = (open_screen() for _ in range(3))
    stranger = open_screen()
    stranger.sign_in("cleo")
    for one in others:
        one.sign_in("ben")
        one.rest()
    to_sessions(screen)
    ask = screen.page.get_by_role("button", name="Sign out everywhere else…")
    ask.click()
    dialog = screen.page.get_by_role("dialog", name="Sign out everywhere else?")
    expect(dialog).to_contain_text("2 other sessions end at once.")
    screen.page.keyboard.press("Escape")
    expect(ask).to_be_focused()
    expect(screen.page.locator("#sessions li")).to_have_count(3)
    ask.click()
    dialog.get_by_role("button", name="Sign out everywhere else").click()
    expect(screen.notices).to_contain_text("You are signed in only here now.")
    expect(screen.page.locator("#sessions li")).to_have_count(1)
    for one in others:  # their streams hear of it
        expect(one.page.get_by_role("link", name="Sign in")).to_be_visible()
    stranger.page.get_by_role("button", name="Refresh").click()
    stranger.rest()
    screen.page.get_by_role("button", name="Refresh").click()
    screen.rest()
    assert screen.faults == []


def test_signing_out_from_the_list(screen: Screen) -> None:
    """The own entry signs out like the button at the top, and leaves nothing behind."""
    to_sessions(screen)
    screen.page.get_by_role("button", name="Sign out here").click()
    expect(screen.page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(screen.page.locator("#sessions")).to_have_count(0)
    assert screen.page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_question_goes_with_the_session(open_screen: OpenScreen, strict_world: World) -> None:
    """When the session ends while a dialog is open, the dialog does not stay in the way."""
    screen, other = open_screen(), open_screen()
    other.sign_in("ben")
    to_sessions(screen)
    screen.page.get_by_role("button", name="Sign out everywhere else…").click()
    strict_world.advance(strict_world.parts.settings.session.idle_seconds + 1)
    screen.page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    expect(screen.notices).to_contain_text("Your session has ended.")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
