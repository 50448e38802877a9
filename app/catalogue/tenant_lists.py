"""Lists over a whole workspace. The platform has tenant-wide lists only, so these are put together
from the workspace's teams: a tenant is more than a workspace, and nothing of another may show."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, AliasPath, Field, TypeAdapter, ValidationError

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.connections import ConnectedAccount, Connection
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.operation import Ask, ListOf, Local, Partial, Rule, Share, Upstream
from app.catalogue.shapes import Answer, EnterpriseId, ObjectId
from app.catalogue.tags import Tag
from app.errors import NotFound, Problem, UpstreamInvalid

T = TypeVar("T")

# What only enriches gets this part of the time that there is.
ENRICHING = 0.5
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
    name: str | None = Field(None, validation_alias="account_name")


class StatusesOnWire(Answer):
    """What the tenant-wide status list is wrapped in."""

    connected: list[StatusOnWire]


class NamedTeam(Answer):
    """As much of a listed team as is needed to ask for its connections."""

    id: ObjectId


class TeamPart(Answer):
    team_id: str
    connections: list[ConnectionOnWire]


class Gathered(Answer):
    """What the platform said of each team, and of the tenant where it did."""

    teams: list[TeamPart]
    connections: list[ConnectionOnWire] | None = None
    statuses: StatusesOnWire | None = None


_TEAMS = TypeAdapter(list[NamedTeam])
_CONNECTIONS = TypeAdapter(list[ConnectionOnWire])
_STATUSES = TypeAdapter(StatusesOnWire)


class ListConnections(ListOf[TeamConnection]):
    """List the connections of all teams of a workspace."""

    route = "GET /workspaces/{enterpriseId}/connections"
    upstream = Upstream(16, "GET /connections", Evidence.INFERRED)
    access = (Rule.WORKSPACE, Rule.WORKSPACE_ADMIN)
    keep = Keep(30, 300)
    share = Share.USER
    wire = Gathered

    enterprise_id: Annotated[EnterpriseId, Local()]

    def tags(self, known: Known) -> set[Tag]:
        return workspace_tags(self.enterprise_id)

    async def fetch(self, ask: Ask, known: Known) -> Any:
        """Each team's own list decides; the tenant's list adds what that leaves out."""
        teams, connections = await all_of(
            connections_of_teams(ask, self.enterprise_id), softly(ask, self.id, _CONNECTIONS)
        )
        return gathered(teams, connections=connections)

    def answer(self, data: Gathered, known: Known) -> Any:
        platforms = {found.id: found.platform for found in data.connections or ()}
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
    share = Share.USER
    wire = Gathered

    enterprise_id: Annotated[EnterpriseId, Local()]

    def tags(self, known: Known) -> set[Tag]:
        return workspace_tags(self.enterprise_id)

    async def fetch(self, ask: Ask, known: Known) -> Any:
        """Each team's own list decides which accounts there are; the tenant's knows their status."""
        teams, statuses = await all_of(
            connections_of_teams(ask, self.enterprise_id), softly(ask, self.id, _STATUSES)
        )
        return gathered(teams, statuses=statuses)

    def answer(self, data: Gathered, known: Known) -> Any:
        """One entry per account, however many teams share it."""
        listed = data.statuses.connected if data.statuses else []
        statuses = {status.account_id: status for status in listed}
        accounts: dict[str, AdAccountStatus] = {}
        for team in data.teams:
            for connection in team.connections:
                for found in connection.accounts:
                    status = statuses.get(found.account_id) or statuses.get(found.internal_id or "")
                    accounts[found.account_id] = _with_status(found, connection.platform, status)
        return super().answer(list(accounts.values()), known)


def _with_status(
    account: AccountOnWire, platform: str | None, status: StatusOnWire | None
) -> AdAccountStatus:
    return AdAccountStatus(
        platform=platform or (status and status.platform) or "unknown",
        connected=status.connected if status else None,
        ad_account_id=account.account_id,
        name=account.name or (status.name if status else None),
    )


def workspace_tags(enterprise_id: str) -> set[Tag]:
    return {
        tags.teams(enterprise_id),
        tags.workspace(enterprise_id),
        tags.below_workspace(enterprise_id),
        tags.all_connections(),
    }


async def connections_of_teams(ask: Ask, enterprise_id: str) -> list[dict[str, Any] | None]:
    """Operation 9, then 18 for each team, some at the same time; None for a team that is gone."""
    listed = await ask("listWorkspaceTeams", {"enterpriseId": enterprise_id})
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(team_id: str) -> dict[str, Any] | None:
        async with turns:
            try:
                connections = await ask("listTeamConnections", {"teamId": team_id})
            except NotFound:
                return None  # deleted since it was listed
        return {"teamId": team_id, "connections": connections}

    return await all_of(*(one(team.id) for team in _read(_TEAMS, listed)))


async def softly(ask: Ask, operation: str, shape: TypeAdapter[Any]) -> Any:
    """A tenant-wide list only enriches: None without it, no error, and the others are not kept waiting."""
    try:
        data = await ask(operation, {}, part=ENRICHING)
        _read(shape, data)
    except Problem:
        return None
    return data


def gathered(teams: list[dict[str, Any] | None], **tenant: Any) -> dict[str, Any] | Partial:
    """What a `Gathered` is read from; partial where the platform left something out."""
    data = {"teams": [team for team in teams if team is not None], **tenant}
    return Partial(data) if None in (*teams, *tenant.values()) else data


async def all_of(*asked: Coroutine[Any, Any, T]) -> list[T]:
    """All at the same time; when one fails the others end, and that is what is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in asked]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def _read(shape: TypeAdapter[T], data: Any) -> T:
    try:
        return shape.validate_python(data)
    except ValidationError:
        raise UpstreamInvalid(reason="a list of another shape") from None
