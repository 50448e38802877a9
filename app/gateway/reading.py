"""Reads: from the cache or from the platform, account data only on a proof, shared only if earned.

Everybody's answer is fetched with his own token and kept as his own. Where an operation is shared by
a team, readers whose answers are the same form a *line*: they have copies that serve all of them.
Who reads begins the line if there is none, and is let in by an answer of his own that is byte for
byte the line's copy of the same question. He stays while that answer is a proof (the access TTL);
after that another answer of his own decides again. Within the line a copy is renewed by whoever finds
it old. Somebody who sees more or less than the line does never reads and never writes its copies. An
empty answer lets nobody in: it looks the same to those who may see and to those who may not.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from structlog.typing import FilteringBoundLogger

from app.cache.cache import Cache, Outcome, Want, outcome_of
from app.cache.entries import Content, Entry, Found, Key, State
from app.cache.epochs import Epochs
from app.cache.flights import Flights
from app.catalogue import tags
from app.catalogue.keep import Keep, Share
from app.catalogue.known import Known
from app.catalogue.operation import Partial, Read
from app.catalogue.tags import Tag
from app.clock import Clock, today
from app.errors import (
    AccessUnavailable,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    UpstreamError,
    UpstreamProblem,
)
from app.gateway.consents import Consents
from app.gateway.proofs import Earning, Proofs, Reach
from app.gateway.trimming import Trimming
from app.observe.trail import kinds, trail
from app.upstream.client import Platform, Question, Reply
from app.upstream.envelope import Refused

# A part of every cache key: answers of another shape are other answers.
VERSION = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """One read by one caller, and where its answers are kept: his own, and the shared copy."""

    operation: Read[Any]
    known: Known
    keep: Keep
    tags: frozenset[Tag]
    what: Hashable
    reach: Reach | None

    @property
    def own(self) -> Key:
        """Where the caller's own answer is kept."""
        return Key(self.operation.id, ("user", self.known.caller.user), self.what)

    @property
    def sharing(self) -> Sharing | None:
        if self.operation.share is Share.USER or self.reach is None:
            return None
        return Sharing(self.reach, self.operation.id, self.what)


