"""The platform's own facts that access is decided on, fetched with the asker's own token.

A fact is believed for a number of seconds that the asker chooses. While the platform is
unreachable, and only then, the last positive answer may be taken instead; a refusal is a verdict
and ends it, and so does every change that passed through us (the tags' epochs).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cachetools import LRUCache
from pydantic import AliasPath, Field, TypeAdapter, ValidationError

from app.cache.cache import Outcome, outcome_of
from app.cache.epochs import Epochs
from app.cache.flights import Flights
from app.caller import Caller
from app.catalogue import tags
from app.catalogue.campaigns import Campaign
from app.catalogue.known import Account
from app.catalogue.shapes import Answer, Role
from app.catalogue.tags import Epochs as Snapshot
from app.catalogue.tags import Tag
from app.catalogue.teams import ListedTeam, TeamOnWire
from app.catalogue.workspaces import Workspace
from app.clock import Clock
from app.errors import NotFound, UpstreamInvalid, UpstreamProblem
from app.upstream.client import Platform, Question
from app.upstream.envelope import Refusal, Refused

T = TypeVar("T")

# Refusals of the question itself; what else the platform says is about us or about now.
VERDICTS = frozenset({Refusal.BAD_REQUEST, Refusal.FORBIDDEN, Refusal.NOT_FOUND})


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


@dataclass(frozen=True, slots=True)
class Remembered(Generic[T]):
    """A fact, when it was learnt (seconds since the epoch), and under which epochs."""

    value: T
    at: float
    epochs: Snapshot


@dataclass(frozen=True, slots=True)
class Learnt(Generic[T]):
    """A fact to decide on; `believed` when the platform could not be asked."""

    value: T
    believed: bool


class Unknowable(Exception):
    """The platform cannot be asked and nothing that is still believed is remembered."""


class Unreadable(Exception):
    """The platform answered in a shape that facts cannot be read from."""


class Facts:
    """What the platform said to each user, bounded, dropped by tag."""

    def __init__(
        self,
        platform: Platform,
        epochs: Epochs,
        clock: Clock,
        *,
        deadline: float,
        outage_seconds: float,
        most: int = 100_000,
    ) -> None:
        self._platform = platform
        self._epochs = epochs
        self._clock = clock
        self._deadline = deadline
        self._outage = outage_seconds
        self._remembered: LRUCache[tuple[str, str, str], Remembered[Any]] = LRUCache(most)
        self._flights: Flights[Any] = Flights()

    async def workspace(
        self, caller: Caller, enterprise_id: str, age: float
    ) -> Learnt[WorkspaceFact]:
        return await self._learn(
            ("getWorkspace", caller.user, enterprise_id),
            {"id": enterprise_id},
            {tags.workspace(enterprise_id), tags.below_workspace(enterprise_id)},
            age,
            lambda data: _workspace(data, enterprise_id),
        )

    async def teams(self, caller: Caller, enterprise_id: str, age: float) -> Learnt[TeamsFact]:
        return await self._learn(
            ("listWorkspaceTeams", caller.user, enterprise_id),
            {"enterpriseId": enterprise_id},
            {tags.teams(enterprise_id), tags.below_workspace(enterprise_id)},
            age,
            _teams,
        )

    async def team(self, caller: Caller, team_id: str, age: float) -> Learnt[TeamFact]:
        return await self._learn(
            ("getTeam", caller.user, team_id),
            {"id": team_id},
            {tags.team(team_id), tags.below_team(team_id)},
            age,
            lambda data: _team(data, team_id),
        )

    async def connections(
        self, caller: Caller, team_id: str, age: float
    ) -> Learnt[ConnectionsFact]:
        return await self._learn(
            ("listTeamConnections", caller.user, team_id),
            {"teamId": team_id},
            {tags.connections(team_id), tags.below_team(team_id)},
            age,
            _connections,
        )

    async def campaigns(
        self, caller: Caller, team_id: str, ad_account_id: str, age: float
    ) -> Learnt[CampaignsFact]:
        return await self._learn(
            ("listCampaigns", caller.user, f"{team_id}/{ad_account_id}"),
            {"teamId": team_id, "adAccountId": ad_account_id, "fields": ["id"]},
            {
                tags.account(ad_account_id),
                tags.below_team(team_id),
                tags.reader(caller.user, team_id, ad_account_id),
            },
            age,
            lambda data: CampaignsFact(frozenset(c.id for c in _valid(_CAMPAIGNS, data))),
        )

    async def tenant_connections(self, caller: Caller) -> list[ConnectionOnWire]:
        """Operation 16, always asked anew: which connections of the whole tenant hold what."""
        question = Question("listConnections", {}, False, self._deadline)
        reply = await self._platform.ask(question, caller.user)
        return _valid(_CONNECTIONS, reply.data)

    async def _learn(
        self,
        key: tuple[str, str, str],
        parameters: dict[str, Any],
        about: set[Tag],
        age: float,
        read: Callable[[Any], T],
    ) -> Learnt[T]:
        """The fact if it is no older than `age` seconds, else asked anew.

        Raises NotFound for a refusal, Unknowable while the platform is unreachable and nothing is
        believed any more, Unreadable for an answer of another shape.
        """
        operation, user, _ = key
        snapshot = self._epochs.current(about | {tags.user(user)})
        known = self._remembered.get(key)
        if known is not None and not self._epochs.stand(known.epochs):
            known = None
        if known is not None and self._clock.now() - known.at <= age:
            return Learnt(known.value, believed=False)
        question = Question(operation, parameters, False, self._deadline)
        flight = (key, frozenset(snapshot.items()))
        try:
            value = await self._flights.join(
                flight, lambda: self._ask(key, question, snapshot, read)
            )
        except UpstreamProblem as problem:
            if outcome_of(problem) is Outcome.VERDICT:
                raise
            return self._believe(known, problem)
        return Learnt(value, believed=False)

    async def _ask(
        self,
        key: tuple[str, str, str],
        question: Question,
        snapshot: Snapshot,
        read: Callable[[Any], T],
    ) -> T:
        try:
            reply = await self._platform.ask(question, key[1])
        except Refused as refused:
            if refused.code not in VERDICTS:
                raise refused.problem() from None
            if self._remembered.pop(key, None) is not None:
                # Something that he was allowed is gone: nothing of his is served from before.
                self._epochs.bump({tags.user(key[1])})
            raise NotFound(reason=f"{question.operation}: {refused.code}") from None
        value = read(reply.data)
        if self._epochs.may_store(snapshot):
            self._remembered[key] = Remembered(value, self._clock.now(), snapshot)
        return value

    def _believe(self, known: Remembered[T] | None, problem: UpstreamProblem) -> Learnt[T]:
        if known is None or self._clock.now() - known.at > self._outage:
            raise Unknowable(problem.code) from None
        return Learnt(known.value, believed=True)

    async def close(self) -> None:
        await self._flights.close()


_WORKSPACE = TypeAdapter(Workspace)
_TEAMS = TypeAdapter(list[ListedTeam])
_TEAM = TypeAdapter(TeamOnWire)
_CONNECTIONS = TypeAdapter(list[ConnectionOnWire])
_CAMPAIGNS = TypeAdapter(list[Campaign])


def _valid(adapter: TypeAdapter[T], data: Any) -> T:
    try:
        return adapter.validate_python(data)
    except ValidationError:
        raise Unreadable from None


def _workspace(data: Any, enterprise_id: str) -> WorkspaceFact:
    workspace = _valid(_WORKSPACE, data)
    _same(workspace.enterprise_id, enterprise_id)
    return WorkspaceFact(workspace.admin_external_user_id)


def _teams(data: Any) -> TeamsFact:
    teams = _valid(_TEAMS, data)
    return TeamsFact(frozenset(m.external_user_id for team in teams for m in team.members))


def _team(data: Any, team_id: str) -> TeamFact:
    team = _valid(_TEAM, data)
    _same(team.id, team_id)
    return TeamFact(team.enterprise_id, {m.external_user_id: m.role for m in team.members})


def _connections(data: Any) -> ConnectionsFact:
    connections = _valid(_CONNECTIONS, data)
    accounts: dict[str, Account] = {}
    for connection in connections:
        for found in connection.accounts:
            through = {connection.id}
            if found.account_id in accounts:
                through |= accounts[found.account_id].connection_ids
            accounts[found.account_id] = Account(
                found.account_id, found.internal_id, found.name, frozenset(through)
            )
    return ConnectionsFact(frozenset(c.id for c in connections), accounts)


def _same(answered: str | None, asked: str) -> None:
    """The platform must speak of the very id that was checked, not of one it takes for the same."""
    if answered != asked:
        raise UpstreamInvalid(reason="the platform answered about another id")
