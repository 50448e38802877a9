"""What a miss costs an emulated processor: `python -m bench.emulated`, in a minute.

valgrind counts instructions, and what its model of two levels of caches had to fetch: the same numbers
each time, whatever else the machine does, so that a step of one percent can be seen. It does not know how
long an instruction takes, and nothing of the kernel; what counts is what became of the numbers.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from bench.credentials import identity_provider, issuer_at, sign_in
from bench.gateway import PAGE, gateway
from bench.load.client import connect
from bench.machine import Cores
from bench.platform import platform
from bench.reads import DAY, SMALL
from bench.scene import record

VALGRIND, CONTROL = shutil.which("valgrind"), shutil.which("callgrind_control")
# Misses before it is counted, and those that are.
BEFORE, COUNTED = 200, 640
# The first level of a processor of today, and the second as the last one (bytes, ways, bytes of a line).
CACHES = ("--I1=32768,8,64", "--D1=49152,12,64", "--LL=2097152,16,64")
# It is fifty times slower: nothing of that is to be taken for an ill platform.
PATIENT = {"BFF_UPSTREAM__CONNECT_TIMEOUT": "20", "BFF_UPSTREAM__READ_DEADLINE": "30"}


def main() -> int:
    if VALGRIND is None or CONTROL is None:
        print("valgrind is needed: scripts/system-packages emulated", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="emulated-") as folder:
        counted = count(Path(folder), VALGRIND, CONTROL)
    for name, number in counted.items():
        print(f"{name:<40} {number / COUNTED:>12,.0f}")
    return 0


def count(folder: Path, valgrind: str, control: str) -> Mapping[str, int]:
    """By name, of all that was counted."""
    out, cores = folder / "counted", Cores.choose()
    under = [
        *(valgrind, "--tool=callgrind", "--instr-atstart=no", "--cache-sim=yes", *CACHES),
        *(f"--callgrind-out-file={out}", sys.executable),
    ]
    with ExitStack() as stack:
        upstream = stack.enter_context(platform(record(), folder / "platform", cores.others))
        issuer = issuer_at(stack.enter_context(identity_provider(folder, cores.others)).port)
        program = stack.enter_context(
            gateway(
                folder / "gateway", upstream.origin, issuer, cores.server, under=under, **PATIENT
            )
        )
        cookie = sign_in(program.port, issuer, [1])[1]
        asyncio.run(ask(program.port, cookie, range(BEFORE)))
        tell = [control, str(program.process.pid)]
        subprocess.run([*tell, "--instr=on"], check=True, capture_output=True)
        asyncio.run(ask(program.port, cookie, range(BEFORE, BEFORE + COUNTED)))
        subprocess.run([*tell, "--dump"], check=True, capture_output=True)
    return dict(read(Path(f"{out}.1").read_text("utf-8")))


async def ask(port: int, cookie: str, days: Iterable[int]) -> None:
    """The small read, each for a day that nobody asked for before."""
    connection = await connect(port)
    for number in days:
        day = (date.fromisoformat(DAY) - timedelta(days=number)).isoformat()
        target = SMALL.target(1, day, day)
        answer = await connection.ask("GET", target, PAGE | {"Cookie": cookie})
        assert answer.status == 200, answer.body
    connection.close()


def read(dump: str) -> Iterator[tuple[str, int]]:
    """What stands in a dump of callgrind's."""
    lines = {line.partition(": ")[0]: line.partition(": ")[2].split() for line in dump.splitlines()}
    sums = dict(zip(lines["events"], map(int, lines["totals"]), strict=True))
    yield "instructions", sums["Ir"]
    yield "of which had to be fetched", sums["I1mr"]
    yield "data that had to be fetched", sums["D1mr"] + sums["D1mw"]
    yield "either, beyond the second level", sums["ILmr"] + sums["DLmr"] + sums["DLmw"]


if __name__ == "__main__":
    raise SystemExit(main())
