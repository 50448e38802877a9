"""Reads: from the cache or from the platform, account data only on a proof, shared only if earned.

Everybody's answer is fetched with his own token and kept as his own. Where an operation is shared by
a team, readers who were given the same answer to the same question form a *line*: it is named by
that question and answer, and what one of them fetches serves all of them. An answer of his own says
which line a reader is in for as long as it is a proof (the access TTL); after that another one
decides. So whoever is served what another fetched was himself given what that other was given, byte
for byte, each within the TTL: nothing is inherited from third readers. Who is given something else
than the line's copy of a question is out, and the copy stays what it is: what somebody sees less or
more is nobody else's. An empty answer lets nobody in: it looks the same to those who may see and to
those who may not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import field, replace
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

import msgspec
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
from app.gateway.proofs import Earning, Proofs, Reach, Way, way_of
from app.gateway.quotas import Quotas
from app.gateway.trimming import Trimming
from app.observe.trail import Step, step, trail
from app.patience import seconds_left
from app.record import record
from app.upstream.client import Platform, Question, Reply
from app.upstream.envelope import Refused
from app.upstream.lanes import Urgency

# A part of every cache key: releases give answers of their own, whose shape or meaning may be another.
VERSION = version("ads-bff")
# What is asked, as a part of several keys. Every field of an operation has one type, so that no two
# questions are written alike.
_WRITTEN = msgspec.json.Encoder(enc_hook=repr)


@record
class Asked:
    """One read by one caller, and where its answers are kept: his own at `own`, the shared copies as
    `sharing` says. `proven` are the tags that a proof of his reach depends on, `personal` those of them
    that are about him alone."""

    operation: Read[Any]
    known: Known
    keep: Keep
    tags: frozenset[Tag]
    own: Key
    reach: Reach | None
    personal: frozenset[Tag]
    proven: frozenset[Tag]
    sharing: Sharing | None
    urgency: Urgency

    def bears(self, entry: Entry) -> bool:
        """Whether the entry is the caller's own, and no copy that he shares."""
        return self.personal <= entry.snapshot.epochs.keys()


@record
class Sharing:
    """One reader's part in what the readers of an ad account share of one operation."""

    earning: Earning
    what: bytes
    _copies: dict[str, Key] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reach(self) -> Reach:
        return self.earning.reach

    def line(self, own: Content) -> str:
        """The name of the line of those who were given this answer."""
        return blake2b(self.what + own.etag.encode(), digest_size=12).hexdigest()

    def copy(self, line: str) -> Key:
        """Where the line's copy of what is asked is kept."""
        key = self._copies.get(line)
        if key is None:
            _, team_id, ad_account_id = self.reach
            owner = ("team", team_id, ad_account_id)
            key = self._copies[line] = Key(self.earning.operation, owner, (line, self.what))
        return key


@record
class Standing:
    """What an answer rests on: where it is kept and of when it is, until when it may be given again
    (seconds since the epoch), the epochs that have to stand, and whose proofs."""

    digest: bytes
    at: float
    until: float
    epochs: tuple[Mapping[Tag, bytes], ...]
    reach: Reach | None
    earned: tuple[Earning, str] | None


