"""The people of a team: who they are, what they may do with an ad account, and how that changes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import REFUSED, Screen

TEAM = "team-acme-brand"
TENTS = "acc-1001"


def member(screen: Screen, user: str) -> Locator:
    name = screen.page.locator(".who-is", has_text=re.compile(rf"^{user}( \(you\))?$"))
    return screen.page.locator("#members li").filter(has=name)


def choice(screen: Screen, user: str, words: str) -> Locator:
    """One of the three buttons that say what somebody may do with the ad account."""
    group = screen.page.get_by_role("group", name=f"What {user} may do with Acme Tents")
    return group.get_by_role("button", name=words, exact=True)


def to_people(screen: Screen, user: str) -> None:
    screen.sign_in(user)
    screen.turn_to("People")
    screen.rest()


def test_a_permission_is_granted_with_the_keyboard_alone(
    open_screen: OpenScreen, strict_world: World
) -> None:
    """From signing in to granting, changing and revoking: no mouse, the focus stays on what was
    pressed, and the person sees the ad account, changes it, and loses it again."""
    screen, other = open_screen(), open_screen()
    other.sign_in("emil")
    expect(other.page.locator("#unavailable")).to_be_visible()

    screen.open()
    screen.press_until(screen.page.get_by_role("link", name="Sign in"))
    screen.page.keyboard.press("Enter")
    screen.press_until(screen.page.locator('button[value="ben"]'))
    screen.page.keyboard.press("Enter")
    screen.rest()
    screen.press_until(screen.page.get_by_role("link", name="People"))
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator("#access")).to_contain_text("what this gateway remembers")
    view = choice(screen, "emil", "View only")
    screen.press_until(view)
    screen.page.keyboard.press("Enter")
    expect(screen.notices).to_contain_text("emil may only view Acme Tents.")
    expect(view).to_have_attribute("aria-pressed", "true")
    expect(view).to_be_focused()
    other.page.get_by_role("button", name="Refresh").click()
    expect(other.row("Brand film")).to_contain_text("Active")

    screen.page.keyboard.press("Shift+Tab")
    screen.page.keyboard.press("Space")
    expect(screen.notices).to_contain_text("emil may manage Acme Tents.")
    grants = strict_world.sandbox.world.grants
    assert grants[TEAM, TENTS, "emil"].permission == "MANAGER"
    other.page.get_by_role("button", name="Pause Brand film").click()
    expect(other.notices).to_contain_text("“Brand film” is paused.")

    screen.press_until(choice(screen, "emil", "No access"))
    screen.page.keyboard.press("Enter")
    expect(screen.notices).to_contain_text("emil has no access to Acme Tents.")
    assert (TEAM, TENTS, "emil") not in grants
    other.page.get_by_role("button", name="Refresh").click()
    expect(other.page.locator("#unavailable")).to_contain_text("can give you access")
    assert screen.faults == []


def test_what_the_platform_knows_and_the_gateway_not_is_changed(
    screen: Screen, strict_world: World
) -> None:
    """A permission that was given elsewhere is not shown, and takes one click to change all the
    same; after a reload it is remembered, and by whom it was set."""
    to_people(screen, "ben")
    expect(screen.page.locator("#access li").filter(has_text="cleo")).to_contain_text(
        "Nothing is remembered"
    )
    choice(screen, "cleo", "View only").click()
    expect(screen.notices).to_contain_text("cleo may only view Acme Tents.")
    assert strict_world.sandbox.world.grants[TEAM, TENTS, "cleo"].permission == "VIEWER"
    screen.page.reload()
    expect(choice(screen, "cleo", "View only")).to_have_attribute("aria-pressed", "true")
    expect(screen.page.locator("#access li").filter(has_text="cleo")).to_contain_text("Set by ben")
    (fault,) = screen.faults  # that it was there already
    assert fault.startswith(f"{REFUSED}422")


def test_a_permission_that_failed_is_taken_back(screen: Screen, strict_world: World) -> None:
    """What was pressed is shown before any answer; when the platform fails it is as before, with
    words, and pressing once more does it."""
    to_people(screen, "ben")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route("**/permissions", hold)
    strict_world.fault("assignAdAccount", "status", status=500, times=None)
    manage = choice(screen, "emil", "Manage")
    with screen.page.expect_request("**/permissions"):
        manage.click()
    expect(manage).to_have_attribute("aria-pressed", "true")
    held[0].continue_()
    alert = screen.page.get_by_role("alert")
    expect(alert.locator("code")).to_have_text(re.compile("[0-9a-f]{24}"))
    expect(manage).to_have_attribute("aria-pressed", "false")
    assert (TEAM, TENTS, "emil") not in strict_world.sandbox.world.grants
    screen.page.unroute("**/permissions")
    strict_world.heal()
    manage.click()
    expect(screen.notices).to_contain_text("emil may manage Acme Tents.")
    expect(alert).to_have_count(0)


def test_who_left_meanwhile_gets_no_permission(screen: Screen, strict_world: World) -> None:
    """When somebody else removed the person, that is said in words, and the page shows the team as
    it is; whoever uses the keyboard is still among the permissions."""
    to_people(screen, "ben")
    ana = strict_world.sign_in("ana")
    removed = ana.api("DELETE", f"/teams/{TEAM}/members", params={"externalUserId": "dora"})
    assert removed.status_code == 204
    choice(screen, "dora", "Manage").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("dora has left the team.")
    expect(member(screen, "dora")).to_have_count(0)
    expect(choice(screen, "dora", "Manage")).to_have_count(0)
    expect(screen.page.locator("#access")).to_be_focused()


def test_people_join_and_the_others_are_named(screen: Screen, strict_world: World) -> None:
    """Several are added at once; who could not be is told by name and stays in the form, on a slow
    platform as well, and an id that cannot be one is refused at the field."""
    to_people(screen, "ben")
    strict_world.fault("assignMembers", "latency", seconds=0.4)
    who = screen.page.get_by_label("Who")
    who.fill("hugo\n nobody \n\ncleo\nhugo")
    add = screen.page.get_by_role("button", name="Add to the team")
    add.click()
    expect(screen.notices).to_contain_text("hugo is in the team now.")
    failures = screen.page.locator("#assignment .summary:visible")
    expect(failures.locator("li")).to_have_text(
        ["nobody: User not found.", "cleo: User already assigned to this team."]
    )
    expect(who).to_have_value("nobody\ncleo")
    expect(member(screen, "hugo")).to_contain_text("Member")
    assert screen.axe() == []
    who.fill("kim\na/b")
    add.click()
    expect(who).to_have_attribute("aria-invalid", "true")
    expect(who).to_be_focused()
    expect(who).to_have_value("kim\na/b")
    assert (TEAM, "kim") not in strict_world.sandbox.world.members


def test_removing_asks_first(open_screen: OpenScreen, strict_world: World) -> None:
    """Escape changes nothing and gives the focus back; when it fails the person is back in the
    list; when it is done, the focus stays in the list, and the person is out at once."""
    screen, other = open_screen(), open_screen()
    other.sign_in("dora")
    expect(other.row("Brand film")).to_be_visible()
    to_people(screen, "ben")
    remove = screen.page.get_by_role("button", name="Remove dora")
    remove.click()
    dialog = screen.page.get_by_role("dialog", name="Remove dora from “Acme Brand”?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert screen.axe() == []
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(remove).to_be_focused()

    strict_world.fault("deleteTeamMembers", "status", status=500, times=None)
    remove.click()
    dialog.get_by_role("button", name="Remove from the team").click()
    expect(screen.page.get_by_role("alert")).to_be_visible()
    expect(member(screen, "dora")).to_be_visible()
    assert (TEAM, "dora") in strict_world.sandbox.world.members

    strict_world.heal()
    screen.page.get_by_role("button", name="Remove dora").click()
    dialog.get_by_role("button", name="Remove from the team").click()
    expect(screen.notices).to_contain_text("dora is not in the team any more.")
    expect(member(screen, "dora")).to_have_count(0)
    expect(screen.page.locator("#members ul")).to_be_focused()
    other.page.get_by_role("button", name="Refresh").click()
    expect(other.page.locator("#no-workspace")).to_be_visible()


def test_a_role_changes_in_two_steps(screen: Screen, strict_world: World) -> None:
    """The platform cannot change a role: that is said, and done by removing and adding; when adding
    fails, only that is tried again. Nobody is offered to take his own role."""
    to_people(screen, "ben")
    expect(screen.page.get_by_role("button", name="Make member ben")).to_have_count(0)
    strict_world.fault("assignMembers", "status", status=500, times=None)
    screen.page.get_by_role("button", name="Make admin emil").click()
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The ads platform cannot change a role")
    confirm = dialog.get_by_role("button", name="Change the role")
    confirm.click()
    expect(dialog.get_by_role("alert")).to_contain_text("could not be added again")
    strict_world.heal()
    confirm.click()
    expect(screen.notices).to_contain_text("emil is an admin of the team now.")
    expect(member(screen, "emil")).to_contain_text("Admin")
    assert strict_world.sandbox.world.members[TEAM, "emil"].role == "ADMIN"
    assert len(strict_world.calls("deleteTeamMembers")) == 1


def test_an_unclear_outcome_is_looked_up(screen: Screen, strict_world: World) -> None:
    """When the answer to a change got lost, the reader is told, and sees what really became of it;
    a role that was changed after all is not changed once more."""
    to_people(screen, "ben")
    strict_world.fault("deleteTeamMembers", "reset", afterEffect=True)
    screen.page.get_by_role("button", name="Remove dora").click()
    screen.page.get_by_role("button", name="Remove from the team").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("its outcome is not known")
    expect(member(screen, "dora")).to_have_count(0)
    assert (TEAM, "dora") not in strict_world.sandbox.world.members

    strict_world.fault("assignMembers", "reset", afterEffect=True)
    screen.page.get_by_role("button", name="Make admin emil").click()
    screen.page.get_by_role("button", name="Change the role").click()
    expect(screen.notices).to_contain_text("emil is an admin of the team now.")
    expect(member(screen, "emil")).to_contain_text("Admin")
    assert len(strict_world.calls("assignMembers")) == 1


@pytest.mark.parametrize("task", ["Add to the team", "Remove dora"])
def test_a_lost_role_is_said(screen: Screen, strict_world: World, task: str) -> None:
    """Whose role another browser took while he looked at the page reads so, changes nothing, and
    sees the page of a member."""
    to_people(screen, "ben")
    ana = strict_world.sign_in("ana")
    members = f"/teams/{TEAM}/members"
    assert ana.api("DELETE", members, params={"externalUserId": "ben"}).status_code == 204
    back = {"members": [{"externalUserId": "ben", "role": "MEMBER"}]}
    assert ana.api("POST", members, json=back).status_code == 200
    screen.page.get_by_label("Who").fill("hugo")
    screen.page.get_by_role("button", name=task).click()
    if task.startswith("Remove"):
        screen.page.get_by_role("button", name="Remove from the team").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("your role may have changed")
    expect(screen.page.locator("#assignment")).to_be_hidden()
    expect(screen.page.locator("#access")).to_be_hidden()
    expect(member(screen, "dora")).to_be_visible()
    assert (TEAM, "dora") in strict_world.sandbox.world.members
    assert (TEAM, "hugo") not in strict_world.sandbox.world.members


def test_members_only_look(open_screen: OpenScreen) -> None:
    """Who does not administer the team is offered nothing that would be refused, whatever his
    permission is."""
    for user in ("cleo", "emil"):
        screen = open_screen()
        to_people(screen, user)
        screen.faults.clear()  # the first page may be refused
        expect(screen.page.locator("#members")).to_contain_text("Admins of the team add people")
        expect(screen.page.locator("#page").get_by_role("button")).to_have_count(0)
        assert screen.faults == []


def test_a_team_gets_another_name(screen: Screen, strict_world: World) -> None:
    """A team's admin renames it, and the choice of teams has the new name; its end is offered to
    the workspace's admin alone."""
    to_people(screen, "ben")
    screen.page.get_by_label("Name", exact=True).fill("Acme Brands")
    screen.page.get_by_role("button", name="Rename").click()
    expect(screen.notices).to_contain_text("is called “Acme Brands” now.")
    expect(screen.choice("Team").locator("option")).to_have_text("Acme Brands")
    expect(screen.page.get_by_role("button", name="Delete this team…")).to_be_hidden()


