"""The way of a request, after it is known who asks and what: access → cache or upstream → answer.

Every operation goes this way. Access is decided before anything is read from the cache or sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from structlog.typing import FilteringBoundLogger

from app.cache.cache import Cache, Content, Found, Outcome, State, outcome_of
from app.cache.epochs import Epochs
from app.cache.flights import Flights
from app.caller import Caller
from app.catalogue import tags
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.operation import ListOf, Operation, Partial, Read, Recall, Write
from app.clock import Clock, today
from app.errors import (
    AccessUnavailable,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    Problem,
    ReadOnly,
    UpstreamError,
    UpstreamInvalid,
    UpstreamProblem,
)
from app.gateway.access import Access
from app.gateway.consents import Consents
from app.gateway.paging import cut
from app.gateway.proofs import Proofs, Reach
from app.gateway.recording import Recording
from app.gateway.trimming import Trimming
from app.ledger.grants import Grants
from app.settings import UpstreamSettings
from app.upstream.client import Platform, Question, Reply
from app.upstream.envelope import Refusal, Refused

# A part of every cache key: answers of another shape are other answers.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back: status and body, and for reads how the cache took part."""

    status: int
    body: bytes
    found: Found | None = None


class Pipeline:
    """Serves operations."""

    def __init__(
        self,
        access: Access,
        cache: Cache,
        epochs: Epochs,
        proofs: Proofs,
        platform: Platform,
        trimming: Trimming,
        grants: Grants,
        recording: Recording,
        consents: Consents,
        settings: UpstreamSettings,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        read_only: bool,
    ) -> None:
        self._access = access
        self._cache = cache
        self._epochs = epochs
        self._proofs = proofs
        self._platform = platform
        self._trimming = trimming
        self._grants = grants
        self._recording = recording
        self._consents = consents
        self._settings = settings
        self._clock = clock
        self._log = log
        self._read_only = read_only
        self._proving: Flights[None] = Flights()

    async def run(self, operation: Operation[Any], caller: Caller) -> Answered:
        """The answer to one request; raises a Problem otherwise."""
        if self._read_only and isinstance(operation, Write):
            raise ReadOnly("The gateway takes no changes at the moment.")
        if faults := list(operation.faults(today(self._clock))):
            raise Invalid(errors=[FieldError(pointer, sentence) for pointer, sentence in faults])
        known = await self._access.check(operation, caller)
        match operation:
            case Read():
                return _answered(operation, await self._read(operation, known))
            case Write():
                return await self._write(operation, known)
            case Recall():
                return self._recall(operation)
            case _:
                raise TypeError(f"{operation.id} is of no kind that is served")

    # --- reads ------------------------------------------------------------------------------------

    async def _read(self, operation: Read[Any], known: Known) -> Found:
        """From the cache, or loaded; account data only on a proof."""
        key = (operation.id, operation.key(), known.caller.user, operation.view(known), VERSION)
        if (reach := _reach(operation, known)) is not None:
            return await self._read_account(operation, known, key, reach)
        if known.believed:
            return self._kept(key)
        return await self._get_or_load(operation, known, key)

    async def _read_account(
        self, operation: Read[Any], known: Known, key: Hashable, reach: Reach
    ) -> Found:
        """On a live proof, or on a new one; while the platform is unreachable, on the last one."""
        if known.believed:
            return self._kept(key, reach)
        if self._proofs.alive(reach):
            return await self._get_or_load(operation, known, key)
        try:
            return await self._prove(operation, known, key, reach)
        except UpstreamProblem as problem:
            if outcome_of(problem) is Outcome.VERDICT:
                raise
            return self._kept(key, reach, problem)

    async def _prove(
        self, operation: Read[Any], known: Known, key: Hashable, reach: Reach
    ) -> Found:
        """One revalidation runs, the others wait, its 2xx serves all."""
        mine: Found | None = None
        leads = False
        # Who was given rights after it set out does not wait for its refusal.
        flight = (reach, frozenset(self._proofs.before(reach).epochs.items()))

        async def prove() -> None:
            nonlocal mine, leads
            leads = True
            mine = await self._get_or_load(operation, known, key, revalidate=True)

        try:
            await self._proving.join(flight, prove)
        except (Invalid, Conflict, UpstreamError):
            if leads:
                raise
            # What the platform answered to another's question says nothing about this one.
            return await self._get_or_load(operation, known, key, revalidate=True)
        return mine or await self._get_or_load(operation, known, key)

    async def _get_or_load(
        self,
        operation: Read[Any],
        known: Known,
        key: Hashable,
        *,
        revalidate: bool = False,
    ) -> Found:
        return await self._cache.get_or_load(
            key,
            self._keep(operation),
            operation.tags(known) | {tags.user(known.caller.user)},
            lambda: self._load(operation, known),
            revalidate=revalidate,
        )

    def _keep(self, operation: Read[Any]) -> Keep:
        if operation.keep_in_consent is not None:
            team_id: str = getattr(operation, "team_id")  # noqa: B009
            if self._consents.under_way(team_id):
                return operation.keep_in_consent
        return operation.kept(today(self._clock))

    def _kept(
        self, key: Hashable, reach: Reach | None = None, problem: Problem | None = None
    ) -> Found:
        """What is kept, while the platform is unreachable; else why there is nothing."""
        entry = self._cache.find(key)
        if entry is None or (reach is not None and not self._proofs.believed(reach)):
            raise problem or AccessUnavailable(reason="outage")
        return Found(entry, State.STALE, stored=True)

    async def _load(self, operation: Read[Any], known: Known) -> Content:
        """Ask the platform with the caller's own token, and trim what it says."""
        reach = _reach(operation, known)
        before = self._proofs.before(reach) if reach else None
        try:
            reply = await self._fetch(operation, known)
        except (Forbidden, NotFound):
            if reach:
                self._proofs.end(reach)
            raise
        content = self._trimming.trim(operation, reply, known)
        if reach and before:
            self._proofs.give(reach, before)
        return content

    async def _fetch(self, operation: Read[Any], known: Known) -> Reply:
        """What the operation asks for, in one question or in several with one deadline each."""
        keepable = True

        async def ask(asked: str, parameters: Mapping[str, Any]) -> Any:
            nonlocal keepable
            question = Question(asked, parameters, False, self._settings.read_deadline)
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

    def _recall(self, operation: Recall[Any]) -> Answered:
        """Answer from the ledger; the rules saw to it that the caller may know."""
        rows = self._grants.on_account(*operation.about())
        content = self._trimming.recollect(operation, rows)
        return Answered(operation.status, cut(content, operation))

    # --- writes -----------------------------------------------------------------------------------

    async def _write(self, operation: Write[Any], known: Known) -> Answered:
        """Send, and see to it that nothing from before is served afterwards."""
        if (goal := operation.returns_to()) is not None:
            team_id: str = getattr(operation, "team_id")  # noqa: B009
            known = replace(known, return_address=self._consents.open(team_id, goal))
        entries = await self._recording.before(operation, known)
        dropped = frozenset(operation.drops(known))
        with self._epochs.writing(dropped):
            try:
                reply = await self._send(operation, known)
                await self._recording.after(operation, known, entries)
            except Refused as refused:
                await self._recording.undo(entries)
                return self._softened(operation, refused)
            except Problem as problem:
                if isinstance(problem, OutcomeUnknown | UpstreamInvalid):
                    self._epochs.bar(dropped, self._settings.write_deadline)
                else:
                    await self._recording.undo(entries)
                raise
            except BaseException:
                self._epochs.bar(dropped, self._settings.write_deadline)
                raise
        self._log.info("changed", operation=operation.id)
        return Answered(operation.status, self._trimming.trim(operation, reply, known).body)

    async def _send(self, operation: Write[Any], known: Known) -> Reply:
        try:
            return await self._ask(operation, known, self._settings.write_deadline)
        except Refused as refused:
            if operation.gone_is_done and refused.code is Refusal.NOT_FOUND:
                return Reply(None, keepable=False)
            raise

    def _softened(self, operation: Write[Any], refused: Refused) -> Answered:
        """Some refusals are an answer of the operation; the others are problems."""
        soft = refused.code in {Refusal.BAD_REQUEST, Refusal.CONFLICT}
        answer = operation.softened(refused.message) if soft else None
        if answer is None:
            raise refused.problem() from None
        return Answered(operation.status, operation.answer_adapter.dump_json(answer, by_alias=True))

    async def _ask(self, operation: Operation[Any], known: Known, deadline: float) -> Reply:
        question = Question(
            operation.id, operation.sends(known), isinstance(operation, Write), deadline
        )
        return await self._platform.ask(question, known.caller.user)

    async def close(self) -> None:
        await self._proving.close()


def _reach(operation: Read[Any], known: Known) -> Reach | None:
    """The caller's way to the ad account whose data is read, None for other data."""
    account = operation.account_read()
    if account is None:
        return None
    return Reach(known.caller.user, getattr(operation, "team_id"), account)  # noqa: B009


def _answered(operation: Operation[Any], found: Found) -> Answered:
    if isinstance(operation, ListOf):
        return Answered(operation.status, cut(found.entry.content, operation), found)
    return Answered(operation.status, found.entry.content.body, found)
