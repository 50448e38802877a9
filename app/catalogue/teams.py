"""Teams and their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasPath, BeforeValidator, Field

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.links import Names
from app.catalogue.operation import ListOf, Read, Rule, Share, Upstream, Wire, Write
from app.catalogue.shapes import Answer, Draft, EnterpriseId, Name, Role, TeamId, UserId
from app.catalogue.tags import Tag
from app.foreign_words import shown


class Member(Answer):
    """A user in a team."""

    id: str
    external_user_id: str = Field(
        validation_alias=AliasPath("user", "externalUserId"), examples=["cleo"]
    )
    role: Role
    created_at: datetime | None = None
    updated_at: datetime | None = None


class ListedTeam(Answer):
    """A team with its members, as lists show it."""

    id: Annotated[str, Names("teamId")]
    name: str
    is_default: bool
    created_at: datetime | None = None
    updated_at: datetime | None = None
    members: list[Member] = Field(validation_alias="TeamMembers")

    def lists(self, user: str) -> bool:
        return any(member.external_user_id == user for member in self.members)


class NewTeam(Answer):
    """A team that was just created."""

    id: Annotated[str, Names("teamId")]
    name: str
    is_default: bool
    created_at: datetime | None = None
    updated_at: datetime | None = None


class TeamOnWire(Answer):
    """A team as the platform answers it alone."""

    id: str = Field(examples=["team-acme-brand"])
    name: str
    is_default: bool
    enterprise_id: str = Field(
        validation_alias=AliasPath("workspace", "enterpriseId"), examples=["acme"]
    )
    workspace_name: str | None = Field(None, validation_alias=AliasPath("workspace", "name"))
    members: list[Member] = Field(validation_alias="TeamMembers")


class Team(TeamOnWire):
    """A team, its members, and what the caller is in it."""

    my_role: Role | None = Field(description="The caller's role, null when he is not listed")
    workspace_admin: bool = Field(description="Whether the caller is the workspace's admin")


class RenamedTeam(Answer):
    id: str
    name: str


class TeamDraft(Draft):
    name: Annotated[Name, Field(description="Shown to people")]


class NewMember(Draft):
    external_user_id: UserId
    role: Annotated[Role, Field(description="ADMIN manages members and connections")]


class MembersDraft(Draft):
    members: Annotated[tuple[NewMember, ...], Field(min_length=1, max_length=100)]


class AssignedMember(Answer):
    external_user_id: str
    role: Role


class FailedMember(Answer):
    external_user_id: str
    reason: str


class AssignedMembers(Answer):
    """Who was assigned and who was not: one failing entry does not stop the others."""

    assigned: list[AssignedMember]
    failed: list[FailedMember]


class CreateTeam(Write[NewTeam]):
    """Create a team in a workspace."""

    route = "POST /workspaces/{enterpriseId}/teams"
    upstream = Upstream(8, "POST /team", Evidence.INFERRED)
    access = (Rule.WORKSPACE, Rule.WORKSPACE_ADMIN)
    status = 201

    enterprise_id: EnterpriseId
    body: TeamDraft

    def drops(self, known: Known) -> set[Tag]:
        return {tags.teams(self.enterprise_id)}


class GetTeam(Read[Team]):
    """Read a team, with the caller's own role in it."""

    route = "GET /teams/{teamId}"
    upstream = Upstream(13, "GET /team/{id}", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.WORKSPACE_ROLE)
    keep = Keep(30, 300)
    share = Share.USER
    wire = TeamOnWire

    team_id: Annotated[TeamId, Wire("id")]

    def tags(self, known: Known) -> set[Tag]:
        return team_tags(self.team_id, known)

    def view(self, known: Known) -> str:
        return f"{known.role}/{known.workspace_admin}"

    def answer(self, data: Any, known: Known) -> Team:
        return Team(**dict(data), my_role=known.role, workspace_admin=known.workspace_admin)


class RenameTeam(Write[RenamedTeam]):
    """Rename a team."""

    route = "PATCH /teams/{teamId}"
    upstream = Upstream(14, "PATCH /team/{id}", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN)
    status = 200

    team_id: Annotated[TeamId, Wire("id")]
    body: TeamDraft

    def drops(self, known: Known) -> set[Tag]:
        return team_drops(self.team_id, known)