def test_a_phone_deletes_a_team(open_screen: OpenScreen, strict_world: World) -> None:
    """Deleting wants the name written out, keeps what was written when the platform fails, and
    leads to what is left; all of that fits a phone."""
    phone = open_screen(360, 740)
    to_people(phone, "ana")
    phone.choice("Team").select_option("Acme Agency")
    phone.rest()
    assert phone.overflow() == 0
    assert phone.axe() == []
    phone.page.get_by_role("button", name="Delete this team…").click()
    dialog = phone.page.get_by_role("dialog", name="Delete “Acme Agency”?")
    expect(dialog).to_contain_text("Acme Boots and Acme Maps")
    typed = dialog.get_by_label("To confirm, write the team’s name")
    expect(typed).to_be_focused()
    typed.fill("acme agency")
    delete = dialog.get_by_role("button", name="Delete the team")
    delete.click()
    expect(typed).to_have_accessible_description("Write “Acme Agency”, exactly like this.")
    assert phone.overflow() == 0
    assert phone.axe() == []
    typed.fill("Acme Agency")
    strict_world.fault("deleteTeam", "status", status=503, times=None)
    delete.click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(typed).to_have_value("Acme Agency")
    assert "team-acme-agency" in strict_world.sandbox.world.teams
    strict_world.heal()
    delete.click()
    expect(phone.notices).to_contain_text("“Acme Agency” is deleted.")
    expect(phone.choice("Team").locator("option")).to_have_count(2)
    expect(phone.page.locator("#subtitle")).to_contain_text("Acme Brand")
    assert "team-acme-agency" not in strict_world.sandbox.world.teams
