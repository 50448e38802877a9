"""Log lines: JSON for machines, readable on a terminal, and only fields from an allow-list.

A field that is not on the list does not reach a log, so that nobody can log a token by mistake.
docs/logs.md has all of them, and every event.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from select import PIPE_BUF
from typing import Any, TextIO
from weakref import finalize

import msgspec
import structlog
from msgspec import Struct
from structlog.typing import EventDict, FilteringBoundLogger

from app.clock import loop_time
from app.observe.current import CURRENT
from app.settings import LogFormat, LogSettings

FIELDS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "exception",
        "actor",
        "cache",
        "calls",
        "code",
        "difference",
        "dropped",
        "event_kind",
        "method",
        "ms",
        "nulled",
        "operation",
        "path",
        "reason",
        "replaced",
        "request_id",
        "rule",
        "state",
        "status",
        "trace_id",
    }
)
# These say at INFO or DEBUG what must not be said: URLs with codes, PKCE verifiers, headers.
TALKATIVE = ("authlib", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio", "uvicorn.access")
# These warn of a value by showing it: of a header with a credential in it, for one.
INDISCREET = ("opentelemetry.util.re",)

# How long a line waits to be written with others, in seconds.
WRITTEN_AFTER = 0.1

# What JSON has no word for is written as Python would.
_ENCODER = msgspec.json.Encoder(enc_hook=repr)


def make_log(settings: LogSettings, stream: TextIO) -> FilteringBoundLogger:
    """A logger that writes to the stream."""
    return log_to(Lines(settings, stream))


def log_to(lines: Lines) -> FilteringBoundLogger:
    """The logger for everybody, whose lines go there."""
    kind = structlog.make_filtering_bound_logger(lines.level)
    # Bound now: the library would look for what it is bound to at each line.
    logger: FilteringBoundLogger = structlog.wrap_logger(lines, [], kind).bind()
    return logger


class Lines:
    """All lines of a gateway, in the form that the settings or the stream ask for.

    What is grave is written at once, the rest within WRITTEN_AFTER, for one call of the system each would
    cost as much as the line; outside of an event loop everything goes at once, and so it does into memory,
    where nothing is saved. structlog's logger, which has looked at the level, ends here.
    """

    def __init__(self, settings: LogSettings, stream: TextIO) -> None:
        self.level = logging.getLevelNamesMapping()[settings.level]
        self._render = _renderer(settings, stream)
        self._stream = stream
        self._waits = _is_of_the_system(stream)
        self._waiting: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        # What waits when the process ends is written too.
        finalize(self, _pour, self._waiting, stream)

    def debug(self, event: str, **fields: Any) -> None:
        self._soon("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        self._soon("info", event, fields)

    def tell(self, line: Struct) -> None:
        """A whole line, at `info`, for who has one for every request. Its tag is the event, and its fields
        are on the list."""
        if self.level <= logging.INFO:
            self._wait(self._render(line))

    def warning(self, event: str, **fields: Any) -> None:
        self._at_once("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        self._at_once("error", event, fields)

    def critical(self, event: str, **fields: Any) -> None:
        self._at_once("critical", event, fields)

    def _soon(self, level: str, event: str, fields: EventDict) -> None:
        self._wait(self._render(line_of(level, event, fields)))

    def _wait(self, line: str) -> None:
        if not self._waits:
            self._stream.write(line)
            return
        self._waiting.append(line)
        # That of a loop which has ended writes nothing.
        if self._timer is not None and loop_time() < self._timer.when() + WRITTEN_AFTER:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write()
        else:
            self._timer = loop.call_later(WRITTEN_AFTER, self._write)

    def _at_once(self, level: str, event: str, fields: EventDict) -> None:
        self._waiting.append(self._render(line_of(level, event, fields)))
        self._write()

    def _write(self) -> None:
        self._timer = None
        _pour(self._waiting, self._stream)


def _is_of_the_system(stream: TextIO) -> bool:
    """Whether writing there is a call of the system."""
    try:
        stream.fileno()
    except OSError:
        return False
    return True


def _pour(waiting: list[str], stream: TextIO) -> None:
    """All of them; another thread may bring more meanwhile."""
    lines = waiting[:]
    del waiting[: len(lines)]
    with suppress(ValueError):  # nobody reads any more: it was closed
        for piece in _together(lines):
            stream.write(piece)
            stream.flush()


def _together(lines: Iterable[str]) -> Iterator[str]:
    """Whole lines, as many at once as a pipe takes in one: several workers write into the same, and none
    of their lines may come between the parts of another (POSIX, `write`: PIPE_BUF)."""
    piece, size = "", 0
    for line in lines:
        length = len(line.encode())
        if piece and size + length > PIPE_BUF:
            yield piece
            piece, size = "", 0
        piece, size = piece + line, size + length
    if piece:
        yield piece


def line_of(level: str, event: str, fields: EventDict) -> EventDict:
    """Fields that are on the list and say something, when and how grave it is, and in the course of which
    request it happened; a line that tells of a request says that itself."""
    line: EventDict = {"event": event}
    if "exc_info" in fields:
        fields = structlog.processors.format_exc_info(None, level, fields)
    for name, value in fields.items():
        if value is not None and name in FIELDS:
            line[name] = value
    line["level"], line["timestamp"] = level, datetime.now(UTC)
    if "request_id" not in line and (request := CURRENT.get()) is not None:
        line["request_id"] = request.id
        if request.trace_id is not None:
            line["trace_id"] = request.trace_id
    return line


def _renderer(settings: LogSettings, stream: TextIO) -> Callable[[EventDict | Struct], str]:
    terminal = stream.isatty()
    as_console = settings.format is LogFormat.CONSOLE or (settings.format is None and terminal)
    return _Readable(colors=terminal) if as_console else _as_json


def _as_json(line: EventDict | Struct) -> str:
    return _ENCODER.encode(line).decode() + "\n"


class _Readable:
    """Lines for people."""

    def __init__(self, *, colors: bool) -> None:
        self._render = structlog.dev.ConsoleRenderer(colors=colors)

    def __call__(self, line: EventDict | Struct) -> str:
        fields: EventDict = msgspec.to_builtins(line, builtin_types=(datetime,), enc_hook=repr)
        fields["timestamp"] = f"{fields['timestamp']:%Y-%m-%dT%H:%M:%S.%fZ}"
        return self._render(None, fields["level"], fields) + "\n"


def tame_others(log: FilteringBoundLogger) -> None:
    """Send the libraries' own log lines through ours, warnings and worse only."""
    root = logging.getLogger()
    root.handlers = [_Through(log)]
    root.setLevel(logging.WARNING)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in INDISCREET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


class _Through(logging.Handler):
    """A library's line as one of ours; its exception is named and not printed."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        # Libraries may have levels of their own between the five that ours knows.
        level = min(record.levelno // 10 * 10, logging.CRITICAL)
        self._log.log(level, f"{record.name}: {record.getMessage()}", reason=kind)


def standard_output() -> TextIO:
    return sys.stdout
