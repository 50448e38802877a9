"""The audit: who did what, as lines of JSON that are only ever added.

Unlike a log line it names people and objects in clear, and keys and tokens never: nothing reaches it
but the fields of `AuditRecord`. docs/audit.md describes them.
"""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TextIO

from app.clock import Clock
from app.settings import SettingsFault

CHANNEL = "audit"
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class Event(StrEnum):
    """What is told."""

    WRITE_BEGUN = "write-begun"
    WRITE_ENDED = "write-ended"


class BudgetKind(StrEnum):
    """What a budget is for."""

    DAILY = "daily"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One event. `who` is the externalUserId; what an event has nothing to say of is None."""

    event: Event
    who: str
    team: str | None = None
    account: str | None = None
    operation: str | None = None
    key: str | None = None
    budget: int | None = None
    budget_kind: BudgetKind | None = None
    state: str | None = None
    code: str | None = None
    made: Mapping[str, str] | None = None
    request_id: str | None = None


class Unwritten(Exception):
    """The line is not where it should be; the text says why."""


class Channel(Protocol):
    """Where lines go."""

    async def write(self, line: bytes) -> None:
        """Add one line, whole or not at all as far as can be; raises OSError or ValueError."""


class Audit:
    """Adds a line for each record."""

    def __init__(self, channel: Channel, clock: Clock) -> None:
        self._channel = channel
        self._clock = clock

    async def tell(self, record: AuditRecord) -> None:
        """The line is written when this returns. Raises Unwritten."""
        moment = datetime.fromtimestamp(self._clock.now(), tz=UTC)
        told: dict[str, Any] = {
            "channel": CHANNEL,
            "time": moment.isoformat(timespec="milliseconds"),
        }
        told |= {name: value for name, value in asdict(record).items() if value is not None}
        # In ASCII: what somebody sent can neither begin a line nor fail to be written.
        line = json.dumps(told, separators=(",", ":")).encode() + b"\n"
        try:
            await self._channel.write(line)
        except (OSError, ValueError) as error:  # ValueError: a stream that was closed
            raise Unwritten(type(error).__name__) from error


class StreamChannel:
    """Among the log lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def write(self, line: bytes) -> None:
        self._stream.write(line.decode())
        self._stream.flush()


class FileChannel:
    """A file, on the disk when a line was written. Raises SettingsFault when it cannot be opened.

    Opened for every line, so that it may be moved away at any time: the next line begins a new one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            os.close(self._open())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SettingsFault([f"BFF_AUDIT__PATH cannot be opened: {why}."]) from None

    async def write(self, line: bytes) -> None:
        await asyncio.to_thread(self._write, line)

    def _open(self) -> int:
        # Never waits for the other end of a pipe.
        file = os.open(self._path, FLAGS | os.O_NONBLOCK, 0o600)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(0, "it is no file")
        return file

    def _write(self, line: bytes) -> None:
        with self._lock:
            file = self._open()
            try:
                _add(file, line)
                os.fsync(file)
            finally:
                os.close(file)


def _add(file: int, line: bytes) -> None:
    """At the end, on a line of its own even where a full disk left half of the one before."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        line = b"\n" + line
    while line:
        line = line[os.write(file, line) :]
