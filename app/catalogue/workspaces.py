"""Workspaces: one per enterprise of the product, each with one admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasPath, Field

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.operation import ListOf, Read, Rule, Share, Upstream, Wire, Write
from app.catalogue.shapes import Answer, Draft, EnterpriseId, Name, UserId
from app.catalogue.tags import Tag
from app.catalogue.teams import ListedTeam


class Workspace(Answer):
    """A workspace. What the platform leaves out of an answer is null."""

    id: str
    enterprise_id: Annotated[str, Field(examples=["acme"])] | None = None
    name: str
    admin_external_user_id: Annotated[str, Field(examples=["cleo"])] | None = Field(
        None,
        validation_alias=AliasPath("admin", "externalUserId"),
        description="The admin's externalUserId",
    )
    created_at: datetime
    updated_at: datetime


class WorkspaceDraft(Draft):
    enterprise_id: EnterpriseId
    name: Annotated[Name, Field(serialization_alias="workspaceName", description="Shown to people")]


class WorkspaceChange(Draft):
    name: Annotated[Name, Field(description="The new name")]


class WorkspaceAdminChange(Draft):
    external_user_id: Annotated[UserId, Field(serialization_alias="adminId")]


class CreateWorkspace(Write[Workspace]):
    """Create the workspace of an enterprise; its creator becomes the admin."""

    route = "POST /workspaces"
    upstream = Upstream(3, "POST /workspace", Evidence.DOCUMENTED)
    access = (Rule.ENTERPRISE,)
    status = 201

    body: WorkspaceDraft

    def drops(self, known: Known) -> set[Tag]:
        return {tags.workspace(self.body.enterprise_id)}

    def answer(self, data: Any, known: Known) -> Workspace:
        """The platform leaves out what it was just told."""
        return Workspace.model_validate(data).model_copy(
            update={
                "enterprise_id": self.body.enterprise_id,
                "admin_external_user_id": known.caller.user,
            }
        )


class GetWorkspace(Read[Workspace]):
    """Read a workspace."""

    route = "GET /workspaces/{enterpriseId}"
    upstream = Upstream(4, "GET /workspace/{id}", Evidence.INFERRED)
    access = (Rule.WORKSPACE,)
    keep = Keep(60, 600)
    share = Share.USER

    enterprise_id: Annotated[EnterpriseId, Wire("id")]

    def tags(self, known: Known) -> set[Tag]:
        return {tags.workspace(self.enterprise_id), tags.below_workspace(self.enterprise_id)}


class UpdateWorkspace(Write[Workspace]):
    """Rename a workspace."""

    route = "PATCH /workspaces/{enterpriseId}"
    upstream = Upstream(5, "PATCH /workspace/{id}", Evidence.INFERRED)
    access = (Rule.WORKSPACE, Rule.WORKSPACE_ADMIN)
    status = 200

    enterprise_id: Annotated[EnterpriseId, Wire("id")]
    body: WorkspaceChange

    def drops(self, known: Known) -> set[Tag]:
        return {tags.workspace(self.enterprise_id), tags.teams(self.enterprise_id)}

    def answer(self, data: Any, known: Known) -> Workspace:
        """The `adminId` of this answer is an internal id, so the admin comes from the facts."""
        return Workspace.model_validate(data).model_copy(
            update={
                "enterprise_id": self.enterprise_id,
                "admin_external_user_id": known.caller.user,
            }
        )


class DeleteWorkspace(Write[None]):
    """Delete a workspace with its teams and all below."""

    route = "DELETE /workspaces/{enterpriseId}"
    upstream = Upstream(6, "DELETE /workspace/{id}", Evidence.INFERRED)
    access = (Rule.WORKSPACE, Rule.WORKSPACE_ADMIN)
    status = 204

    enterprise_id: Annotated[EnterpriseId, Wire("id")]

    def drops(self, known: Known) -> set[Tag]:
        return {
            tags.workspace(self.enterprise_id),
            tags.teams(self.enterprise_id),
            tags.below_workspace(self.enterprise_id),
            tags.all_teams(),
        }


class ChangeWorkspaceAdmin(Write[None]):
    """Hand the workspace to another admin."""

    route = "PUT /workspaces/{enterpriseId}/admin"
    upstream = Upstream(7, "PATCH /workspace/{enterpriseId}/change-admin", Evidence.INFERRED)
    access = (Rule.WORKSPACE, Rule.WORKSPACE_ADMIN)
    status = 204

    enterprise_id: EnterpriseId
    body: WorkspaceAdminChange

    def drops(self, known: Known) -> set[Tag]:
        return {
            tags.workspace(self.enterprise_id),
            tags.teams(self.enterprise_id),
            tags.below_workspace(self.enterprise_id),
            tags.all_teams(),
        }

    def rights(self, known: Known, answer: Mapping[str, Any]) -> Mapping[str, str]:
        return {self.body.external_user_id: "WORKSPACE_ADMIN"}


class ListWorkspaceTeams(ListOf[ListedTeam]):
    """List the teams of a workspace: all for its admin, for others those that list them."""

    route = "GET /workspaces/{enterpriseId}/teams"
    upstream = Upstream(9, "POST /team/enterprise", Evidence.INFERRED)
    access = (Rule.WORKSPACE,)
    keep = Keep(30, 300)
    share = Share.USER

    enterprise_id: EnterpriseId

    def tags(self, known: Known) -> set[Tag]:
        return {
            tags.teams(self.enterprise_id),
            tags.workspace(self.enterprise_id),
            tags.below_workspace(self.enterprise_id),
        }

    def view(self, known: Known) -> str:
        return "all" if known.workspace_admin else "own"

    def answer(self, data: Any, known: Known) -> Any:
        teams: list[ListedTeam] = data
        if not known.workspace_admin:
            teams = [team for team in teams if team.lists(known.caller.user)]
        return super().answer(teams, known)
