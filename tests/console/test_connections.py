"""What a team has connected: connecting, importing, and letting go of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import REFUSED, Screen

TEAM = "team-acme-brand"


def to_connections(screen: Screen, user: str) -> None:
    screen.sign_in(user)
    screen.turn_to("Connections")
    screen.rest()


def test_a_consent_that_is_not_given(open_screen: OpenScreen, strict_world: World) -> None:
    """Who cancels at Meta comes back to the same page of the same team, reads that nothing was
    connected, and can connect after all; also on a phone."""
    phone = open_screen(360, 740)
    to_connections(phone, "ben")
    phone.page.get_by_role("button", name="Connect Meta", exact=True).click()
    phone.page.get_by_role("button", name="Cancel").click()
    expect(phone.notices).to_contain_text("the consent was not given")
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Connections")
    assert "connection=" not in phone.page.url
    phone.rest()
    assert phone.overflow() == 0
    phone.page.get_by_role("button", name="Connect Meta", exact=True).click()
    phone.page.get_by_role("button", name="Allow").click()
    expect(phone.notices).to_contain_text("Meta is connected.")
    expect(phone.page.locator("#connected")).to_contain_text("New season")
    expect(phone.page.locator("#connected section")).to_have_count(2)
    assert phone.axe() == []
    assert phone.faults == []


def test_connecting_may_fail(screen: Screen, strict_world: World) -> None:
    """When the platform cannot begin, the reader stays, reads so, and can try again."""
    to_connections(screen, "ben")
    strict_world.fault("createConnection", "status", status=500, times=None)
    connect = screen.page.get_by_role("button", name="Connect Meta", exact=True)
    connect.click()
    expect(screen.page.get_by_role("alert").locator("code")).to_be_visible()
    expect(connect).to_be_focused()
    strict_world.heal()
    connect.click()
    expect(screen.page.get_by_role("button", name="Allow")).to_be_visible()


def test_an_import_starts(screen: Screen, strict_world: World) -> None:
    """Who may change the ad account starts an import and reads that it runs; it is asked for once
    however often the button is pressed meanwhile."""
    to_connections(screen, "cleo")
    assert strict_world.calls("import") == []
    strict_world.fault("import", "latency", seconds=0.5)
    start = screen.page.get_by_role("button", name="Import Acme Tents")
    start.click(click_count=2)
    expect(screen.notices).to_contain_text("import of Acme Tents has started")
    assert len(strict_world.calls("import")) == 1
    assert screen.faults == []


def test_who_only_views_imports_nothing(screen: Screen, strict_world: World) -> None:
    """A viewer reads who can help, and is offered neither to connect nor to let go."""
    to_connections(screen, "dora")
    screen.page.get_by_role("button", name="Import Acme Tents").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("You may not change this ad account.")
    for name in ("Disconnect", "Remove", "Connect Meta"):
        offered = screen.page.locator("#page").get_by_role("button", name=name)
        expect(offered).to_have_count(0)
    expect(screen.page.locator("#all-connections")).to_be_hidden()
    assert screen.faults == [f"{REFUSED}403 (Forbidden)"]


def test_a_shared_account_stays(screen: Screen, strict_world: World) -> None:
    """An ad account that another team uses as well is not removed, and the dialog says why; one
    that is the team's alone goes, and is not offered as a choice any more."""
    to_connections(screen, "ben")
    screen.page.get_by_role("button", name="Remove Acme Boots").click()
    dialog = screen.page.get_by_role("dialog")
    remove = dialog.get_by_role("button", name="Remove the ad account")
    remove.click()
    expect(dialog.get_by_role("alert")).to_contain_text("another team uses it as well")
    assert screen.axe() == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(screen.page.get_by_role("button", name="Remove Acme Boots")).to_be_focused()
    assert "acc-1002" in strict_world.sandbox.world.accounts

    screen.page.get_by_role("button", name="Remove Acme Tents").click()
    remove.click()
    expect(screen.notices).to_contain_text("Acme Tents is removed.")
    expect(screen.choice("Ad account").locator("option")).to_have_text(["Acme Boots"])
    expect(screen.page.locator("#connected")).not_to_contain_text("Acme Tents")
    expect(screen.page.locator("#connected")).to_be_focused()
    assert "acc-1001" not in strict_world.sandbox.world.accounts


