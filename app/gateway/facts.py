"""The platform's own facts that access is decided on, fetched with the asker's own token.

A fact is believed for a number of seconds that the asker chooses. While the platform is
unreachable, and only then, the last positive answer may be taken instead; a refusal is a verdict
and ends it, and so does every change that passed through us (the tags' epochs).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.cache.cache import Outcome, outcome_of
from app.cache.epochs import Epochs, Snapshot
from app.cache.flights import Flights
from app.caller import Caller
from app.catalogue import tags
from app.catalogue.tags import Tag
from app.clock import Clock
from app.errors import Forbidden, NotFound, UpstreamInvalid, UpstreamProblem
from app.gateway.drift import Drift
from app.gateway.fact_shapes import (
    AnotherId,
    CampaignsFact,
    ConnectionOnWire,
    ConnectionsFact,
    TeamFact,
    TeamsFact,
    Unreadable,
    WorkspaceFact,
    read_campaigns,
    read_team,
    read_team_connections,
    read_teams,
    read_tenant_connections,
    read_workspace,
)
from app.recent import Recent
from app.upstream.client import Platform, Question
from app.upstream.envelope import Refusal, Refused
from app.upstream.lanes import Urgency

T = TypeVar("T")

# Operation, user, object.
Key = tuple[str, str, str]

# Refusals of the question itself; what else the platform says is about us or about now.
VERDICTS = frozenset({Refusal.BAD_REQUEST, Refusal.FORBIDDEN, Refusal.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Remembered(Generic[T]):
    """A fact, when it was asked for (seconds since the epoch), and under which epochs.

    The platform looked at some moment between question and answer: only the question's is safe.
    """

    value: T
    at: float
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Learnt(Generic[T]):
    """A fact to decide on; `believed` when the platform could not be asked.

    It may be decided on again before `until` (seconds since the epoch), while its `epochs` stand.
    """

    value: T
    believed: bool
    until: float
    epochs: Mapping[Tag, bytes]


class Unknowable(Exception):
    """The platform cannot be asked and nothing that is still believed is remembered."""


class Denied(NotFound):
    """The platform does not answer this user about this object: for him it is not there."""

    def __init__(self, operation: str, refusal: Refusal) -> None:
        super().__init__(reason=f"{operation}: {refusal}")
        self.refusal = refusal


class Facts:
    """What the platform said to each user, bounded, dropped by tag."""

    def __init__(
        self,
        platform: Platform,
        epochs: Epochs,
        clock: Clock,
        drift: Drift,
        *,
        deadline: float,
        outage_seconds: float,
        most: int = 100_000,
    ) -> None:
        self._platform = platform
        self._epochs = epochs
        self._clock = clock
        self._drift = drift
        self._deadline = deadline
        self._outage = outage_seconds
        self._remembered: Recent[Key, Remembered[Any]] = Recent(most)
        self._flights: Flights[Any] = Flights(needless_end=True)

    async def workspace(
        self, caller: Caller, enterprise_id: str, age: float
    ) -> Learnt[WorkspaceFact]:
        return await self._learn(
            ("getWorkspace", caller.user, enterprise_id),
            {"id": enterprise_id},
            {tags.workspace(enterprise_id), tags.below_workspace(enterprise_id)},
            age,
            lambda data: read_workspace(data, enterprise_id),
        )

    async def teams(self, caller: Caller, enterprise_id: str, age: float) -> Learnt[TeamsFact]:
        return await self._learn(
            ("listWorkspaceTeams", caller.user, enterprise_id),
            {"enterpriseId": enterprise_id},
            {tags.teams(enterprise_id), tags.below_workspace(enterprise_id)},
            age,
            read_teams,
        )

    async def team(self, caller: Caller, team_id: str, age: float) -> Learnt[TeamFact]:
        return await self._learn(
            ("getTeam", caller.user, team_id),
            {"id": team_id},
            {tags.team(team_id), tags.below_team(team_id), tags.all_teams()},
            age,
            lambda data: read_team(data, team_id),
        )

    async def connections(
        self, caller: Caller, team_id: str, age: float
    ) -> Learnt[ConnectionsFact]:
        return await self._learn(
            ("listTeamConnections", caller.user, team_id),
            {"teamId": team_id},
            {tags.connections(team_id), tags.below_team(team_id)},
            age,
            read_team_connections,
        )

    async def campaigns(
        self, caller: Caller, team_id: str, ad_account_id: str, age: float
    ) -> Learnt[CampaignsFact]:
        """Account data: a refusal also ends the proof that serves what is kept for this reader."""
        reader = tags.reader(caller.user, team_id, ad_account_id)
        try:
            return await self._learn(
                ("listCampaigns", caller.user, f"{team_id}/{ad_account_id}"),
                {"teamId": team_id, "adAccountId": ad_account_id, "fields": ["id"]},
                {tags.account(ad_account_id), tags.below_team(team_id), reader},
                age,
                read_campaigns,
            )
        except Denied:
            await self._epochs.bump({reader})
            raise

    async def tenant_connections(self, caller: Caller) -> list[ConnectionOnWire]:
        """Operation 16, always asked anew: which connections of the whole tenant hold what."""
        question = Question("listConnections", {}, False, self._deadline, Urgency.ACCESS)
        reply = await self._platform.ask(question, caller.user)
        return self._read(read_tenant_connections, reply.data)

    async def _learn(
        self,
        key: Key,
        parameters: dict[str, Any],
        about: set[Tag],
        age: float,
        read: Callable[[Any], T],
    ) -> Learnt[T]:
        """The fact if it is no older than `age` seconds, else asked anew.

        Raises NotFound for a refusal, Unknowable when there is no answer to trust and nothing is
        believed any more, Unreadable for an answer of another shape.
        """
        oldest = self._clock.now() - age
        known = self._remembered.get(key)
        if known is not None and not self._epochs.stand(known.snapshot):
            known = None
        if known is not None and known.at >= oldest:
            return _learnt(known, age)
        question = Question(key[0], parameters, False, self._deadline, Urgency.ACCESS)
        try:
            bears = about | {tags.user(key[1]), tags.fact(*key)}
            fact = await self._fetch(key, question, bears, oldest, read)
        except UpstreamInvalid as problem:
            raise Unknowable(f"{problem.code}: {problem.reason}") from None
        except UpstreamProblem as problem:
            if outcome_of(problem) is Outcome.VERDICT:
                raise
            return self._believe(known, problem)
        return _learnt(fact, age)

    async def _fetch(
        self,
        key: Key,
        question: Question,
        bears: set[Tag],
        oldest: float,
        read: Callable[[Any], T],
    ) -> Remembered[T]:
        """One question at a time for the same fact; one that set out too early serves others."""
        flight = (key, await self._epochs.heard(bears))

        async def join() -> Remembered[T]:
            found: Remembered[T] = await self._flights.join(
                flight, lambda: self._ask(key, question, bears, read)
            )
            return found

        fact = await join()
        return fact if fact.at >= oldest else await join()

    async def _ask(
        self, key: Key, question: Question, bears: set[Tag], read: Callable[[Any], T]
    ) -> Remembered[T]:
        snapshot = await self._epochs.current(bears)
        asked_at = self._clock.now()
        try:
            reply = await self._platform.ask(question, key[1])
            fact = Remembered(self._read(read, reply.data), asked_at, snapshot)
        except Refused as refused:
            if refused.code not in VERDICTS:
                raise refused.problem() from None
            await self._end(key)
            raise Denied(question.operation, refused.code) from None
        except Forbidden:
            # The platform gives this user no tokens at all.
            await self._end(key)
            raise
        except AnotherId:
            await self._end(key)
            raise NotFound(reason="the platform answered about another id") from None
        if snapshot.storable and self._epochs.stand(snapshot):
            await asyncio.shield(self._remember(key, fact))
        return fact

    def _read(self, read: Callable[[Any], T], data: Any) -> T:
        """What it says; raises Unreadable, which is drift."""
        try:
            return read(data)
        except Unreadable as unreadable:
            self._drift.refused(unreadable.operation, unreadable.faults)
            raise

    async def _remember(self, key: Key, fact: Remembered[Any]) -> None:
        """Where it says something else than before, what was decided on that is decided anew, at every
        replica; then this one bears an epoch that has ended, and is asked for once more."""
        known = self._remembered.get(key)
        self._remembered[key] = fact
        if known is None or known.value == fact.value:
            return
        if self._epochs.stand(known.snapshot):
            await self._epochs.bump({tags.fact(*key)})

    async def _end(self, key: Key) -> None:
        """Where something that he was allowed is gone, nothing of his is served from before.

        Another replica may remember the fact: it believes it no longer.
        """
        was_allowed = self._remembered.pop(key) is not None
        gone = {tags.user(key[1]) if was_allowed else tags.fact(*key)}
        # It was said, whether or not somebody still waits to hear it.
        await asyncio.shield(self._epochs.bump(gone))

    def _believe(self, known: Remembered[T] | None, problem: UpstreamProblem) -> Learnt[T]:
        if known is None or self._clock.now() - known.at > self._outage:
            raise Unknowable(problem.code) from None
        return Learnt(known.value, believed=True, until=known.at, epochs={})

    async def close(self) -> None:
        await self._flights.close()


def _learnt(fact: Remembered[T], age: float) -> Learnt[T]:
    until = fact.at + age if fact.snapshot.storable else fact.at
    return Learnt(fact.value, believed=False, until=until, epochs=fact.snapshot.epochs)
