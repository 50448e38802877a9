"""Operations 8–15: teams and their members."""

from __future__ import annotations

from app.sandbox.records import Member, Role, Team
from app.sandbox.refusal import bad_request, not_found
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Fields, Reply, timestamp
from app.sandbox.world import World

_ROLES: tuple[Role, ...] = ("ADMIN", "MEMBER")


def _create_team(asking: Asking) -> Reply:
    body = Fields(asking.body)
    enterprise_id, name = body.text("enterpriseId"), body.text("name")
    body.done()
    workspace = asking.rights.workspace_admin(enterprise_id)
    return Reply(_team(asking.world.create_team(workspace.enterprise_id, name)), 201)


def _workspace_teams(asking: Asking) -> Reply:
    """A read by POST: the status line says 201, the body 200."""
    body = Fields(asking.body)
    enterprise_id = body.text("enterpriseId")
    body.done()
    workspace = asking.rights.workspace(enterprise_id)
    teams = asking.world.teams_of(workspace.enterprise_id)
    listed = [_team(team) | {"TeamMembers": _timed_members(asking.world, team)} for team in teams]
    return Reply(listed, 201, said=200)


def _assign_members(asking: Asking) -> Reply:
    """One member and several have two different answers."""
    team = asking.rights.team_admin(asking.path["teamId"])
    wanted = _wanted(asking.body)
    results = [(user, _assign(asking.world, team, user, role)) for user, role in wanted]
    if len(results) == 1:
        only = results[0][1]
        if isinstance(only, str):
            raise bad_request(only)
        return Reply(_member(only), 201)
    successful = [
        {"externalUserId": user, "teamMember": _member(result)}
        for user, result in results
        if isinstance(result, Member)
    ]
    failed = [
        {"externalUserId": user, "error": result}
        for user, result in results
        if isinstance(result, str)
    ]
    summary = {
        "total": len(results),
        "successCount": len(successful),
        "failureCount": len(failed),
    }
    return Reply({"successful": successful, "failed": failed, "summary": summary})


def _wanted(source: object) -> list[tuple[str, Role]]:
    body = Fields(source)
    listed = body.list_of("members", dict)
    body.done()
    wanted: list[tuple[str, Role]] = []
    for one in listed:
        fields = Fields(one)
        wanted.append((fields.text("externalUserId"), fields.one_of("role", _ROLES)))
        fields.done()
    return wanted


def _assign(world: World, team: Team, user: str, role: Role) -> Member | str:
    """The new member, or why not."""
    if user not in world.users:
        return "User not found"
    if (team.id, user) in world.members:
        return "User already assigned to this team"
    return world.assign(team.id, user, role)


def _get_members(asking: Asking) -> Reply:
    team = asking.rights.team(asking.path["teamId"])
    members = [
        {**_member(one), "userId": asking.world.user(one.user).id, **_who(one)}
        for one in asking.world.members_of(team.id)
    ]
    return Reply(members)


def _delete_members(asking: Asking) -> Reply:
    """Bulk, with a body on a DELETE; those who are not members are passed over."""
    team = asking.rights.team_admin(asking.path["teamId"])
    body = Fields(asking.body)
    named = body.list_of("members", str)
    body.done()
    members = [one.user for one in asking.world.members_of(team.id) if one.user in named]
    if not members:
        raise not_found("Team member")
    for user in members:
        asking.world.remove(team.id, user)
    return Reply(None, message="Member(s) removed successfully")


def _get_team(asking: Asking) -> Reply:
    team = asking.rights.team(asking.path["id"])
    workspace = asking.world.workspaces[team.enterprise_id]
    data = {
        "id": team.id,
        "name": team.name,
        "isDefault": team.is_default,
        "workspace": {"name": workspace.name, "enterpriseId": workspace.enterprise_id},
        "TeamMembers": [
            {"id": one.id, "role": one.role, **_who(one)}
            for one in asking.world.members_of(team.id)
        ],
    }
    return Reply(data)


def _rename_team(asking: Asking) -> Reply:
    team = asking.rights.team_admin(asking.path["id"])
    body = Fields(asking.body)
    name = body.text("name")
    body.done()
    changed = asking.world.rename_team(team.id, name)
    return Reply({"id": changed.id, "name": changed.name})


def _delete_team(asking: Asking) -> Reply:
    team = asking.rights.team(asking.path["id"])
    asking.rights.workspace_admin(team.enterprise_id)
    if team.is_default:
        raise bad_request("The default team cannot be deleted")
    asking.world.delete_team(team.id)
    return Reply(None, message=f"'Team {team.name}' deleted successfully")


def _team(team: Team) -> dict[str, object]:
    return {"id": team.id, "name": team.name, "isDefault": team.is_default, **_times(team)}


def _timed_members(world: World, team: Team) -> list[dict[str, object]]:
    return [{**_member(one), **_who(one)} for one in world.members_of(team.id)]


def _member(member: Member) -> dict[str, object]:
    return {"id": member.id, "role": member.role, **_times(member)}


def _who(member: Member) -> dict[str, object]:
    return {"user": {"externalUserId": member.user}}


def _times(record: Team | Member) -> dict[str, str]:
    return {"createdAt": timestamp(record.created), "updatedAt": timestamp(record.updated)}


TEAMS: dict[int, Handler] = {
    8: _create_team,
    9: _workspace_teams,
    10: _assign_members,
    11: _get_members,
    12: _delete_members,
    13: _get_team,
    14: _rename_team,
    15: _delete_team,
}
