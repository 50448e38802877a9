"""Log lines: JSON for machines, readable on a terminal, and only fields from an allow-list.

A field that is not on the list does not reach a log, so that nobody can log a token by mistake.
docs/logs.md has all of them, and every event.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

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

# How long a line waits to be seen with others, in seconds.
FLUSHED_AFTER = 0.1


def make_log(settings: LogSettings, stream: TextIO) -> FilteringBoundLogger:
    """The gateway's logger, writing to the stream."""
    level = logging.getLevelNamesMapping()[settings.level]
    as_console = settings.format is LogFormat.CONSOLE or (
        settings.format is None and stream.isatty()
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty())
        if as_console
        else structlog.processors.JSONRenderer(_written)
    )
    logger: FilteringBoundLogger = structlog.wrap_logger(
        Lines(stream),
        processors=[prepared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    return logger


class Lines:
    """Writes lines to a stream: what is grave at once, the rest within FLUSHED_AFTER, for one call of the
    system each would cost as much as the line. Outside of an event loop everything goes at once."""

    def __init__(self, stream: TextIO) -> None:
        self._write = stream.write
        self._flush = stream.flush
        self._waiting: asyncio.TimerHandle | None = None

    def soon(self, line: str) -> None:
        self._write(line + "\n")
        if self._waiting is not None and loop_time() < self._waiting.when() + FLUSHED_AFTER:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._flush()
        else:
            self._waiting = loop.call_later(FLUSHED_AFTER, self._flushed)

    def at_once(self, line: str) -> None:
        self._write(line + "\n")
        self._flush()

    debug = info = msg = soon
    warning = error = critical = exception = at_once

    def _flushed(self) -> None:
        self._waiting = None
        self._flush()


def _written(event: EventDict, **_: object) -> str:
    """JSON; what JSON has no word for is written as Python would."""
    return msgspec.json.encode(event, enc_hook=repr).decode()


def prepared(logger: object, method: str, event: EventDict) -> EventDict:
    """Fields that are on the list and say something, when and how grave it is, and in the course of which
    request it happened; a line that tells of a request says that itself.

    One step and not five of the library's: every request has a line.
    """
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(logger, method, event)
    line = {name: value for name, value in event.items() if name in FIELDS and value is not None}
    line["level"] = "error" if method == "exception" else method
    line["timestamp"] = f"{datetime.now(UTC).replace(tzinfo=None).isoformat()}Z"
    if "request_id" not in line and (request := CURRENT.get()) is not None:
        line["request_id"] = request.id
        if request.trace_id is not None:
            line["trace_id"] = request.trace_id
    return line


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
