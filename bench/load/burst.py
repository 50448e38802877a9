"""A crowd: one request on each of many connections, all sent at the same moment.

`python -m bench.load.burst PORT COUNT`, with address and headers on standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from time import perf_counter

import uvloop

from bench.load.client import Connection, connect, request
from bench.load.order import Order, quantile


@dataclass(frozen=True, slots=True)
class Crowd:
    """Milliseconds; `answered` are those with 200."""

    asked: int
    answered: int
    p50: float
    p99: float
    longest: float


async def ask_together(order: Order, port: int, count: int) -> Crowd:
    connections = [await connect(port) for _ in range(count)]
    written = request(f"localhost:{port}", "GET", order.target, order.headers)
    began = perf_counter()

    async def ask(connection: Connection) -> tuple[int, float]:
        answer = await connection.answered()
        return answer.status, perf_counter() - began

    for connection in connections:
        connection.send(written)
    answers = await asyncio.gather(*map(ask, connections))
    for connection in connections:
        connection.close()
    took = [seconds for _, seconds in answers]
    return Crowd(
        asked=count,
        answered=sum(status == 200 for status, _ in answers),
        p50=quantile(took, 0.5) * 1000,
        p99=quantile(took, 0.99) * 1000,
        longest=max(took) * 1000,
    )


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    print(json.dumps(asdict(uvloop.run(ask_together(Order.read(sys.stdin.read()), port, count)))))


if __name__ == "__main__":
    main()
