"""Operations 3–15 as they stand on the wire."""

from __future__ import annotations

from .platform import Platform, refused

_TIMES = {"createdAt", "updatedAt"}


def test_workspace_life(platform: Platform) -> None:
    """A workspace is made with its default team, renamed, handed over and deleted with its teams."""
    made = platform.call(
        "POST", "/workspace", "zoe", json={"workspaceName": "Initech", "enterpriseId": "initech"}
    )
    assert made.status_code == 201
    assert set(made.json()["data"]) == {"id", "name", *_TIMES}
    found = platform.data("GET", "/workspace/initech", "zoe")
    assert set(found) == {"id", "name", "admin", "enterpriseId", *_TIMES}
    assert found["admin"] == {"externalUserId": "zoe"}
    team = platform.data("POST", "/team/enterprise", "zoe", json={"enterpriseId": "initech"})[0]
    assert team["isDefault"] is True
    changed = platform.data("PATCH", "/workspace/initech", "zoe", json={"name": "Initrode"})
    assert set(changed) == {"id", "name", "adminId", "enterpriseId", *_TIMES}
    assert (changed["name"], changed["adminId"]) == ("Initrode", "user-zoe")
    handed = platform.call(
        "PATCH", "/workspace/initech/change-admin", "zoe", json={"adminId": "ana"}
    )
    assert handed.json()["data"] is None
    refused(platform.call("DELETE", "/workspace/initech", "zoe"), 403, "FORBIDDEN")
    gone = platform.call("DELETE", "/workspace/initech", "ana").json()
    assert (gone["data"], gone["statusCode"]) == (None, 200)
    assert "with its teams" in gone["message"]
    refused(platform.call("GET", f"/team/{team['id']}", "ana"), 404, "NOT_FOUND")


def test_deleted_workspace_leaves_nothing(platform: Platform) -> None:
    """A workspace made again under the same enterpriseId starts without the earlier members."""
    members = {"members": [{"externalUserId": "zoe", "role": "MEMBER"}]}
    platform.data("POST", "/team/team-acme-default/members", "ana", json=members)
    platform.data("DELETE", "/workspace/acme", "ana")
    wanted = {"workspaceName": "Acme again", "enterpriseId": "acme"}
    platform.data("POST", "/workspace", "ben", json=wanted)
    teams = platform.data("POST", "/team/enterprise", "ben", json={"enterpriseId": "acme"})
    listed = {one["user"]["externalUserId"] for team in teams for one in team["TeamMembers"]}
    assert listed == {"ben"}


def test_workspace_refusals(platform: Platform) -> None:
    """A taken enterpriseId, a missing name and an unknown successor are refused."""
    again = {"workspaceName": "Acme", "enterpriseId": "acme"}
    refused(platform.call("POST", "/workspace", "zoe", json=again), 400, "BAD_REQUEST")
    nameless = platform.call("POST", "/workspace", "zoe", json={"enterpriseId": "initech"})
    assert refused(nameless, 400, "BAD_REQUEST")["details"] == ["workspaceName should not be empty"]
    successor = {"adminId": "nobody"}
    answer = platform.call("PATCH", "/workspace/acme/change-admin", "ana", json=successor)
    refused(answer, 404, "NOT_FOUND")


def test_listing_teams_is_a_post(readonly: Platform) -> None:
    """The list of teams answers 201 on the status line and 200 in the body."""
    answer = readonly.call("POST", "/team/enterprise", "cleo", json={"enterpriseId": "acme"})
    assert (answer.status_code, answer.json()["statusCode"]) == (201, 200)
    teams = {team["id"]: team for team in answer.json()["data"]}
    assert set(teams) == {"team-acme-default", "team-acme-brand", "team-acme-agency"}
    brand = teams["team-acme-brand"]
    assert set(brand) == {"id", "name", "isDefault", "TeamMembers", *_TIMES}
    assert set(brand["TeamMembers"][0]) == {"id", "role", "user", *_TIMES}
    roles = {one["user"]["externalUserId"]: one["role"] for one in brand["TeamMembers"]}
    assert roles == {"ben": "ADMIN", "cleo": "MEMBER", "dora": "MEMBER", "emil": "MEMBER"}