class DeleteTeam(Write[None]):
    """Delete a team with all below."""

    route = "DELETE /teams/{teamId}"
    upstream = Upstream(15, "DELETE /team/{id}", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.WORKSPACE_ROLE, Rule.WORKSPACE_ADMIN)
    status = 204

    team_id: Annotated[TeamId, Wire("id")]

    def drops(self, known: Known) -> set[Tag]:
        return team_drops(self.team_id, known) | {tags.below_team(self.team_id)}


class ListTeamMembers(ListOf[Member]):
    """List the members of a team."""

    route = "GET /teams/{teamId}/members"
    upstream = Upstream(11, "GET /team/{teamId}/members", Evidence.INFERRED)
    access = (Rule.TEAM,)
    keep = Keep(30, 300)
    share = Share.USER

    team_id: TeamId

    def tags(self, known: Known) -> set[Tag]:
        return team_tags(self.team_id, known)


class OneOnWire(Answer):
    """The platform's answer when one member was assigned."""

    id: str
    role: Role


class SuccessOnWire(Answer):
    external_user_id: str
    role: Role = Field(validation_alias=AliasPath("teamMember", "role"))


class FailureOnWire(Answer):
    external_user_id: str
    reason: Annotated[str, BeforeValidator(shown)] = Field(validation_alias="error")


class BatchOnWire(Answer):
    """The platform's answer when several were."""

    successful: list[SuccessOnWire]
    failed: list[FailureOnWire]


class AssignTeamMembers(Write[AssignedMembers]):
    """Assign users to a team; the answer names those that could not be."""

    route = "POST /teams/{teamId}/members"
    upstream = Upstream(10, "POST /team/{teamId}/members", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN)
    status = 200
    wire = BatchOnWire | OneOnWire

    team_id: TeamId
    body: MembersDraft

    def drops(self, known: Known) -> set[Tag]:
        return team_drops(self.team_id, known) | {
            tags.user(member.external_user_id) for member in self.body.members
        }

    def answer(self, data: Any, known: Known) -> AssignedMembers:
        """The platform answers one member and several in two shapes; this is always one."""
        if isinstance(data, OneOnWire):
            (one,) = self.body.members
            assigned = [AssignedMember(external_user_id=one.external_user_id, role=data.role)]
            return AssignedMembers(assigned=assigned, failed=[])
        return AssignedMembers(
            assigned=[AssignedMember(**dict(success)) for success in data.successful],
            failed=[FailedMember(**dict(failure)) for failure in data.failed],
        )

    def rights(self, known: Known, answer: Mapping[str, Any]) -> Mapping[str, str]:
        """Without those who could not be assigned."""
        failed = {one["externalUserId"] for one in answer.get("failed", ())}
        asked = {member.external_user_id: member.role for member in self.body.members}
        return {user: role for user, role in asked.items() if user not in failed}

    def softened(self, refusal: str) -> AssignedMembers | None:
        """One member that cannot be assigned is an error upstream and `failed` here."""
        if len(self.body.members) != 1:
            return None
        user = self.body.members[0].external_user_id
        return AssignedMembers(
            assigned=[], failed=[FailedMember(external_user_id=user, reason=refusal)]
        )


class RemoveTeamMembers(Write[None]):
    """Remove users from a team; what the ledger knows of their permissions there ends."""

    route = "DELETE /teams/{teamId}/members"
    upstream = Upstream(12, "DELETE /team/{teamId}/members {members}", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN)
    status = 204

    team_id: TeamId
    external_user_id: Annotated[
        tuple[UserId, ...],
        Wire("members"),
        Field(
            min_length=1,
            max_length=100,
            description="Who is removed; repeat it for several",
            examples=[["dora"]],
        ),
    ]

    def drops(self, known: Known) -> set[Tag]:
        return team_drops(self.team_id, known) | {tags.user(user) for user in self.external_user_id}

    def ends_grants_of(self) -> Sequence[tuple[str, str]]:
        return [(self.team_id, user) for user in self.external_user_id]


def team_tags(team_id: str, known: Known) -> set[Tag]:
    """What an answer about a team depends on; it can show the workspace's name."""
    if known.enterprise_id is None:
        return {tags.team(team_id), tags.below_team(team_id)}
    of_workspace = {tags.workspace(known.enterprise_id), tags.below_workspace(known.enterprise_id)}
    return {tags.team(team_id), tags.below_team(team_id)} | of_workspace


def team_drops(team_id: str, known: Known) -> set[Tag]:
    """A team's change also shows in its workspace's list."""
    of_workspace = {tags.teams(known.enterprise_id)} if known.enterprise_id else set()
    return {tags.team(team_id)} | of_workspace
