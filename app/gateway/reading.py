"""Reads: from the cache or from the platform, account data only on a proof, shared only if earned.

Everybody's answer is fetched with his own token. keeping.py says where it is kept, and who is served
what another fetched: those who were themselves given the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from structlog.typing import FilteringBoundLogger

from app.cache.cache import Cache, Outcome, Want, outcome_of
from app.cache.entries import Content, Entry, Found, Key, State
from app.cache.epochs import Epochs, Snapshot
from app.cache.flights import Flights
from app.catalogue import tags
from app.catalogue.keep import Keep, Share
from app.catalogue.known import Known
from app.catalogue.operation import Partial, Read
from app.catalogue.tags import Tag
from app.clock import Clock, loop_time, next_day, today
from app.errors import (
    AccessUnavailable,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    UpstreamError,
    UpstreamInvalid,
    UpstreamProblem,
)
from app.gateway.consents import Consents
from app.gateway.keeping import Asked, Keeping, Sharing
from app.gateway.proofs import Earning, Proofs, Reach, Way, way_of
from app.gateway.quotas import Quotas
from app.gateway.trimming import Trimming
from app.observe.trail import Step, step, trail
from app.patience import seconds_left
from app.upstream.client import Platform, Question, Reply
from app.upstream.envelope import Refused
from app.upstream.lanes import Urgency

# A part of every cache key: releases give answers of their own, whose shape or meaning may be another.
VERSION = version("ads-bff")
# What is asked, as a part of several keys. Every field of an operation has one type, so that no two
# questions are written alike.
_WRITTEN = msgspec.json.Encoder(enc_hook=repr)


class Standing(Struct, frozen=True, gc=False):
    """What an answer rests on: where it is kept and of when it is, until when it may be given again
    (seconds since the epoch), the epochs that have to stand, the answer's and those of the facts that access
    was decided on, and whose proofs."""

    digest: bytes
    at: float
    until: float
    snapshot: Snapshot
    facts: tuple[Mapping[Tag, bytes], ...]
    reach: Reach | None
    earned: tuple[Earning, str] | None


class Served(Struct, frozen=True):
    """An answer, and what it rests on if it may be given so again."""

    found: Found
    standing: Standing | None


class Reading:
    """Serves reads whose access was decided."""

    def __init__(
        self,
        cache: Cache,
        epochs: Epochs,
        proofs: Proofs[Reach],
        earned: Proofs[Earning],
        platform: Platform,
        trimming: Trimming,
        consents: Consents,
        quotas: Quotas,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        deadline: float,
    ) -> None:
        self._cache = cache
        self._epochs = epochs
        self._proofs = proofs
        self._earned = earned
        self._keeping = Keeping(cache, epochs, proofs, earned)
        self._platform = platform
        self._trimming = trimming
        self._consents = consents
        self._quotas = quotas
        self._clock = clock
        self._log = log
        self._deadline = deadline
        self._proving: Flights[None] = Flights(needless_end=True)

    @step(Step.CACHE)
    async def read(
        self, operation: Read[Any], known: Known, urgency: Urgency = Urgency.READ
    ) -> Served:
        """While the platform is unreachable, what is kept on the last proof; else on a live one."""
        asked = self._asked(operation, known, urgency)
        proven = asked.reach is None or self._proofs.alive(asked.reach) is not None
        if proven and not known.believed:
            found = await self._served(asked)
        else:
            found = await self._doubted(asked)
        if told := trail():
            borne = found.entry.snapshot.epochs
            own = tags.user(known.caller.user) in borne
            told.found(found.state, "user" if own else "team", [tag.kind for tag in borne])
        return Served(found, self._standing(asked, found))

    def _standing(self, asked: Asked, found: Found) -> Standing | None:
        """What this answer rests on, None where the next one may be another."""
        sharing, reach = asked.sharing, asked.reach
        proof = self._proofs.alive(reach) if reach else None
        if asked.known.believed or (reach and not proof):
            return None
        ends = [asked.known.until, next_day(self._clock)]
        if proof:
            ends.append(self._proofs.ends(proof))
        if found.state is State.MISS and found.stored and asked.bears(found.entry):
            # He was just given it himself, and it is kept as his own.
            until = min(*ends, found.entry.soft)
            return _resting(asked, asked.own, found.entry, until, None)
        if sharing and (earned := self._earned.alive(sharing.earning)):
            copy = sharing.copy(earned.of)
            if entry := self._held(copy, found):
                ends += [entry.soft, self._proofs.ends(earned)]
                line = sharing.earning, earned.of
                return _resting(asked, copy, entry, min(ends), line)
        if entry := self._held(asked.own, found):
            return _resting(asked, asked.own, entry, min(*ends, entry.soft), None)
        return None

    def _held(self, key: Key, found: Found) -> Entry | None:
        """The entry that is kept under that key, if it is what was found."""
        entry = self._cache.held(key)
        return entry if entry is not None and entry.content is found.entry.content else None

    def stands(self, standing: Standing) -> bool:
        """Whether nothing that it rests on was dropped, refused or taken back since."""
        stand = self._epochs.stand
        if not stand(standing.snapshot):
            return False
        if not all(stand(Snapshot(one, storable=True)) for one in standing.facts):
            return False
        if standing.reach and not self._proofs.alive(standing.reach):
            return False
        if standing.earned is None:
            return True
        earning, line = standing.earned
        earned = self._earned.alive(earning)
        return earned is not None and earned.of == line

    async def _doubted(self, asked: Asked) -> Found:
        """Where access is believed only, or there is no proof."""
        if asked.known.believed or asked.reach is None:
            if (kept := await self._kept(asked)) is None:
                raise AccessUnavailable(reason="outage")
            return kept
        try:
            return await self._prove(asked, asked.reach)
        except UpstreamProblem as problem:
            if outcome_of(problem) is Outcome.VERDICT or (kept := await self._kept(asked)) is None:
                raise
            return kept

    async def _prove(self, asked: Asked, reach: Reach) -> Found:
        """One revalidation runs, the others wait, its 2xx serves all."""
        mine: Found | None = None
        leads = False
        # Who was given rights after it set out does not wait for its refusal.
        flight = (reach, await self._epochs.heard(asked.proven))

        async def prove() -> None:
            nonlocal mine, leads
            leads = True
            mine = await self._own(asked, since=self._proofs.oldest)

        try:
            await self._proving.join(flight, prove)
        except (Invalid, Conflict, UpstreamError):
            if leads:
                raise
            # What the platform answered to another's question says nothing about this one.
            return await self._own(asked, since=self._proofs.oldest)
        return mine or await self._served(asked)

    async def _served(self, asked: Asked) -> Found:
        """The line's copy for who is in it, else his own answer."""
        sharing = asked.sharing
        earned = self._earned.alive(sharing.earning) if sharing else None
        if sharing is None or earned is None:
            return await self._own(asked)
        copy, mine = sharing.copy(earned.of), False
        cache = self._cache
        kept = await cache.find(copy) if cache.is_shared else cache.held(copy)
        if kept is None:
            own = await cache.find(asked.own) if cache.is_shared else cache.held(asked.own)
            if own is not None:
                return await self._own(asked)

        def load() -> Coroutine[Any, Any, Content]:
            nonlocal mine
            mine = True
            return self._load(asked, counted=True)

        want = Want(
            copy,
            asked.keep,
            asked.tags,
            load,
            partial(self._refresh, asked),
            partial(self._keeping.place, asked),
            alike=asked.own,
        )
        try:
            return await (cache.get_or_load(want) if kept else cache.load(want))
        except Problem as problem:
            if mine or outcome_of(problem) is Outcome.OUTAGE:
                raise
            # Another reader of the line was refused, or asked too much: that says nothing about this one.
            return await self._own(asked)

    async def _own(self, asked: Asked, since: float = float("-inf")) -> Found:
        """His own answer; whenever it was given, it proves what it proved then."""

        want = Want(
            asked.own,
            asked.keep,
            asked.tags,
            partial(self._load, asked, counted=True),
            partial(self._refresh, asked),
            partial(self._keeping.place, asked),
            since,
        )
        found = await self._cache.get_or_load(want)
        self._keeping.note(asked, found.entry)
        self._keeping.let_in(asked, found.entry)
        return found

    async def _kept(self, asked: Asked) -> Found | None:
        """The newest of what is kept for him, while the platform is unreachable."""
        entries = []
        if asked.reach is None or self._proofs.believed(asked.reach):
            entries.append(await self._cache.find(asked.own))
            sharing = asked.sharing
            if sharing and (earned := self._earned.believed(sharing.earning)):
                entries.append(await self._cache.find(sharing.copy(earned.of)))
        newest = max((one for one in entries if one), key=lambda entry: entry.at, default=None)
        return None if newest is None else Found(newest, State.STALE, stored=True)

    def _refresh(self, asked: Asked) -> Coroutine[Any, Any, Content]:
        """The fetch that nobody waits for."""
        return self._load(replace(asked, urgency=Urgency.BACKGROUND), counted=False)

    async def anew(self, operation: Read[Any], known: Known) -> Content:
        """The platform's own answer of this moment, whole: neither from the cache nor into it."""
        content = await self._load(self._asked(operation, known, Urgency.WRITE), counted=False)
        if content.partial:
            # Money is settled by what is listed and what is not.
            raise UpstreamInvalid(reason="a list with odd rows")
        return content

    # --- the platform -----------------------------------------------------------------------------

    async def _load(self, asked: Asked, *, counted: bool) -> Content:
        """Ask with the caller's own token and trim; a verdict ends what was kept for him.

        `counted`: somebody waits for it, who may ask only so often; raises RateLimited.
        """
        operation, known = asked.operation, asked.known
        if counted and self._quotas.limit_reads:
            await self._quotas.read(operation, known)
        # For all questions together, where it takes several.
        left = seconds_left(self._deadline)
        try:
            if operation.asks_once:
                question = self._question(asked, operation.id, operation.sends(known), left)
                reply = await self._platform.ask(question, known.caller.user)
            else:
                reply = await self._put_together(asked, loop_time() + left)
            return self._trimming.trim(operation, reply, known)
        except Refused as refused:
            raise await self._heard(asked, refused.problem()) from None
        except Problem as problem:
            await self._heard(asked, problem)
            raise

    async def _heard(self, asked: Asked, problem: Problem) -> Problem:
        """A verdict was said, whether or not somebody still waits to hear it."""
        if outcome_of(problem) is Outcome.VERDICT:
            await asyncio.shield(self._end(asked, problem))
        return problem

    async def _end(self, asked: Asked, problem: Problem) -> None:
        await self._cache.drop(asked.own)
        if asked.reach is None:
            return
        self._earned.end(Earning(asked.reach, asked.operation.id))
        if isinstance(problem, Forbidden | NotFound):
            await self._epochs.bump(
                {tags.reader(asked.reach.user, asked.reach.team_id, asked.reach.ad_account_id)}
            )

    async def _put_together(self, asked: Asked, until: float) -> Reply:
        """What several answers are together; `until` is by the event loop's clock."""
        keepable = True

        async def ask(name: str, parameters: Mapping[str, Any], /, part: float = 1.0) -> Any:
            nonlocal keepable
            question = self._question(asked, name, parameters, (until - loop_time()) * part)
            try:
                reply = await self._platform.ask(question, asked.known.caller.user)
            except Refused as refused:
                raise refused.problem() from None
            keepable = keepable and reply.keepable
            return reply.data

        data = await asked.operation.fetch(ask, asked.known)
        if isinstance(data, Partial):
            self._log.warning("partial answer", operation=asked.operation.id)
            return Reply(data.data, keepable=False)
        return Reply(data, keepable)

    def _question(
        self, asked: Asked, name: str, parameters: Mapping[str, Any], seconds: float
    ) -> Question:
        read = self._trimming.reader(asked.operation)
        return Question(name, parameters, False, seconds, asked.urgency, read)

    # --- what is asked ----------------------------------------------------------------------------

    def _asked(self, operation: Read[Any], known: Known, urgency: Urgency) -> Asked:
        user, sharing, way = known.caller.user, None, _way(operation, known.caller.user)
        what = _WRITTEN.encode((operation.key(), operation.view(known), VERSION))
        if way is None:
            personal = proven = frozenset({tags.user(user)})
        else:
            personal, proven = way.personal, way.proven
            if operation.share is not Share.USER:
                sharing = Sharing(way.earning, what)
        return Asked(
            operation,
            known,
            self._keep(operation),
            proven | operation.tags(known),
            Key(operation.id, ("user", user), what),
            way.reach if way else None,
            personal,
            proven,
            sharing,
            urgency,
        )

    def _keep(self, operation: Read[Any]) -> Keep:
        if operation.keep_in_consent is not None:
            team_id: str = getattr(operation, "team_id")  # noqa: B009
            if self._consents.under_way(team_id):
                return operation.keep_in_consent
        return operation.kept(today(self._clock))

    @property
    def collapsed(self) -> int:
        """How many reads waited for the fetch, or for the proof, of another."""
        return self._cache.collapsed + self._proving.joined

    async def close(self) -> None:
        await self._proving.close()


def _way(operation: Read[Any], user: str) -> Way | None:
    """The caller's way to the ad account whose data is read, None for other data."""
    account = operation.account_read()
    if account is None:
        return None
    return way_of(user, getattr(operation, "team_id"), account, operation.id)  # noqa: B009


def _resting(
    asked: Asked, key: Key, entry: Entry, until: float, earned: tuple[Earning, str] | None
) -> Standing:
    return Standing(
        key.digest, entry.at, until, entry.snapshot, asked.known.epochs, asked.reach, earned
    )