def test_team_life(platform: Platform) -> None:
    """A team is made, renamed, and deleted with an oddly quoted message."""
    made = platform.call("POST", "/team", "ana", json={"enterpriseId": "acme", "name": "North"})
    assert made.status_code == 201
    team = made.json()["data"]
    assert set(team) == {"id", "name", "isDefault", *_TIMES}
    assert team["isDefault"] is False
    path = f"/team/{team['id']}"
    assert platform.data("PATCH", path, "ana", json={"name": "South"}) == {
        "id": team["id"],
        "name": "South",
    }
    gone = platform.call("DELETE", path, "ana").json()
    assert (gone["data"], gone["message"]) == (None, "'Team South' deleted successfully")
    refused(platform.call("DELETE", "/team/team-acme-default", "ana"), 400, "BAD_REQUEST")


def test_team_and_members(readonly: Platform) -> None:
    """A team names its workspace and has no times; its member list shows internal user ids."""
    team = readonly.data("GET", "/team/team-acme-brand", "emil")
    assert set(team) == {"id", "name", "isDefault", "workspace", "TeamMembers"}
    assert team["workspace"] == {"name": "Acme Outdoor", "enterpriseId": "acme"}
    assert set(team["TeamMembers"][0]) == {"id", "role", "user"}
    members = readonly.data("GET", "/team/team-acme-brand/members", "emil")
    assert set(members[0]) == {"id", "role", "userId", "user", *_TIMES}


def test_assigning_one(platform: Platform) -> None:
    """One member answers 201 with that member, and a plain error when he is there already."""
    wanted = {"members": [{"externalUserId": "zoe", "role": "MEMBER"}]}
    answer = platform.call("POST", "/team/team-acme-brand/members", "ben", json=wanted)
    assert answer.status_code == 201
    assert set(answer.json()["data"]) == {"id", "role", *_TIMES}
    again = platform.call("POST", "/team/team-acme-brand/members", "ben", json=wanted)
    assert refused(again, 400, "BAD_REQUEST")["message"] == "User already assigned to this team"


def test_assigning_several(platform: Platform) -> None:
    """Several members answer 200 with those that worked and those that did not."""
    names = ("zoe", "cleo", "nobody")
    wanted = {"members": [{"externalUserId": one, "role": "MEMBER"} for one in names]}
    answer = platform.call("POST", "/team/team-acme-brand/members", "ben", json=wanted)
    data = answer.json()["data"]
    assert answer.status_code == 200
    assert [one["externalUserId"] for one in data["successful"]] == ["zoe"]
    assert set(data["successful"][0]["teamMember"]) == {"id", "role", *_TIMES}
    assert {one["externalUserId"] for one in data["failed"]} == {"cleo", "nobody"}
    assert data["summary"] == {"total": 3, "successCount": 1, "failureCount": 2}


def test_assigning_needs_a_role(readonly: Platform) -> None:
    """A role outside the two is a validation error."""
    wanted = {"members": [{"externalUserId": "zoe", "role": "OWNER"}]}
    answer = readonly.call("POST", "/team/team-acme-brand/members", "ben", json=wanted)
    assert "role" in refused(answer, 400, "BAD_REQUEST")["details"][0]


def test_removing_members(platform: Platform) -> None:
    """A DELETE with a body removes members, and their permissions with them."""
    gone = platform.call(
        "DELETE", "/team/team-acme-brand/members", "ben", json={"members": ["cleo", "dora"]}
    )
    assert (gone.status_code, gone.json()["data"]) == (200, None)
    refused(platform.call("GET", "/team/team-acme-brand", "cleo"), 404, "NOT_FOUND")
    assert not platform.sandbox.world.grants
    none = platform.call(
        "DELETE", "/team/team-acme-brand/members", "ben", json={"members": ["cleo"]}
    )
    refused(none, 404, "NOT_FOUND")
