"""How long changes take while dashboards want all that the platform gives: `python -m bench.beside`.

The platform takes its time here, so that its connections are what is short and not the processor.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter

import uvloop

from bench import machine
from bench.credentials import identity_provider, issuer_at, sign_in
from bench.gateway import PAGE, gateway
from bench.load.client import connect
from bench.load.order import quantile
from bench.machine import Cores
from bench.platform import platform
from bench.reads import change, dashboard
from bench.scene import record

# How long the platform takes for each answer (seconds), and how many changes are measured.
PLANS = ((0.1, 120), (0.3, 100))
DASHBOARDS = 20
RESULTS = Path("bench/results/beside.json")


@dataclass(frozen=True, slots=True)
class Beside:
    """Milliseconds; `dashboards` is how many were answered meanwhile."""

    platform_takes: float
    changes: int
    quiet_p50: float
    quiet_p99: float
    busy_p50: float
    busy_p99: float
    dashboards: int

    @property
    def ratio(self) -> float:
        return self.busy_p99 / self.quiet_p99


def main() -> None:
    cores = Cores.choose()
    machine.stay_on(cores.others)
    scene = record()
    found = []
    for seconds, changes in PLANS:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            with (
                platform(scene, folder / "platform", cores.others) as upstream,
                identity_provider(folder, cores.others) as provider,
            ):
                issuer = issuer_at(provider.port)
                found.append(
                    uvloop.run(
                        _measured(
                            folder, upstream.program.port, issuer, cores.server, seconds, changes
                        )
                    )
                )
    RESULTS.write_text(
        json.dumps([asdict(one) | {"ratio": one.ratio} for one in found], indent=2) + "\n", "utf-8"
    )
    for one in found:
        print(one, f"ratio {one.ratio:.2f}")


async def _measured(
    folder: Path, upstream: int, issuer: str, core: int, seconds: float, changes: int
) -> Beside:
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(_slowly(upstream, seconds))
        program = stack.enter_context(
            gateway(folder / "gateway", f"http://127.0.0.1:{slow}", issuer, core)
        )
        cookie = (await asyncio.to_thread(sign_in, program.port, issuer, [1]))[1]
        headers = PAGE | {"Cookie": cookie}
        await _changes(program.port, headers, 10)
        quiet = await _changes(program.port, headers, changes)
        days, answered = count(), [0]
        crowd = [
            asyncio.create_task(_dashboards(program.port, headers, days, answered))
            for _ in range(DASHBOARDS)
        ]
        await _changes(program.port, headers, 10)
        busy = await _changes(program.port, headers, changes)
        for one in crowd:
            one.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return Beside(
            seconds * 1000,
            changes,
            quantile(quiet, 0.5) * 1000,
            quantile(quiet, 0.99) * 1000,
            quantile(busy, 0.5) * 1000,
            quantile(busy, 0.99) * 1000,
            answered[0],
        )


async def _changes(port: int, headers: dict[str, str], times: int) -> Sequence[float]:
    """One after the other; seconds each."""
    connection, found = await connect(port), []
    given = headers | {"Content-Type": "application/json"}
    for turn in range(times):
        body = json.dumps({"status": ("PAUSED", "ACTIVE")[turn % 2]}).encode()
        began = perf_counter()
        answer = await connection.ask("PATCH", change(), given, body)
        found.append(perf_counter() - began)
        assert answer.status == 200, answer.body
    connection.close()
    return found


async def _dashboards(
    port: int, headers: dict[str, str], days: count[int], answered: list[int]
) -> None:
    """New ones without a pause."""
    connection = await connect(port)
    while True:
        start = date(2026, 5, 4) - timedelta(days=next(days) % 700)
        answer = await connection.ask("GET", dashboard(1, str(start), str(start)), headers)
        assert answer.status in {200, 503}, answer.body
        answered[0] += answer.status == 200


@asynccontextmanager
async def _slowly(port: int, seconds: float) -> AsyncIterator[int]:
    """A way to that port on which each request is so long on its way; gives the port where it begins."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        answers = asyncio.create_task(_copy(there, writer, 0))
        try:
            await _copy(reader, back, seconds)
        finally:
            answers.cancel()
            back.close()
            writer.close()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wait: float) -> None:
    while piece := await reader.read(65536):
        if wait:
            await asyncio.sleep(wait)
        writer.write(piece)


if __name__ == "__main__":
    main()
