"""A fixed rate of arrivals: requests go out when they are due, whether or not others were answered.

`python -m bench.load.steady PORT RATE SECONDS`, with address and headers on standard input. How long
a request took is counted from when it was due, so that a server that stands still is charged for
all who would have come meanwhile. It never sleeps: it needs a core of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import cast

import uvloop

from bench.load.client import connect, request
from bench.load.order import Order, quantile

CONNECTIONS = 64
# The first part of what was asked is warming up.
COUNTED_FROM = 0.1


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Milliseconds. `late_p99`: how much later than due requests left; `achieved` is the rate at
    which they were answered."""

    rate: float
    achieved: float
    p50: float
    p99: float
    p999: float
    late_p99: float


class Lane(asyncio.Protocol):
    """A connection; all answers that it gets are equally long."""

    def __init__(self, length: int, answered: Callable[[Lane], None]) -> None:
        self._length = length
        self._answered = answered
        self._left: int | None = None
        self._head = b""

    def ask(self, written: bytes, due: float) -> None:
        self.due = due
        self._left = None
        self.transport.write(written)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self.transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        if self._left is None:
            data = self._head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._head = data
                return
            assert data.startswith(b"HTTP/1.1 200 "), data[:100]
            self._head = b""
            self._left = end + 4 + self._length
        self._left -= len(data)
        if self._left == 0:
            self._answered(self)


class Pace:
    """Asks `total` times, one every `interval` seconds."""

    def __init__(self, written: bytes, interval: float, total: int) -> None:
        self._written = written
        self._interval = interval
        self._total = total
        self._free: list[Lane] = []
        self._next = 0
        self.took: list[float] = []
        self.late: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def joins(self, lane: Lane) -> None:
        self._free.append(lane)

    def answered(self, lane: Lane) -> None:
        self.took.append(perf_counter() - lane.due)
        self._free.append(lane)
        if len(self.took) == self._total:
            self.lasted = perf_counter() - self._began
            self.done.set_result(None)

    def close(self) -> None:
        """All of its connections, which are free when it is done."""
        for lane in self._free:
            lane.transport.close()

    def begin(self) -> None:
        self._began = perf_counter()
        self._spin()

    def _spin(self) -> None:
        now = perf_counter()
        while self._free and self._next < self._total:
            due = self._began + self._next * self._interval
            if due > now:
                break
            self._next += 1
            self._free.pop().ask(self._written, due)
            self.late.append(now - due)
        if not self.done.done():
            asyncio.get_running_loop().call_soon(self._spin)


async def hold(order: Order, port: int, rate: float, seconds: float) -> Pace:
    """A pace that came to its end."""
    probe = await connect(port)
    length = len((await probe.ask("GET", order.target, order.headers)).body)
    probe.close()
    written = request(f"localhost:{port}", "GET", order.target, order.headers)
    pace = Pace(written, 1 / rate, max(1, int(rate * seconds)))
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        _, lane = await loop.create_connection(
            lambda: Lane(length, pace.answered), "127.0.0.1", port
        )
        pace.joins(lane)
    pace.begin()
    await asyncio.wait_for(pace.done, seconds * 10 + 60)
    pace.close()
    return pace


def told_of(pace: Pace, rate: float) -> Steadiness:
    counted = pace.took[int(len(pace.took) * COUNTED_FROM) :]
    return Steadiness(
        rate=rate,
        achieved=len(pace.took) / pace.lasted,
        p50=quantile(counted, 0.5) * 1000,
        p99=quantile(counted, 0.99) * 1000,
        p999=quantile(counted, 0.999) * 1000,
        late_p99=quantile(pace.late, 0.99) * 1000,
    )


def main() -> None:
    port, rate, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    pace = uvloop.run(hold(Order.read(sys.stdin.read()), port, rate, seconds))
    print(json.dumps(asdict(told_of(pace, rate))))


if __name__ == "__main__":
    main()