@record
class Served:
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
        found = await self._found(asked)
        if told := trail():
            borne = found.entry.snapshot.epochs
            own = tags.user(known.caller.user) in borne
            told.found(found.state, "user" if own else "team", borne)
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
        if not all(self._epochs.stand(Snapshot(one, storable=True)) for one in standing.epochs):
            return False
        if standing.reach and not self._proofs.alive(standing.reach):
            return False
        if standing.earned is None:
            return True
        earning, line = standing.earned
        earned = self._earned.alive(earning)
        return earned is not None and earned.of == line

    async def _found(self, asked: Asked) -> Found:
        if asked.known.believed:
            if (kept := await self._kept(asked)) is None:
                raise AccessUnavailable(reason="outage")
            return kept
        if asked.reach is None or self._proofs.alive(asked.reach):
            return await self._served(asked)
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
        kept = await self._cache.find(copy)
        if kept is None and await self._cache.find(asked.own):
            return await self._own(asked)

        def load() -> Coroutine[Any, Any, Content]:
            nonlocal mine
            mine = True
            return self._counted(asked)

        want = Want(
            copy,
            asked.keep,
            asked.tags,
            load,
            partial(self._refresh, asked),
            partial(self._place, asked),
            alike=asked.own,
        )
        try:
            return await (self._cache.get_or_load(want) if kept else self._cache.load(want))
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
            partial(self._counted, asked),
            partial(self._refresh, asked),
            partial(self._place, asked),
            since,
        )
        found = await self._cache.get_or_load(want)
        self._note(asked, found.entry)
        self._let_in(asked, found.entry)
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

    # --- what is kept, and where ------------------------------------------------------------------

    def _refresh(self, asked: Asked) -> Coroutine[Any, Any, Content]:
        """The fetch that nobody waits for."""
        return self._load(replace(asked, urgency=Urgency.BACKGROUND))

    async def _place(self, asked: Asked, own: Entry) -> Entry | None:
        """As his own, and as the copy of the line that he is in once he was given this."""
        self._note(asked, own)
        sharing = asked.sharing
        if sharing is None or (line := await self._line_of(asked, sharing, own)) is None:
            return await self._cache.keep(asked.own, own)
        return await self._share(asked, sharing, line, own)

    async def _line_of(self, asked: Asked, sharing: Sharing, own: Entry) -> str | None:
        """The line that this answer belongs to, None where it is his alone."""
        if not own.content.keepable or not self._epochs.stand(own.snapshot):
            # His rights may have changed meanwhile: it can be of either side.
            return None
        earned = self._earned.alive(sharing.earning)
        if earned is not None:
            copy = await self._cache.find(sharing.copy(earned.of))
            if copy is not None and copy.content.etag != own.content.etag:
                self._earned.end(sharing.earning)
                earned = None
        if not own.content.items:
            return None
        line = sharing.line(own.content)
        if earned is not None and earned.of != line:
            # Another question than the one that let him in, or one that a write changed.
            return earned.of
        self._earn(asked, sharing, own, line)
        return line

    def _let_in(self, asked: Asked, own: Entry) -> None:
        """An answer of his own that another replica fetched says here as well which line he is in."""
        sharing, content = asked.sharing, own.content
        if sharing is None or not (content.items and content.keepable):
            # What lacks something may look like what others were given.
            return
        if self._earned.alive(sharing.earning):
            return
        self._earn(asked, sharing, own, sharing.line(own.content))

    async def _share(self, asked: Asked, sharing: Sharing, line: str, own: Entry) -> Entry | None:
        """Keep it as the line's copy and as his own: one object, whose bytes are counted once."""
        key = sharing.copy(line)
        old = self._cache.held(key)
        if old is not None and old.content.etag == own.content.etag:
            own = replace(own, content=old.content)
        like = key if await self._cache.keep(key, _impersonal(own, asked.personal)) else None
        return await self._cache.keep(asked.own, own, like)

    def _note(self, asked: Asked, own: Entry) -> None:
        """His own answer proves his reach."""
        if asked.reach is not None:
            self._proofs.give(asked.reach, asked.proven, own)

    def _earn(self, asked: Asked, sharing: Sharing, own: Entry, line: str) -> None:
        """It lets him into the line."""
        proof = self._proofs.alive(sharing.reach)
        self._earned.give(sharing.earning, asked.proven, own, line, like=proof)

    async def anew(self, operation: Read[Any], known: Known) -> Content:
        """The platform's own answer of this moment, whole: neither from the cache nor into it."""
        content = await self._load(self._asked(operation, known, Urgency.WRITE))
        if content.partial:
            # Money is settled by what is listed and what is not.
            raise UpstreamInvalid(reason="a list with odd rows")
        return content

    # --- the platform -----------------------------------------------------------------------------

    async def _counted(self, asked: Asked) -> Content:
        """A load that somebody waits for, who may ask only so often; raises RateLimited."""
        await self._quotas.read(asked.operation, asked.known)
        return await self._load(asked)

    async def _load(self, asked: Asked) -> Content:
        """Ask with the caller's own token and trim; a verdict ends what was kept for him."""
        try:
            reply = await self._fetch(asked)
            return self._trimming.trim(asked.operation, reply, asked.known)
        except Problem as problem:
            if outcome_of(problem) is Outcome.VERDICT:
                # It was said, whether or not somebody still waits to hear it.
                await asyncio.shield(self._end(asked, problem))
            raise

    async def _end(self, asked: Asked, problem: Problem) -> None:
        await self._cache.drop(asked.own)
        if asked.reach is None:
            return
        self._earned.end(Earning(asked.reach, asked.operation.id))
        if isinstance(problem, Forbidden | NotFound):
            await self._epochs.bump(
                {tags.reader(asked.reach.user, asked.reach.team_id, asked.reach.ad_account_id)}
            )

    async def _fetch(self, asked: Asked) -> Reply:
        """What the operation asks for, in one question or in several, with one deadline for all."""
        left, operation = seconds_left(self._deadline), asked.operation
        if operation.asks_once():
            return await self._ask(asked, operation.id, operation.sends(asked.known), left)
        return await self._put_together(asked, loop_time() + left)

    async def _put_together(self, asked: Asked, until: float) -> Reply:
        """What several answers are together; `until` is by the event loop's clock."""
        keepable = True

        async def ask(name: str, parameters: Mapping[str, Any], /, part: float = 1.0) -> Any:
            nonlocal keepable
            reply = await self._ask(asked, name, parameters, (until - loop_time()) * part)
            keepable = keepable and reply.keepable
            return reply.data

        data = await asked.operation.fetch(ask, asked.known)
        if isinstance(data, Partial):
            self._log.warning("partial answer", operation=asked.operation.id)
            return Reply(data.data, keepable=False)
        return Reply(data, keepable)

    async def _ask(
        self, asked: Asked, name: str, parameters: Mapping[str, Any], seconds: float
    ) -> Reply:
        read = self._trimming.reader(asked.operation)
        question = Question(name, parameters, False, seconds, asked.urgency, read)
        try:
            return await self._platform.ask(question, asked.known.caller.user)
        except Refused as refused:
            raise refused.problem() from None

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
    epochs = entry.snapshot.epochs, *asked.known.epochs
    return Standing(key.digest, entry.at, until, epochs, asked.reach, earned)


def _impersonal(entry: Entry, personal: frozenset[Tag]) -> Entry:
    """Without what is about its fetcher alone: his loss of rights takes nothing from the others."""
    return entry.bearing(entry.snapshot.epochs.keys() - personal)
