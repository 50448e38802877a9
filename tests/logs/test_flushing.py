"""When a line is written: with others where that is no matter, at once where it is grave."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from select import PIPE_BUF
from typing import TextIO

import pytest
from structlog.typing import FilteringBoundLogger

from app.observe.logs import WRITTEN_AFTER, make_log
from app.settings import LogSettings

LEAVES_A_LINE = """
import asyncio, sys
from app.observe.logs import make_log
from app.settings import LogSettings

log = make_log(LogSettings(), sys.stdout)

async def told():
    log.info("request")

asyncio.run(told())
"""


class Counted(io.FileIO):
    """A file that remembers what each call of the system was given."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w")
        self.written: list[bytes] = []
        self._heard = asyncio.Event()

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are all it is given
        self.written.append(bytes(data))
        self._heard.set()
        return super().write(data)

    @property
    def calls(self) -> int:
        return len(self.written)

    @property
    def lines(self) -> int:
        return b"".join(self.written).count(b"\n")

    async def next(self) -> None:
        """Until it is written to the next time."""
        self._heard = asyncio.Event()
        async with asyncio.timeout(100 * WRITTEN_AFTER):
            await self._heard.wait()


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Counted]:
    with Counted(tmp_path / "log") as counted:
        yield counted


@pytest.fixture
def log(out: Counted) -> FilteringBoundLogger:
    """As standard output is where Python was told not to keep anything back (PYTHONUNBUFFERED)."""
    stream: TextIO = io.TextIOWrapper(out, write_through=True)
    return make_log(LogSettings(), stream)


def test_lines_wait_for_each_other(out: Counted, log: FilteringBoundLogger) -> None:
    """Many lines cost one call of the system, soon afterwards."""

    async def told() -> None:
        for _ in range(20):
            log.info("request")
        assert out.calls == 0
        await out.next()
        log.info("request")
        assert out.calls == 1

    asyncio.run(told())
    assert out.lines == 20


def test_what_is_grave_does_not_wait(out: Counted, log: FilteringBoundLogger) -> None:
    """Nor does what was told before it."""

    async def told() -> None:
        log.info("request")
        log.warning("partial answer")
        assert (out.calls, out.lines) == (1, 2)
        log.error("unexpected error")
        assert (out.calls, out.lines) == (2, 3)

    asyncio.run(told())


def test_nothing_waits_where_nobody_could_write_it_later(
    out: Counted, log: FilteringBoundLogger
) -> None:
    """Outside of an event loop, and in the next one after another has ended."""
    log.info("before")
    assert out.lines == 1

    async def told() -> None:
        log.info("request")
        await out.next()

    async def left() -> None:
        log.info("request")

    async def told_later() -> None:
        """A line that was left by a loop that is gone keeps no other line for longer than it would have."""
        await asyncio.sleep(2 * WRITTEN_AFTER)
        log.info("request")
        await out.next()

    asyncio.run(told())
    asyncio.run(left())
    asyncio.run(told_later())
    assert out.lines == 4


def test_no_line_comes_between_the_parts_of_another(
    out: Counted, log: FilteringBoundLogger
) -> None:
    """Workers write into one pipe: what is written at once are whole lines, as many as a pipe takes whole;
    a line that is longer is written for itself."""

    async def told() -> None:
        for number in range(300):
            log.info("request", operation="listTeams" * (number % 7))
        log.info("request", operation="ü" * PIPE_BUF)
        log.error("unexpected error")

    asyncio.run(told())
    assert out.lines == 302
    *many, long, last = out.written
    assert all(len(one) <= PIPE_BUF and one.endswith(b"\n") for one in many)
    assert len(many) < 20
    assert (long.count(b"\n"), last.count(b"\n")) == (1, 1)


def test_what_waits_at_the_end_is_written() -> None:
    """The end of a process takes no line along."""
    done = subprocess.run(
        [sys.executable, "-c", LEAVES_A_LINE], capture_output=True, text=True, check=True
    )
    assert done.stdout.count('"event":"request"') == 1
