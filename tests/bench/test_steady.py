"""The load at a fixed rate."""

from __future__ import annotations

import asyncio

from bench.load.order import Order, quantile
from bench.load.steady import CONNECTIONS, Pace, hold

RATE = 1000
STILL = 0.3  # seconds


async def held() -> Pace:
    """A pace against a server that answers one request at once, and then stands still before it
    answers the others."""
    asked, awake, served = 0, asyncio.Event(), asyncio.Semaphore(0)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while await reader.read(1000):
            asked += 1
            if asked == 2:
                asyncio.get_running_loop().call_later(STILL, awake.set)
            if asked > 1:
                await awake.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()
        await writer.wait_closed()
        served.release()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        pace = await hold(Order("/", {}), server.sockets[0].getsockname()[1], RATE, 0.5)
        for _ in range(1 + CONNECTIONS):
            await served.acquire()
        return pace


def test_a_server_that_stands_still_is_charged_for_all_who_would_have_come() -> None:
    """Requests that found no free connection count from when they were due, not from when they left."""
    pace = asyncio.run(held())
    due_meanwhile = RATE * STILL / 2
    assert due_meanwhile > 2 * CONNECTIONS
    assert sum(seconds >= STILL / 2 for seconds in pace.took) >= due_meanwhile * 0.9
    assert max(pace.late) >= STILL / 2


def test_quantiles_are_values_that_occurred() -> None:
    """The p99 of a hundred values is the second largest, and of a single one itself."""
    assert quantile(range(100), 0.99) == 98
    assert quantile([7.0], 0.999) == 7.0
