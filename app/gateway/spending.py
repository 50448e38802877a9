"""Writes that spend money: carried out once, and their end found out where it was not seen.

    the same key and request again   the answer that was given, marked as replayed
    the same key, another request    422 key-reused
    no end known yet                 409 write-pending, with the address that tells more

Before one is sent, the ids that bear its name are noted. When its end was not seen, it succeeded if
exactly one new id bears that name which no other attempt may have made. Otherwise nobody knows, and
it is not sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pydantic_core import from_json
from structlog.typing import FilteringBoundLogger

from app.cache.entries import Content
from app.catalogue.known import Known
from app.catalogue.operation import Read
from app.catalogue.operations import Catalogue
from app.catalogue.spending import Spend
from app.catalogue.writes import GetWrite, WriteOutcome, WriteState
from app.clock import Clock
from app.errors import (
    AccessUnavailable,
    KeyReused,
    NotFound,
    OutcomeUnknown,
    Problem,
    UpstreamInvalid,
    UpstreamProblem,
    WritePending,
)
from app.gateway.attempts import Attempt, place
from app.gateway.prefix import API
from app.gateway.spend_audit import SpendAudit
from app.observe.counters import Counters
from app.patience import nobodys
from app.session.records import Records

# Decides whether the caller may make this write.
Check = Callable[[Spend[Any]], Awaitable[Known]]

# Seconds between two looks for what an attempt made.
LOOKS = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0)

_ADVICE = {
    WriteState.PENDING: "Ask again in a few seconds. Do not send it again under another key.",
    WriteState.UNKNOWN: "Look at the ads account. If it is not there, send it again under a new key.",
    WriteState.FAILED: "Nothing was made. Mend the request and send it again.",
}


@dataclass(frozen=True, slots=True)
class Spent:
    """The answer of a write, and whether it was given before."""

    body: bytes
    replayed: bool


class Spending:
    """`look` reads a list at the platform itself, `count` says that a write is about to be sent;
    `deadline` is that of a write, in seconds."""

    def __init__(
        self,
        attempts: Records[Attempt],
        look: Callable[[Read[Any], Known], Awaitable[Content]],
        count: Callable[[Spend[Any], Known], Awaitable[None]],
        audit: SpendAudit,
        catalogue: Catalogue,
        clock: Clock,
        counters: Counters,
        log: FilteringBoundLogger,
        *,
        deadline: float,
    ) -> None:
        self._attempts = attempts
        self._look = look
        self._count = count
        self._audit = audit
        self._operations = {operation.id: operation for operation in catalogue.operations}
        self._clock = clock
        self._log = log
        self._deadline = deadline
        self._settling: set[asyncio.Task[None]] = set()
        self._ends = {
            (operation.id, state): counters.of("money_writes", operation=operation.id, state=state)
            for operation in catalogue.operations
            if issubclass(operation, Spend)
            for state in WriteState
            if state is not WriteState.PENDING
        }

    @property
    def settling(self) -> int:
        """Of how many the end is being found out."""
        return len(self._settling)

    async def run(
        self, operation: Spend[Any], known: Known, send: Callable[[], Awaitable[bytes]]
    ) -> Spent:
        """Send it, unless it was sent before. `send` gives the answer's bytes.

        Raises KeyReused, WritePending, what `count` raises, AccessUnavailable when it cannot be
        remembered or audited (then nothing is sent), and what `send` raises.
        """
        attempt = self._attempt(operation, known)
        if (earlier := await self._begin(attempt)) is not None:
            return _again(earlier.at(self._clock.now()), attempt)
        try:
            await self._count(operation, known)
            await self._audit.begun(attempt)
            attempt = await self._looked(attempt, known)
        except BaseException as error:
            # Nothing was sent: the key is free.
            freed = attempt.became(WriteState.FAILED, code=_code(error))
            await self._attempts.exchange(attempt.place, attempt, freed, attempt.ends)
            raise
        try:
            body = await send()
        except (OutcomeUnknown, UpstreamInvalid) as problem:
            unseen = replace(attempt, until=self._clock.now())
            await self._keep(unseen)
            self._find_out(unseen, known)
            raise OutcomeUnknown(
                problem.detail, reason=problem.reason, status_url=_status_url(attempt)
            ) from None
        except Problem as problem:
            await self._keep(attempt.became(WriteState.FAILED, code=problem.code))
            raise
        return Spent(await self._succeeded(attempt, body, known), replayed=False)

    async def outcome(self, asked: GetWrite, known: Known, check: Check) -> bytes:
        """What became of a write of this user; `check` decides again whether he may make it."""
        attempt = await self._attempts.get(place(known.caller.user, asked.idempotency_key))
        if attempt is None:
            raise NotFound(reason="no such write")
        known = await check(self._like(attempt))
        # That may have taken a while, in which the attempt went on.
        attempt = await self._attempts.get(attempt.place) or attempt
        now = self._clock.now()
        if attempt.open and now >= attempt.until:
            with suppress(UpstreamProblem):
                attempt = await self._settled(attempt, known)
            attempt = await self._learnt(attempt.at(now))
        return _told(attempt).model_dump_json(by_alias=True).encode()

    async def close(self) -> None:
        """What is being found out is found out by whoever asks."""
        for task in self._settling:
            task.cancel()
        await asyncio.gather(*self._settling, return_exceptions=True)

    # --- one attempt ------------------------------------------------------------------------------

    def _attempt(self, operation: Spend[Any], known: Known) -> Attempt:
        now = self._clock.now()
        same = operation.model_dump_json(exclude={"idempotency_key"})
        return Attempt(
            user=known.caller.user,
            key=operation.idempotency_key,
            operation=operation.id,
            fingerprint=sha256(f"{operation.id} {same}".encode()).hexdigest(),
            team_id=operation.team_id,
            ad_account_id=operation.ad_account_id,
            name=operation.name,
            state=WriteState.PENDING,
            began_at=now,
            until=now + self._deadline,
            budget=operation.daily_budget,
        )

    async def _begin(self, attempt: Attempt) -> Attempt | None:
        """None when this is the first of its key; one that failed leaves the key free."""
        try:
            while not await self._attempts.add(attempt.place, attempt, attempt.ends):
                earlier = await self._attempts.get(attempt.place)
                if earlier is None:
                    raise WritePending(reason="the attempt cannot be read")
                if earlier.state is not WriteState.FAILED:
                    return earlier
                if await self._attempts.exchange(attempt.place, earlier, attempt, attempt.ends):
                    break
        except AccessUnavailable as away:
            raise AccessUnavailable(
                "What spends money cannot be remembered at the moment, so nothing was sent. Try again "
                "in a few seconds.",
                reason=away.reason,
                headers=away.headers,
            ) from None
        return None

    async def _looked(self, attempt: Attempt, known: Known) -> Attempt:
        """It knows, and remembers, which ids bear its name before it is sent."""
        try:
            looked = attempt.looked(await self._ids(attempt, known))
            await self._advance(attempt, looked)
        except BaseException as error:
            await self._audit.ended(attempt.became(WriteState.FAILED, code=_code(error)))
            raise
        return looked

    async def _advance(self, attempt: Attempt, looked: Attempt) -> None:
        """Raises WritePending when somebody took it for dead, or erased it, before it was sent."""
        if not await self._attempts.exchange(attempt.place, attempt, looked, attempt.ends):
            raise WritePending(
                _ADVICE[WriteState.PENDING],
                reason="it is not what it was",
                status_url=_status_url(attempt),
            )

    async def _succeeded(self, attempt: Attempt, body: bytes, known: Known) -> bytes:
        """The answer; ids that the platform did not tell are looked for."""
        done = attempt.became(WriteState.SUCCEEDED, answer=body.decode())
        if not any(from_json(body).values()):
            with suppress(Problem):
                found = await self._settled(attempt, known)
                done = found if found.answer else done
        await self._keep(done)
        assert done.answer is not None
        return done.answer.encode()

    async def _keep(self, attempt: Attempt) -> None:
        """What happened, happened: that it cannot be remembered is no reason to deny it."""
        try:
            kept = await self._remember(attempt)
        except AccessUnavailable:
            kept = False
        if not kept:
            self._log.error("the end of a write is not remembered", operation=attempt.operation)
        await self._tell(attempt)

    async def _remember(self, attempt: Attempt) -> bool:
        """Over what is known of this attempt, and never over another one under its key."""
        while (there := await self._attempts.get(attempt.place)) is not None:
            if there.began_at != attempt.began_at:
                return False
            if await self._attempts.exchange(attempt.place, there, attempt, attempt.ends):
                return True
        return await self._attempts.add(attempt.place, attempt, attempt.ends)

    async def _tell(self, attempt: Attempt) -> None:
        """The log, and the audit of an end."""
        self._log.info(
            "money write", operation=attempt.operation, state=attempt.state, code=attempt.code
        )
        if attempt.state is not WriteState.PENDING:
            self._ends[attempt.operation, attempt.state].number += 1
            await self._audit.ended(attempt)

    # --- finding out ------------------------------------------------------------------------------

    def _find_out(self, attempt: Attempt, known: Known) -> None:
        # It outlives the request, and the time that was for that.
        task = asyncio.create_task(self._look_again(attempt, known), context=nobodys())
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _look_again(self, attempt: Attempt, known: Known) -> None:
        for pause in LOOKS:
            await asyncio.sleep(pause)
            with suppress(Problem):
                attempt = await self._settled(attempt, known)
            if not attempt.open:
                break
        # Where it cannot be written down, whoever asks finds it out again.
        with suppress(AccessUnavailable):
            await self._learnt(attempt.at(self._clock.now()))

    async def _learnt(self, found: Attempt) -> Attempt:
        """Write down what was found out, unless more is known meanwhile, or it was erased."""
        while (there := await self._attempts.get(found.place)) is not None:
            if not (there.open and there.stands_like(found)) or there.state is found.state:
                return there
            if await self._attempts.exchange(found.place, there, found, found.ends):
                await self._tell(found)
                return found
        return found

    async def _settled(self, attempt: Attempt, known: Known) -> Attempt:
        """Succeeded, if exactly one thing is new that nobody else may have made."""
        if attempt.before is None:
            return attempt.became(WriteState.FAILED)  # it ended before it was sent
        new = await self._ids(attempt, known) - set(attempt.before)
        alike = await self._attempts.named(attempt.thing)
        others = [one for one in alike if one.place != attempt.place]
        new -= {found for one in others for found in one.made}
        if len(new) != 1 or any(one.may_have_made_more for one in others):
            return attempt
        answer = self._kind(attempt).made(new.pop())
        return attempt.became(WriteState.SUCCEEDED, answer=answer.model_dump_json(by_alias=True))

    async def _ids(self, attempt: Attempt, known: Known) -> set[str]:
        """The ids that bear the attempt's name now, asked of the platform itself."""
        listing = self._kind(attempt).listing(attempt.team_id, attempt.ad_account_id)
        items = from_json((await self._look(listing, known)).body)["items"]
        return {one["id"] for one in items if one["name"] == attempt.name and one["id"]}

    def _kind(self, attempt: Attempt) -> type[Spend[Any]]:
        kind = self._operations[attempt.operation]
        assert issubclass(kind, Spend)
        return kind

    def _like(self, attempt: Attempt) -> Spend[Any]:
        """The operation as far as access looks at it."""
        return self._kind(attempt).model_construct(
            team_id=attempt.team_id,
            ad_account_id=attempt.ad_account_id,
            idempotency_key=attempt.key,
        )


def _code(error: BaseException) -> str | None:
    return error.code if isinstance(error, Problem) else None


def _again(earlier: Attempt, attempt: Attempt) -> Spent:
    if earlier.fingerprint != attempt.fingerprint:
        raise KeyReused("Take a new Idempotency-Key for another request.")
    if earlier.answer is None:
        raise WritePending(_ADVICE[earlier.state], status_url=_status_url(earlier))
    return Spent(earlier.answer.encode(), replayed=True)


def _told(attempt: Attempt) -> WriteOutcome:
    return WriteOutcome(
        idempotency_key=attempt.key,
        operation=attempt.operation,
        state=attempt.state,
        started_at=datetime.fromtimestamp(int(attempt.began_at), tz=UTC),
        answer=from_json(attempt.answer) if attempt.answer else None,
        advice=_ADVICE.get(attempt.state),
    )


def _status_url(attempt: Attempt) -> str:
    return f"{API}/writes/{attempt.key}"
