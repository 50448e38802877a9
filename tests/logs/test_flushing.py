"""When a line is written: with others where that is no matter, at once where it is grave."""

from __future__ import annotations

import asyncio
import io

from structlog.typing import FilteringBoundLogger

from app.observe.logs import FLUSHED_AFTER, make_log
from app.settings import LogSettings


class Counted(io.StringIO):
    """Counts how often it was told to let go of what it has."""

    flushes = 0
    heard: asyncio.Event | None = None

    def flush(self) -> None:
        self.flushes += 1
        if self.heard is not None:
            self.heard.set()

    async def next(self) -> None:
        """Until it is told the next time."""
        self.heard = asyncio.Event()
        async with asyncio.timeout(100 * FLUSHED_AFTER):
            await self.heard.wait()


def test_lines_wait_for_each_other() -> None:
    """Many lines cost one call of the system, soon afterwards."""
    out = Counted()

    async def told() -> None:
        log = make_log(LogSettings(), out)
        for _ in range(50):
            log.info("request")
        assert out.flushes == 0
        await out.next()
        log.info("request")
        assert out.flushes == 1

    asyncio.run(told())
    assert out.getvalue().count("\n") == 51


def test_what_is_grave_does_not_wait() -> None:
    """Nor does what was told before it."""
    out = Counted()

    async def told() -> None:
        log = make_log(LogSettings(), out)
        log.info("request")
        log.warning("partial answer")
        assert out.flushes == 1
        log.error("unexpected error")
        assert out.flushes == 2

    asyncio.run(told())


def test_nothing_waits_where_nobody_could_write_it_later() -> None:
    """Outside of an event loop, and in the next one after another has ended."""
    out = Counted()
    log = make_log(LogSettings(), out)
    log.info("before")
    assert out.flushes == 1

    async def told() -> None:
        log.info("request")
        await out.next()

    async def left() -> None:
        log.info("request")

    asyncio.run(told())
    asyncio.run(left())
    asyncio.run(told_later(log, out))


async def told_later(log: FilteringBoundLogger, out: Counted) -> None:
    """A line that was left by a loop that is gone keeps no other line for longer than it would have."""
    await asyncio.sleep(2 * FLUSHED_AFTER)
    log.info("request")
    await out.next()
