"""The way of a request, after it is known who asks and what: access → cache or upstream → answer.

Every operation goes this way. Access is decided before anything is read from the cache or sent.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from typing import Any

from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from app.cache.entries import Found
from app.cache.epochs import Epochs
from app.caller import Caller
from app.catalogue.composed import Composed
from app.catalogue.known import Known
from app.catalogue.operation import ListOf, Operation, Read, Recall, Write
from app.catalogue.spending import Spend
from app.catalogue.writes import GetWrite
from app.clock import Clock, today
from app.errors import (
    AccessUnavailable,
    FieldError,
    Invalid,
    OutcomeUnknown,
    Problem,
    ReadOnly,
    UpstreamInvalid,
)
from app.gateway.access import Access
from app.gateway.composing import Composing
from app.gateway.consents import Consents
from app.gateway.paging import cut
from app.gateway.quotas import Quotas
from app.gateway.reading import Reading, Served, Standing
from app.gateway.recording import Recording
from app.gateway.spending import Spending
from app.gateway.trimming import Trimming
from app.gateway.write_audit import WriteAudit
from app.ledger.grants import Entry, Grants
from app.patience import Lookout, Patience, seconds_left
from app.settings import LimitSettings, UpstreamSettings
from app.upstream.client import Platform, Question, Reply
from app.upstream.envelope import Refusal, Refused
from app.upstream.lanes import Urgency

# Returns when somebody has left.
Gone = Callable[[], Coroutine[Any, Any, None]]


class Answered(Struct, frozen=True):
    """What goes back: status and body, for reads how the cache took part, and what the answer rests on
    if it may be given again."""

    status: int
    body: bytes
    found: Found | None = None
    replayed: bool = False
    standing: Standing | None = None


class Pipeline:
    """Serves operations."""

    def __init__(
        self,
        access: Access,
        reading: Reading,
        composing: Composing,
        spending: Spending,
        epochs: Epochs,
        platform: Platform,
        trimming: Trimming,
        grants: Grants,
        recording: Recording,
        consents: Consents,
        quotas: Quotas,
        settings: UpstreamSettings,
        clock: Clock,
        log: FilteringBoundLogger,
        limits: LimitSettings,
        write_audit: WriteAudit,
    ) -> None:
        self._access = access
        self._reading = reading
        self._composing = composing
        self._spending = spending
        self._epochs = epochs
        self._platform = platform
        self._trimming = trimming
        self._grants = grants
        self._recording = recording
        self._consents = consents
        self._quotas = quotas
        self._settings = settings
        self._clock = clock
        self._log = log
        self._limits = limits
        self._write_audit = write_audit
        self._lookout = Lookout()

    async def run(
        self, operation: Operation[Any], caller: Caller, gone: Gone | None = None
    ) -> Answered:
        """The answer to one request, in the time that there is for it; raises a Problem otherwise.

        `gone` returns when the asker has left. Then a read is given up, which raises Left; a change is
        not.
        """
        changes = isinstance(operation, Write)
        deadline = self._settings.write_deadline if changes else self._settings.read_deadline
        with Patience(deadline, None if changes else gone, self._lookout):
            known = await self.admit(operation, caller)
            if isinstance(operation, Read):
                return _answered(operation, await self._reading.read(operation, known))
            return await self._run(operation, known)

    async def _run(self, operation: Operation[Any], known: Known) -> Answered:
        """What is no plain read."""
        match operation:
            case Composed():
                found = await self._composing.compose(operation, known)
                return Answered(operation.status, found.entry.content.body, found)
            case Spend():
                spent = await self._spending.run(
                    operation, known, lambda: self._body(operation, known)
                )
                return Answered(operation.status, spent.body, replayed=spent.replayed)
            case Write():
                if (goal := operation.returns_to()) is not None:
                    self._consents.check(goal)
                await self._quotas.write(operation, known)
                known, entries = await self._prepared(operation, known)
                sending = self._write(operation, known, entries)
                return await self._write_audit.around(operation, known, sending, _body_of)
            case GetWrite():
                return Answered(operation.status, await self._outcome(operation, known))
            case Recall():
                return await self._recall(operation)
            case _:
                raise TypeError(f"{operation.id} is of no kind that is served")

    def admit(self, operation: Operation[Any], caller: Caller) -> Coroutine[Any, Any, Known]:
        """What access is allowed on; raises a Problem where the question or the caller is wrong."""
        if self._limits.read_only and isinstance(operation, Write):
            raise ReadOnly("The gateway takes no changes at the moment.")
        faults = [*operation.faults(today(self._clock))]
        if isinstance(operation, Spend):
            faults += self._too_dear(operation)
        if faults:
            raise Invalid(errors=[FieldError(pointer, sentence) for pointer, sentence in faults])
        return self._access.check(operation, caller)

    def _too_dear(self, operation: Spend[Any]) -> Iterator[tuple[str, str]]:
        """What would spend more by the day than this environment allows."""
        ceiling, budget = self._limits.max_daily_budget, operation.daily_budget
        if ceiling and budget and budget > ceiling:
            yield "/body/budget", f"must be at most {ceiling} here"

    async def _body(self, operation: Write[Any], known: Known) -> bytes:
        return (await self._write(operation, *await self._prepared(operation, known))).body

    async def _outcome(self, operation: GetWrite, known: Known) -> bytes:
        return await self._spending.outcome(
            operation, known, lambda write: self._access.check(write, known.caller)
        )

    async def _recall(self, operation: Recall[Any]) -> Answered:
        """Answer from the ledger; the rules saw to it that the caller may know."""
        rows = await self._grants.on_account(*operation.about())
        content = self._trimming.recollect(operation, rows)
        return Answered(operation.status, cut(content, operation))

    # --- writes -----------------------------------------------------------------------------------

    async def _prepared(self, operation: Write[Any], known: Known) -> tuple[Known, Sequence[Entry]]:
        """What has to be there before it is sent; where it cannot be, nothing is."""
        if (goal := operation.returns_to()) is not None:
            team_id: str = getattr(operation, "team_id")  # noqa: B009
            known = replace(known, return_address=await self._consents.open(team_id, goal))
        return known, await self._recording.before(operation, known)

    async def _write(
        self, operation: Write[Any], known: Known, entries: Sequence[Entry]
    ) -> Answered:
        """Send, and see to it that nothing from before is served afterwards."""
        dropped = frozenset(operation.drops(known))
        async with self._epochs.writing(dropped, self._settings.write_deadline) as writing:
            try:
                reply = await self._send(operation, known)
                await self._recorded(operation, known, entries)
            except Refused as refused:
                await self._recording.undo(entries)
                return self._softened(operation, refused)
            except Problem as problem:
                writing.unknown = isinstance(problem, OutcomeUnknown | UpstreamInvalid)
                if not writing.unknown:
                    await self._recording.undo(entries)
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

    async def _recorded(
        self, operation: Write[Any], known: Known, entries: Sequence[Entry]
    ) -> None:
        """What happened, happened: that it cannot be remembered is no reason to deny or undo it."""
        try:
            await self._recording.after(operation, known, entries)
        except AccessUnavailable as away:
            raise OutcomeUnknown(
                "The change was sent and could not be written down. Look at the present state before "
                "you try again.",
                reason=away.reason,
            ) from None

    def _softened(self, operation: Write[Any], refused: Refused) -> Answered:
        """Some refusals are an answer of the operation; the others are problems."""
        soft = refused.code in {Refusal.BAD_REQUEST, Refusal.CONFLICT}
        answer = operation.softened(refused.message) if soft else None
        if answer is None:
            raise refused.problem() from None
        return Answered(operation.status, operation.answer_adapter.dump_json(answer, by_alias=True))

    async def _ask(self, operation: Operation[Any], known: Known, deadline: float) -> Reply:
        changes = isinstance(operation, Write)
        left = seconds_left(deadline)
        read = self._trimming.reader(operation)
        question = Question(
            operation.id, operation.sends(known), changes, left, Urgency.WRITE, read
        )
        return await self._platform.ask(question, known.caller.user)


def _body_of(answered: Answered) -> bytes:
    return answered.body


def _answered(operation: Operation[Any], served: Served) -> Answered:
    whole = served.found.entry.content.body
    body = cut(served.found.entry.content, operation) if isinstance(operation, ListOf) else whole
    standing = served.standing if body is whole else None
    return Answered(operation.status, body, served.found, standing=standing)
