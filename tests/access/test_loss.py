"""Losing access: within a minute when the platform changed, at once when it went through us."""

from __future__ import annotations

import pytest

from app.catalogue.operation import Read
from app.testing.world import Browser, World
from tests.access.acme import CAMPAIGNS, TEAM, code, remove, set_status
from tests.access.examples import BY_ID, Ids, refused, send, with_parameter

# Those first that look at fewest facts: a refusal of one of the others would end everything.
READS = sorted((op for op in with_parameter("teamId") if issubclass(BY_ID[op], Read)), reverse=True)
KIM = Ids(team="team-acme-agency", account="act_1003", connection="conn-acme-agency")


def prime(browser: Browser, ids: Ids) -> None:
    """Read all there is to read of these objects, so that it is kept."""
    for operation in READS:
        assert send(browser, operation, ids).status_code == 200, operation


def gone(browser: Browser, world: World, ids: Ids) -> None:
    """Nothing of what was kept is served any more, and nothing is asked but facts."""
    for operation in READS:
        assert refused(browser, world, operation, ids)["code"] == "not-found", operation


@pytest.mark.holds(52, 53)
def test_membership_lost_at_the_platform_bites_within_the_ttl(either_world: World) -> None:
    """Removed behind our back, a member reads nothing more 31 s later, though it is all kept."""
    cleo = either_world.sign_in("cleo")
    prime(cleo, Ids())
    either_world.sandbox.world.remove(TEAM, "cleo")
    either_world.advance(31)
    gone(cleo, either_world, Ids())


@pytest.mark.holds(77)
def test_nothing_from_before_a_refusal_is_served_after_it(either_world: World) -> None:
    """Who was refused once, and is a member again, gets nothing that was kept before."""
    members = f"/teams/{TEAM}/members"
    cleo = either_world.sign_in("cleo")
    cleo.read(members)
    workspace = either_world.sandbox.world.workspaces.pop("acme")
    team = either_world.sandbox.world.teams.pop(TEAM)
    either_world.advance(31)
    assert code(cleo.api("GET", f"/teams/{TEAM}")) == "not-found"
    either_world.sandbox.world.workspaces["acme"] = workspace
    either_world.sandbox.world.teams[TEAM] = team
    assert cleo.api("GET", members).headers["cache-status"] == "bff; fwd=miss; stored"


@pytest.mark.holds(46, 53)
def test_an_account_lost_at_the_platform_bites_within_the_ttl(either_world: World) -> None:
    """An ad account that was disconnected behind our back is foreign 31 s later."""
    ben = either_world.sign_in("ben")
    ben.read(CAMPAIGNS)
    either_world.sandbox.world.disconnect("conn-acme-brand")
    either_world.advance(31)
    assert refused(ben, either_world, "listCampaigns", Ids())["code"] == "not-found"
    assert refused(ben, either_world, "getMetaInsights", Ids())["code"] == "not-found"


@pytest.mark.holds(52, 53)
def test_a_removal_through_us_bites_at_once(either_world: World) -> None:
    """Removed through us, a member reads nothing more at once, though it is all kept."""
    ben, cleo = either_world.sign_in("ben"), either_world.sign_in("cleo")
    prime(cleo, Ids())
    remove(ben, "cleo")
    gone(cleo, either_world, Ids())


@pytest.mark.holds(53)
def test_a_new_workspace_admin_ends_the_old_one_at_once(either_world: World) -> None:
    """Who handed a workspace over keeps only what his own teams give him."""
    ana, ben = either_world.sign_in("ana"), either_world.sign_in("ben")
    prime(ana, Ids())
    assert len(ana.read("/workspaces/acme/teams")["items"]) == 3
    path = "/workspaces/acme/admin"
    assert ana.api("PUT", path, json={"externalUserId": "ben"}).status_code == 204

    gone(ana, either_world, Ids())
    assert code(ana.api("PUT", path, json={"externalUserId": "ana"})) == "forbidden"
    listed = [team["id"] for team in ana.read("/workspaces/acme/teams")["items"]]
    assert listed == ["team-acme-default"]
    assert ben.read("/teams/team-acme-agency")["workspaceAdmin"] is True


@pytest.mark.holds(53)
def test_a_deleted_workspace_is_gone_for_its_members_at_once(either_world: World) -> None:
    """What members of its teams had read is not served after the workspace was deleted."""
    ana, kim = either_world.sign_in("ana"), either_world.sign_in("kim")
    prime(kim, KIM)
    assert ana.api("DELETE", "/workspaces/acme").status_code == 204
    gone(kim, either_world, KIM)
    assert kim.api("GET", "/teams/team-globex-agency").status_code == 200


@pytest.mark.holds(53)
def test_a_deleted_team_is_gone_at_once(either_world: World) -> None:
    """What its members had read is not served after the team was deleted."""
    ana, kim = either_world.sign_in("ana"), either_world.sign_in("kim")
    prime(kim, KIM)
    assert ana.api("DELETE", "/teams/team-acme-agency").status_code == 204
    gone(kim, either_world, KIM)


@pytest.mark.holds(53)
def test_a_disconnected_account_is_gone_at_once(either_world: World) -> None:
    """After a connection was deleted its ad accounts are foreign to all, though data is kept."""
    ben, cleo = either_world.sign_in("ben"), either_world.sign_in("cleo")
    cleo.read(CAMPAIGNS)
    path = f"/teams/{TEAM}/connections/conn-acme-brand"
    assert ben.api("DELETE", path).status_code == 204
    assert refused(cleo, either_world, "listCampaigns", Ids())["code"] == "not-found"
    assert code(set_status(cleo)) == "not-found"
    assert cleo.read(f"/teams/{TEAM}/connections")["items"] == []


def test_a_renamed_workspace_is_renamed_in_its_teams(strict_world: World) -> None:
    """The name of its workspace that a team shows follows a change through us at once."""
    ana, ben = strict_world.sign_in("ana"), strict_world.sign_in("ben")
    assert ben.read(f"/teams/{TEAM}")["workspaceName"] == "Acme Outdoor"
    assert ana.api("PATCH", "/workspaces/acme", json={"name": "Acme Indoor"}).status_code == 200
    assert ben.read(f"/teams/{TEAM}")["workspaceName"] == "Acme Indoor"


@pytest.mark.holds(45, 53)
def test_who_is_assigned_through_us_may_at_once(either_world: World) -> None:
    """A new member reads at once, though he was refused a moment before."""
    ben, zoe = either_world.sign_in("ben"), either_world.sign_in("zoe")
    assert code(zoe.api("GET", f"/teams/{TEAM}")) == "not-found"
    body = {"members": [{"externalUserId": "zoe", "role": "ADMIN"}]}
    assert ben.api("POST", f"/teams/{TEAM}/members", json=body).status_code == 200
    assert zoe.read(f"/teams/{TEAM}")["myRole"] == "ADMIN"


@pytest.mark.holds(45)
def test_a_member_sees_his_own_teams_of_the_workspace(either_world: World) -> None:
    """The list of teams names to a member those that list him, to the admin all."""
    ana, kim = either_world.sign_in("ana"), either_world.sign_in("kim")
    own = kim.read("/workspaces/acme/teams")["items"]
    assert [team["id"] for team in own] == ["team-acme-agency"]
    assert len(ana.read("/workspaces/acme/teams")["items"]) == 3
