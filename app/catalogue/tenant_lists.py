"""Lists over a whole workspace. The platform has tenant-wide lists only, so these are put together
from the workspace's teams: a tenant is more than a workspace, and nothing of another may show."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, Field

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.connections import ConnectedAccount, Connection
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.operation import Ask, ListOf, Local, Rule, Upstream
from app.catalogue.shapes import Answer, EnterpriseId
from app.catalogue.tags import Tag
from app.errors import NotFound, Problem

# How many teams are asked for at the same time.
AT_ONCE = 8


class TeamConnection(Connection):
    """A connection, and the team that it belongs to."""

    team_id: str


class AdAccountStatus(Answer):
    """An ad account of one of the workspace's teams."""

    platform: str
    connected: bool | None = Field(None, description="Null where the platform does not tell")
    ad_account_id: str
    name: str | None = None


class AccountOnWire(Answer):
    """An ad account with both of its ids."""

    internal_id: str | None = Field(None, validation_alias=AliasPath("adsAccount", "id"))
    account_id: str = Field(
        validation_alias=AliasPath("adsAccount", "accountId"), examples=["act_1001"]
    )
    name: str | None = Field(None, validation_alias=AliasPath("adsAccount", "accountName"))


class ConnectionOnWire(Answer):
    id: str = Field(examples=["conn-acme-brand"])
    platform: str | None = None
    accounts: list[AccountOnWire] = Field(validation_alias="adsAccounts")


class StatusOnWire(Answer):
    """One entry of the tenant-wide status list; it shows either id, under a misspelt name."""

    platform: str | None = None
    connected: bool | None = None
    account_id: str = Field(validation_alias=AliasChoices("ads_accooun_id", "ads_account_id"))


class StatusesOnWire(Answer):
    """What the tenant-wide status list is wrapped in."""

    connected: list[StatusOnWire]


class TeamPart(Answer):
    team_id: str
    connections: list[ConnectionOnWire]


class Gathered(Answer):
    """What the platform said of each team, and of the tenant where it did."""

    teams: list[TeamPart]
    connections: list[ConnectionOnWire] = Field(default_factory=list)
    connected: list[StatusOnWire] = Field(default_factory=list)


class ListConnections(ListOf[TeamConnection]):
    """List the connections of all teams of a workspace."""

    route = "GET /workspaces/{enterpriseId}/connections"
    upstream = Upstream(16, "GET /connections", Evidence.INFERRED)
    access = (Rule.WORKSPACE, Rule.WORKSPACE_ADMIN)
    keep = Keep(30, 300)
    wire = Gathered

    enterprise_id: Annotated[EnterpriseId, Local()]

    def tags(self, known: Known) -> set[Tag]:
        return workspace_tags(self.enterprise_id)

    async def fetch(self, ask: Ask, known: Known) -> Any:
        """Each team's own list decides; the tenant's list adds what that leaves out."""
        tenant = await softly(ask, self.id)
        teams = await connections_of_teams(ask, self.enterprise_id)
        return {"teams": teams, "connections": tenant or []}

    def answer(self, data: Gathered, known: Known) -> Any:
        platforms = {connection.id: connection.platform for connection in data.connections}
        connections = [
            TeamConnection(
                id=found.id,
                team_id=team.team_id,
                platform=found.platform or platforms.get(found.id) or "unknown",
                ad_accounts=[
                    ConnectedAccount(ad_account_id=account.account_id, name=account.name)
                    for account in found.accounts
                ],
            )
            for team in data.teams
            for found in team.connections
        ]
        return super().answer(connections, known)


class ListAdAccounts(ListOf[AdAccountStatus]):
    """List the ad accounts of all teams of a workspace, and whether they are connected."""

    route = "GET /workspaces/{enterpriseId}/ad-accounts"
    upstream = Upstream(19, "GET /connections/status", Evidence.INFERRED)
    access = (Rule.WORKSPACE, Rule.WORKSPACE_ADMIN)
    keep = Keep(30, 300)
    wire = Gathered

    enterprise_id: Annotated[EnterpriseId, Local()]

    def tags(self, known: Known) -> set[Tag]:
        return workspace_tags(self.enterprise_id)

    async def fetch(self, ask: Ask, known: Known) -> Any:
        tenant = await softly(ask, self.id)
        teams = await connections_of_teams(ask, self.enterprise_id)
        statuses = tenant.get("connected") if isinstance(tenant, dict) else None
        return {"teams": teams, "connected": statuses or []}

    def answer(self, data: Gathered, known: Known) -> Any:
        """One entry per account, however many teams share it."""
        statuses = {status.account_id: status.connected for status in data.connected}
        accounts: dict[str, AdAccountStatus] = {}
        for team in data.teams:
            for connection in team.connections:
                for found in connection.accounts:
                    by_internal = statuses.get(found.internal_id or "")
                    accounts[found.account_id] = AdAccountStatus(
                        platform=connection.platform or "unknown",
                        connected=statuses.get(found.account_id, by_internal),
                        ad_account_id=found.account_id,
                        name=found.name,
                    )
        return super().answer(list(accounts.values()), known)


def workspace_tags(enterprise_id: str) -> set[Tag]:
    return {
        tags.teams(enterprise_id),
        tags.workspace(enterprise_id),
        tags.below_workspace(enterprise_id),
        tags.all_connections(),
    }


async def connections_of_teams(ask: Ask, enterprise_id: str) -> list[dict[str, Any]]:
    """Operation 9, then 18 for each team, some at the same time."""
    listed = await ask("listWorkspaceTeams", {"enterpriseId": enterprise_id})
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(team_id: str) -> dict[str, Any] | None:
        async with turns:
            try:
                connections = await ask("listTeamConnections", {"teamId": team_id})
            except NotFound:
                return None  # deleted since it was listed
        return {"teamId": team_id, "connections": connections}

    ids = [str(team["id"]) for team in listed if isinstance(team, dict) and "id" in team]
    return [part for part in await asyncio.gather(*map(one, ids)) if part is not None]


async def softly(ask: Ask, operation: str) -> Any:
    """A tenant-wide list only enriches: without it there is less to say, and no error."""
    try:
        return await ask(operation, {})
    except Problem:
        return None
