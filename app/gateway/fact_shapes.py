"""Facts that access is decided on, as values, and how each is read off the platform's answer.

`AnotherId` and `Unreadable` say that the answer is not one to decide on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import AliasPath, Field, TypeAdapter, ValidationError

from app.catalogue.campaigns import Campaign
from app.catalogue.known import Account
from app.catalogue.shapes import Answer, Role
from app.catalogue.teams import ListedTeam, TeamOnWire
from app.catalogue.workspaces import Workspace
from app.gateway.drift import Fault, faults_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkspaceFact:
    """Operation 4: who the workspace's admin is."""

    admin: str | None


@dataclass(frozen=True, slots=True)
class TeamsFact:
    """Operation 9: who is listed in any of the workspace's teams."""

    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class TeamFact:
    """Operation 13: a team's members and its workspace."""

    enterprise_id: str
    members: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class ConnectionsFact:
    """Operation 18: a team's connections and ad accounts, by the ads network's id."""

    connections: frozenset[str]
    accounts: Mapping[str, Account]


@dataclass(frozen=True, slots=True)
class CampaignsFact:
    """Operation 33: the ids of an ad account's campaigns."""

    ids: frozenset[str]


class AdsAccountOnWire(Answer):
    """Both ids of an ad account; the public models show one."""

    internal_id: str = Field(validation_alias=AliasPath("adsAccount", "id"))
    account_id: str = Field(validation_alias=AliasPath("adsAccount", "accountId"))
    name: str | None = Field(None, validation_alias=AliasPath("adsAccount", "accountName"))


class ConnectionOnWire(Answer):
    id: str
    accounts: list[AdsAccountOnWire] = Field(validation_alias="adsAccounts")


class Unreadable(Exception):
    """The platform answered this operation in a shape that facts cannot be read from; `faults` are
    pydantic's."""

    def __init__(self, operation: str, faults: Sequence[Fault]) -> None:
        super().__init__(operation)
        self.operation = operation
        self.faults = faults


class AnotherId(Exception):
    """The platform answered about another object than the one that was asked for.

    Ids have one form: what the platform takes for the same is not what was checked.
    """


_WORKSPACE = TypeAdapter(Workspace)
_TEAMS = TypeAdapter(list[ListedTeam])
_TEAM = TypeAdapter(TeamOnWire)
_CONNECTIONS = TypeAdapter(list[ConnectionOnWire])
_CAMPAIGNS = TypeAdapter(list[Campaign])


def read_workspace(data: Any, enterprise_id: str) -> WorkspaceFact:
    workspace = _valid("getWorkspace", _WORKSPACE, data)
    if workspace.enterprise_id is None:
        raise Unreadable("getWorkspace", [{"type": "missing", "loc": ("enterpriseId",)}])
    _same(workspace.enterprise_id, enterprise_id)
    return WorkspaceFact(workspace.admin_external_user_id)


def read_teams(data: Any) -> TeamsFact:
    teams = _valid("listWorkspaceTeams", _TEAMS, data)
    return TeamsFact(frozenset(m.external_user_id for team in teams for m in team.members))


def read_team(data: Any, team_id: str) -> TeamFact:
    team = _valid("getTeam", _TEAM, data)
    _same(team.id, team_id)
    return TeamFact(team.enterprise_id, {m.external_user_id: m.role for m in team.members})


def read_team_connections(data: Any) -> ConnectionsFact:
    connections = _valid("listTeamConnections", _CONNECTIONS, data)
    every = frozenset(connection.id for connection in connections)
    accounts: dict[str, Account] = {}
    for connection in connections:
        for found in connection.accounts:
            through = frozenset({connection.id})
            if found.account_id in accounts:
                through |= accounts[found.account_id].connection_ids
            accounts[found.account_id] = Account(
                found.account_id,
                found.internal_id,
                found.name,
                # Nearly every team has one connection: then all of it is one set.
                every if through == every else through,
            )
    return ConnectionsFact(every, accounts)


def read_campaigns(data: Any) -> CampaignsFact:
    campaigns = _valid("listCampaigns", _CAMPAIGNS, data)
    return CampaignsFact(frozenset(campaign.id for campaign in campaigns))


def read_tenant_connections(data: Any) -> list[ConnectionOnWire]:
    return _valid("listConnections", _CONNECTIONS, data)


def _valid(operation: str, adapter: TypeAdapter[T], data: Any) -> T:
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        raise Unreadable(operation, faults_of(error)) from None


def _same(answered: str, asked: str) -> None:
    if answered != asked:
        raise AnotherId