@dataclass(frozen=True, slots=True)
class Sharing:
    """One reader's part in what the readers of an ad account share of one operation."""

    reach: Reach
    operation: str
    what: Hashable

    @property
    def earning(self) -> Earning:
        return Earning(self.reach, self.operation)

    @property
    def line(self) -> Key:
        """Where the name of the line is kept that newcomers are compared with."""
        return Key(self.operation, self._owner, "line")

    def copy(self, line: str) -> Key:
        """Where the line's copy of what is asked is kept."""
        return Key(self.operation, self._owner, (line, self.what))

    @property
    def _owner(self) -> tuple[str, ...]:
        return "team", self.reach.team_id, self.reach.ad_account_id


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
        self._clock = clock
        self._log = log
        self._deadline = deadline
        self._proving: Flights[None] = Flights()

    async def read(self, operation: Read[Any], known: Known) -> Found:
        """While the platform is unreachable, what is kept on the last proof; else on a live one."""
        asked = self._asked(operation, known)
        found = await self._found(asked)
        if told := trail():
            told.tags = kinds(found.entry.snapshot.epochs)
            told.state = found.state
            told.scope = (
                "team"
                if tags.user(known.caller.user) not in found.entry.snapshot.epochs
                else "user"
            )
        return found

    async def _found(self, asked: Asked) -> Found:
        if asked.known.believed:
            return await self._kept(asked)
        if asked.reach is None or self._proofs.alive(asked.reach):
            return await self._served(asked)
        try:
            return await self._prove(asked, asked.reach)
        except UpstreamProblem as problem:
            if outcome_of(problem) is Outcome.VERDICT:
                raise
            return await self._kept(asked, problem)

    async def _prove(self, asked: Asked, reach: Reach) -> Found:
        """One revalidation runs, the others wait, its 2xx serves all."""
        mine: Found | None = None
        leads = False
        # Who was given rights after it set out does not wait for its refusal.
        flight = (reach, await self._epochs.heard(reach.tags))

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
        line, mine = earned.of, False
        if not await self._cache.find(sharing.copy(line)) and await self._cache.find(asked.own):
            return await self._own(asked)

        async def load() -> Content:
            nonlocal mine
            mine = True
            return await self._load(asked)

        async def place(entry: Entry) -> Entry | None:
            self._note(asked, entry)
            if not entry.content.items:
                return await self._alone(asked, sharing, entry)
            return await self._share(asked, sharing, line, entry)

        want = Want(sharing.copy(line), asked.keep, asked.tags, load, place)
        try:
            return await self._cache.get_or_load(want)
        except Problem as problem:
            if mine or outcome_of(problem) is Outcome.OUTAGE:
                raise
            # Another reader of the line was refused: that says nothing about this one.
            return await self._own(asked)

    async def _own(self, asked: Asked, since: float = float("-inf")) -> Found:
        """His own answer; whenever it was given, it proves what it proved then."""

        async def place(entry: Entry) -> Entry | None:
            return await self._place_own(asked, entry)

        want = Want(asked.own, asked.keep, asked.tags, lambda: self._load(asked), place, since)
        found = await self._cache.get_or_load(want)
        self._note(asked, found.entry)
        return found

    async def _kept(self, asked: Asked, problem: Problem | None = None) -> Found:
        """The newest of what is kept for him, while the platform is unreachable; else why not."""
        entries = []
        if asked.reach is None or self._proofs.believed(asked.reach):
            entries.append(await self._cache.find(asked.own))
            sharing = asked.sharing
            if sharing and (earned := self._earned.believed(sharing.earning)):
                entries.append(await self._cache.find(sharing.copy(earned.of)))
        newest = max((one for one in entries if one), key=lambda entry: entry.at, default=None)
        if newest is None:
            raise problem or AccessUnavailable(reason="outage")
        return Found(newest, State.STALE, stored=True)

    # --- what is kept, and where ------------------------------------------------------------------

    async def _place_own(self, asked: Asked, entry: Entry) -> Entry | None:
        """As his own; and if it is what a line shares, or begins one, in that line."""
        self._note(asked, entry)
        sharing = asked.sharing
        if sharing is None or not entry.content.keepable:
            return await self._cache.keep(asked.own, entry)
        line = await self._line_of(sharing, entry)
        if line is None:
            return await self._alone(asked, sharing, entry)
        return await self._share(asked, sharing, line, entry)

    async def _alone(self, asked: Asked, sharing: Sharing, entry: Entry) -> Entry | None:
        """He is in no line, until another answer of his says so."""
        self._earned.end(sharing.earning)
        return await self._cache.keep(asked.own, entry)

    async def _line_of(self, sharing: Sharing, own: Entry) -> str | None:
        """The line that this answer lets its reader in to, None where it does not.

        A line whose copy is another one and has grown old may have no readers any more: then a new
        one begins. Those who are in the old one stay there, until an answer of theirs decides again.
        """
        if not own.content.items:
            return None
        named = await self._cache.find(sharing.line)
        if named is not None:
            line = named.content.body.decode()
            copy = await self._cache.find(sharing.copy(line))
            if copy is not None and copy.content.etag == own.content.etag:
                return line
            if copy is None:
                # Nothing to be compared with: who is in the line adds to it.
                earned = self._earned.alive(sharing.earning)
                return line if earned is not None and earned.of == line else None
            if self._clock.now() < copy.soft:
                return None
            await self._cache.drop(sharing.line)
        return secrets.token_hex(8)

    async def _share(self, asked: Asked, sharing: Sharing, line: str, entry: Entry) -> Entry | None:
        """Keep it as the line's copy and as his own: one object, whose bytes are counted once."""
        key = sharing.copy(line)
        old = self._cache.held(key)
        if old is not None and old.content.etag == entry.content.etag:
            entry = replace(entry, content=old.content)
        if not await self._cache.keep(key, _impersonal(entry, sharing.reach)):
            return await self._cache.keep(asked.own, entry)
        await self._name(sharing, line, entry)
        self._earned.give(sharing.earning, sharing.reach, entry, line)
        return await self._cache.keep(asked.own, entry, like=key)

    async def _name(self, sharing: Sharing, line: str, entry: Entry) -> None:
        """Newcomers are compared with this line, as long as its copies, unless they are with another."""
        named = await self._cache.find(sharing.line)
        if named is None or named.content.body == line.encode():
            name = replace(entry, content=Content(line.encode()))
            await self._cache.keep(sharing.line, _impersonal(name, sharing.reach))

    def _note(self, asked: Asked, own: Entry) -> None:
        """His own answer proves his reach."""
        if asked.reach is not None:
            self._proofs.give(asked.reach, asked.reach, own)

    # --- the platform -----------------------------------------------------------------------------

    async def _load(self, asked: Asked) -> Content:
        """Ask with the caller's own token and trim; a verdict ends what was kept for him."""
        try:
            reply = await self._fetch(asked.operation, asked.known)
            return self._trimming.trim(asked.operation, reply, asked.known)
        except Problem as problem:
            if outcome_of(problem) is Outcome.VERDICT:
                await self._end(asked, problem)
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

    async def _fetch(self, operation: Read[Any], known: Known) -> Reply:
        """What the operation asks for, in one question or in several with one deadline each."""
        keepable = True

        async def ask(asked: str, parameters: Mapping[str, Any]) -> Any:
            nonlocal keepable
            question = Question(asked, parameters, False, self._deadline)
            try:
                reply = await self._platform.ask(question, known.caller.user)
            except Refused as refused:
                raise refused.problem() from None
            keepable = keepable and reply.keepable
            return reply.data

        data = await operation.fetch(ask, known)
        if isinstance(data, Partial):
            self._log.warning("partial answer", operation=operation.id)
            return Reply(data.data, keepable=False)
        return Reply(data, keepable)

    # --- what is asked ----------------------------------------------------------------------------

    def _asked(self, operation: Read[Any], known: Known) -> Asked:
        reach = _reach(operation, known)
        bears = operation.tags(known) | {tags.user(known.caller.user)}
        bears |= reach.tags if reach else frozenset()
        what = (operation.key(), operation.view(known), VERSION)
        return Asked(operation, known, self._keep(operation), frozenset(bears), what, reach)

    def _keep(self, operation: Read[Any]) -> Keep:
        if operation.keep_in_consent is not None:
            team_id: str = getattr(operation, "team_id")  # noqa: B009
            if self._consents.under_way(team_id):
                return operation.keep_in_consent
        return operation.kept(today(self._clock))

    async def close(self) -> None:
        await self._proving.close()


def _reach(operation: Read[Any], known: Known) -> Reach | None:
    """The caller's way to the ad account whose data is read, None for other data."""
    account = operation.account_read()
    if account is None:
        return None
    return Reach(known.caller.user, getattr(operation, "team_id"), account)  # noqa: B009


def _impersonal(entry: Entry, reach: Reach) -> Entry:
    """Without what is about its fetcher alone: his loss of rights takes nothing from the others."""
    return entry.bearing(entry.snapshot.epochs.keys() - reach.own_tags)