def test_disconnecting_says_what_is_lost(open_screen: OpenScreen, strict_world: World) -> None:
    """The dialog names the ad accounts and what goes on; a platform that fails keeps it open; done,
    nobody of the team sees them any more."""
    screen, other = open_screen(), open_screen()
    other.sign_in("cleo")
    expect(other.row("Brand film")).to_be_visible()
    to_connections(screen, "ben")
    screen.page.get_by_role("button", name="Disconnect Meta, Acme Tents and Acme Boots").click()
    dialog = screen.page.get_by_role("dialog", name="Disconnect Meta?")
    expect(dialog).to_contain_text("The team loses Acme Tents and Acme Boots")
    expect(dialog).to_contain_text("Campaigns that are running go on at Meta")
    strict_world.fault("disconnect", "status", status=503, times=None)
    end = dialog.get_by_role("button", name="Disconnect")
    end.click()
    expect(dialog.get_by_role("alert").locator("code")).to_be_visible()
    strict_world.heal()
    end.click()
    expect(screen.notices).to_contain_text("Meta is disconnected.")
    expect(screen.page.locator("#page")).to_contain_text("Nothing is connected yet.")
    other.page.get_by_role("button", name="Refresh").click()
    expect(other.page.locator("#unavailable")).to_contain_text("No ad account yet")


def test_who_does_not_wait_hears_of_it(screen: Screen) -> None:
    """A dialog that is closed before the answer came does not swallow it: a refusal is told above
    the page, and a success as well."""
    to_connections(screen, "ben")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route("**/connections/conn-acme-brand", hold)
    dialog = screen.page.get_by_role("dialog")
    for _ in range(2):
        with screen.page.expect_request("**/connections/conn-acme-brand"):
            screen.page.get_by_role("button", name="Disconnect Meta").click()
            dialog.get_by_role("button", name="Disconnect").click()
        screen.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        if len(held) == 1:
            held[0].abort()
            expect(screen.page.get_by_role("alert")).to_contain_text("No answer came.")
    held[1].continue_()
    expect(screen.notices).to_contain_text("Meta is disconnected.")
    expect(screen.page.locator("#page")).to_contain_text("Nothing is connected yet.")


def test_the_workspace_is_seen_as_a_whole(open_screen: OpenScreen, strict_world: World) -> None:
    """The workspace's admin sees every team's connections and ad accounts, those of no other
    workspace; one list may fail alone, and a status that the platform does not tell is none."""
    phone = open_screen(360, 740)
    strict_world.fault("getConnectionStatuses", "status", status=500, times=None)
    to_connections(phone, "ana")
    connections = phone.page.locator("#all-connections tbody tr")
    expect(connections).to_have_count(2)
    expect(connections.last).to_contain_text("Acme Boots, Acme Maps")
    accounts = phone.page.locator("#all-accounts tbody tr")
    expect(accounts).to_have_count(3)
    expect(accounts.first).to_contain_text("Not told")
    expect(phone.page.locator("#page")).not_to_contain_text("Globex")
    assert phone.overflow() == 0
    strict_world.heal()
    phone.page.route("**/workspaces/acme/connections*", lambda route: route.abort())
    phone.page.get_by_role("button", name="Refresh").click()
    expect(accounts.first).to_contain_text("Connected")
    expect(phone.page.locator("#all-connections")).to_contain_text("No answer came.")
    phone.page.unroute_all()
    phone.page.get_by_role("button", name="Refresh").click()
    phone.page.get_by_role("link", name="Acme Agency").click()
    expect(phone.page.locator("#subtitle")).to_have_text("Acme Agency · Acme Outdoor")
    expect(phone.page.locator("#connected")).to_contain_text("Acme Maps")


@pytest.mark.parametrize("task", ["Connect Meta", "Disconnect"])
def test_a_lost_role_ends_it(screen: Screen, strict_world: World, task: str) -> None:
    """Whose role is gone since the page was shown reads so and changes nothing; then only what a
    member may do is offered."""
    to_connections(screen, "ben")
    ana = strict_world.sign_in("ana")
    members = f"/teams/{TEAM}/members"
    assert ana.api("DELETE", members, params={"externalUserId": "ben"}).status_code == 204
    back = {"members": [{"externalUserId": "ben", "role": "MEMBER"}]}
    assert ana.api("POST", members, json=back).status_code == 200
    screen.page.locator("#page").get_by_role("button", name=re.compile(f"^{task}")).click()
    if task == "Disconnect":
        dialog = screen.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Disconnect").click()
        expect(dialog.get_by_role("alert")).to_contain_text("your role may have changed")
        screen.page.keyboard.press("Escape")
    else:
        expect(screen.page.get_by_role("alert")).to_contain_text("your role may have changed")
    expect(screen.page.get_by_role("button", name="Connect Meta", exact=True)).to_have_count(0)
    expect(screen.page.get_by_role("button", name="Disconnect")).to_have_count(0)
    assert "conn-acme-brand" in strict_world.sandbox.world.connections
