"""The page of the workspace: its name, its teams, its admin, and its end."""

from __future__ import annotations

from playwright.sync_api import expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import Screen


def to_workspace(screen: Screen, user: str = "ana") -> None:
    screen.sign_in(user)
    screen.turn_to("Workspace")
    screen.rest()


def test_members_see_it_and_change_nothing(screen: Screen) -> None:
    """A member reads who the admin is and which teams list him, and is offered no change."""
    to_workspace(screen, "dora")
    about = screen.page.locator("#about")
    expect(about).to_contain_text("ana")
    expect(screen.page.locator("#teams li")).to_have_text("Acme Brand")
    expect(screen.page.locator("#page").get_by_role("button")).to_have_count(0)
    assert screen.faults == []


def test_a_new_name_and_a_new_team(screen: Screen, strict_world: World) -> None:
    """The admin renames the workspace; creates a team, after a failure with what was typed; and
    goes from the list to its people."""
    to_workspace(screen)
    screen.page.get_by_label("Name", exact=True).fill("Acme Outdoors")
    screen.page.get_by_role("button", name="Rename").click()
    expect(screen.page.locator("#subtitle")).to_have_text("Acme Outdoors")
    expect(screen.choice("Workspace").locator("option")).to_have_text("Acme Outdoors")
    strict_world.fault("createTeam", "status", status=500, times=None)
    name = screen.page.get_by_label("Name of the new team")
    name.fill("Acme Winter")
    create = screen.page.get_by_role("button", name="Create team")
    create.click()
    expect(screen.page.locator("#teams .summary code")).to_be_visible()
    expect(name).to_have_value("Acme Winter")
    strict_world.heal()
    create.click()
    expect(screen.notices).to_contain_text("“Acme Winter” is there.")
    expect(name).to_have_value("")
    expect(create).to_be_focused()
    screen.page.get_by_role("link", name="Acme Winter").click()
    expect(screen.page.locator("#title")).to_have_text("People")
    expect(screen.page.locator("#subtitle")).to_have_text("Acme Winter · Acme Outdoors")
    expect(screen.page.locator("#members")).to_contain_text("Nobody is in this team yet.")


def test_the_admin_hands_over(open_screen: OpenScreen, strict_world: World) -> None:
    """The id is written twice; nobody becomes admin who is not known; then the old admin's page
    offers no change any more, and the new one's does."""
    screen, other = open_screen(), open_screen()
    to_workspace(other, "ben")
    expect(other.page.get_by_role("button", name="Rename")).to_be_hidden()
    to_workspace(screen)
    new_admin = screen.page.get_by_label("New admin")
    hand_over = screen.page.get_by_role("button", name="Hand over…")
    new_admin.fill("nobody")
    hand_over.click()
    dialog = screen.page.get_by_role("dialog", name="Hand “Acme Outdoor” over to nobody?")
    dialog.get_by_label("To confirm").fill("nobody")
    dialog.get_by_role("button", name="Hand over").click()
    expect(dialog.get_by_role("alert")).to_contain_text("knows no user of that id")
    assert screen.axe() == []
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(new_admin).to_have_value("nobody")

    new_admin.fill("ben")
    hand_over.click()
    dialog = screen.page.get_by_role("dialog", name="Hand “Acme Outdoor” over to ben?")
    dialog.get_by_label("To confirm").fill("ben")
    dialog.get_by_role("button", name="Hand over").click()
    expect(screen.notices).to_contain_text("ben is the admin of “Acme Outdoor”")
    assert strict_world.sandbox.world.workspaces["acme"].admin == "ben"
    expect(screen.page.get_by_role("button", name="Delete this workspace…")).to_be_hidden()
    other.page.get_by_role("button", name="Refresh").click()
    expect(other.page.locator("#about")).to_contain_text("ben (you)")
    expect(other.page.get_by_role("button", name="Rename")).to_be_visible()


def test_who_is_not_the_admin_any_more_reads_so(screen: Screen, strict_world: World) -> None:
    """When another browser handed the workspace over, a change is refused in words, and the page
    shows what a member sees."""
    to_workspace(screen)
    ana = strict_world.sign_in("ana")
    handed = ana.api("PUT", "/workspaces/acme/admin", json={"externalUserId": "ben"})
    assert handed.status_code == 204
    screen.page.get_by_label("Name of the new team").fill("Acme Winter")
    screen.page.get_by_role("button", name="Create team").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("your role may have changed")
    expect(screen.page.locator("#about")).to_contain_text("ben")
    expect(screen.page.locator("#page").get_by_role("button")).to_have_count(0)
    assert all(team.name != "Acme Winter" for team in strict_world.sandbox.world.teams.values())


def test_a_phone_deletes_and_begins_anew(open_screen: OpenScreen, strict_world: World) -> None:
    """Deleting wants the enterprise id; what it takes is named; afterwards the workspace can be
    created again, by whom the sign-in allows it."""
    phone = open_screen(360, 740)
    to_workspace(phone)
    assert phone.overflow() == 0
    assert phone.axe() == []
    phone.page.get_by_role("button", name="Delete this workspace…").click()
    dialog = phone.page.get_by_role("dialog", name="Delete “Acme Outdoor”?")
    expect(dialog).to_contain_text("Acme Outdoor default, Acme Brand, Acme Agency")
    assert phone.overflow() == 0
    typed = dialog.get_by_label("To confirm, write the enterprise id")
    delete = dialog.get_by_role("button", name="Delete the workspace")
    delete.click()
    expect(typed).to_have_attribute("aria-invalid", "true")
    assert "acme" in strict_world.sandbox.world.workspaces
    typed.fill("acme")
    delete.click()
    expect(phone.notices).to_contain_text("“Acme Outdoor” is deleted.")
    assert "acme" not in strict_world.sandbox.world.workspaces
    phone.page.get_by_label("Name of the workspace").fill("Acme Again")
    phone.page.get_by_role("button", name="Create workspace").click()
    expect(phone.page.locator("#about")).to_contain_text("ana (you)")
    expect(phone.page.locator("#subtitle")).to_have_text("Acme Again")
