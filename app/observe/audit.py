"""The audit: who did what, as lines of JSON that are only ever added.

Unlike a log line it names people and objects in clear, and keys and tokens never: nothing reaches it
but the fields of `AuditRecord`. docs/audit.md describes them, docs/audit.schema.json each line.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from structlog.typing import FilteringBoundLogger

from app.clock import Clock
from app.observe.audit_channels import Channel

CHANNEL = "audit"
# Lines that wait to be written when nobody waits for them. A disk that takes none for long loses some.
MOST_WAITING = 10_000


class Event(StrEnum):
    """What is told."""

    WRITE_BEGUN = "write-begun"
    WRITE_ENDED = "write-ended"
    SESSION_STARTED = "session-started"
    SESSION_ENDED = "session-ended"
    SESSION_REFUSED = "session-refused"
    LOGOUT_REFUSED = "logout-refused"
    USER_REVOKED = "user-revoked"
    USER_FORGOTTEN = "user-forgotten"


class BudgetKind(StrEnum):
    """What a budget is for."""

    DAILY = "daily"


class Ending(StrEnum):
    """Why a session ended before its time was over."""

    LOGOUT = "logout"
    ELSEWHERE = "ended from another session"
    REPLACED = "replaced by a sign-in"
    BACK_CHANNEL = "back-channel logout"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One event. `who` is the externalUserId of who acted, `whom` of whom it was done to; what an event
    has nothing to say of is None."""

    event: Event
    who: str | None = None
    whom: str | None = None
    workspace: str | None = None
    team: str | None = None
    account: str | None = None
    objects: Mapping[str, str] | None = None
    operation: str | None = None
    key: str | None = None
    budget: int | None = None
    budget_kind: BudgetKind | None = None
    set: Mapping[str, str] | None = None
    rights: Mapping[str, str] | None = None
    state: str | None = None
    code: str | None = None
    reason: str | None = None
    made: Mapping[str, str] | None = None
    request_id: str | None = None


# What is there in every line of an event, beside what every line has.
ALWAYS: Mapping[Event, tuple[str, ...]] = {
    Event.WRITE_BEGUN: ("who", "team", "account", "operation", "key", "state", "request_id"),
    Event.WRITE_ENDED: ("who", "operation", "state"),
    Event.SESSION_STARTED: ("who", "request_id"),
    Event.SESSION_ENDED: ("who", "reason", "request_id"),
    Event.SESSION_REFUSED: ("code", "request_id"),
    Event.LOGOUT_REFUSED: ("reason", "request_id"),
    Event.USER_REVOKED: ("whom",),
    Event.USER_FORGOTTEN: ("whom",),
}


class Unwritten(Exception):
    """The line is not where it should be; the text says why."""


class Audit:
    """Adds a line for each record."""

    def __init__(self, channel: Channel, clock: Clock, log: FilteringBoundLogger) -> None:
        self._channel = channel
        self._clock = clock
        self._log = log
        self._waiting: deque[bytes] = deque()
        self._writing: asyncio.Task[None] | None = None

    @property
    def minute(self) -> int:
        """The present one, counted from the epoch."""
        return int(self._clock.now() // 60)

    async def tell(self, record: AuditRecord) -> None:
        """The line is written when this returns. Raises Unwritten."""
        await self._write(self._line(record))

    def note(self, record: AuditRecord) -> None:
        """The line will be written, and nobody waits for it. Where it cannot be the log says so."""
        if len(self._waiting) >= MOST_WAITING:
            self._missing("too many lines wait")
            return
        self._waiting.append(self._line(record))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting())

    async def close(self) -> None:
        """Write what waits."""
        if self._writing is not None:
            await self._writing

    async def _write_waiting(self) -> None:
        """Together, those that came while the ones before them were written."""
        try:
            while self._waiting:
                lines = b"".join(self._waiting)
                self._waiting.clear()
                try:
                    await self._write(lines)
                except Unwritten as unwritten:
                    self._missing(str(unwritten))
        finally:
            self._writing = None

    async def _write(self, lines: bytes) -> None:
        try:
            await self._channel.write(lines)
        except (OSError, ValueError) as error:  # ValueError: a stream that was closed
            raise Unwritten(type(error).__name__) from error

    def _missing(self, why: str) -> None:
        self._log.error("something is not in the audit", reason=why)

    def _line(self, record: AuditRecord) -> bytes:
        moment = datetime.fromtimestamp(self._clock.now(), tz=UTC)
        told: dict[str, Any] = {
            "channel": CHANNEL,
            "time": moment.isoformat(timespec="milliseconds"),
        }
        told |= {name: value for name, value in asdict(record).items() if value is not None}
        # In ASCII: what somebody sent can neither begin a line nor fail to be written.
        return json.dumps(told, separators=(",", ":")).encode() + b"\n"
