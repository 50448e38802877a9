"""One after the other: a change, and a read of what it changed.

`python -m bench.load.changes PORT COUNT`, with both addresses and headers on standard input.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from time import perf_counter

import uvloop

from bench.load.client import connect
from bench.load.order import Order, quantile


@dataclass(frozen=True, slots=True)
class Changes:
    """Milliseconds. `fresh` are the reads that were fetched anew."""

    changes: int
    fresh: int
    change_p50: float
    change_p99: float
    read_p50: float
    read_p99: float


async def change_and_read(order: Order, port: int, count: int) -> Changes:
    connection = await connect(port)
    changed, read, fresh = [], [], 0
    headers = {**order.headers, "Content-Type": "application/json"}
    for turn in range(count):
        body = json.dumps({"status": ("PAUSED", "ACTIVE")[turn % 2]}).encode()
        began = perf_counter()
        answer = await connection.ask("PATCH", order.change, headers, body)
        between = perf_counter()
        assert answer.status == 200, answer.body
        answer = await connection.ask("GET", order.target, order.headers)
        changed.append(between - began)
        read.append(perf_counter() - between)
        assert answer.status == 200, answer.body
        fresh += "fwd=miss" in (answer.header("cache-status") or "")
    connection.close()
    return Changes(
        changes=count,
        fresh=fresh,
        change_p50=quantile(changed, 0.5) * 1000,
        change_p99=quantile(changed, 0.99) * 1000,
        read_p50=quantile(read, 0.5) * 1000,
        read_p99=quantile(read, 0.99) * 1000,
    )


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    told = uvloop.run(change_and_read(Order.read(sys.stdin.read()), port, count))
    print(json.dumps(asdict(told)))


if __name__ == "__main__":
    main()
