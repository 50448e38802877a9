"""wrk: a closed loop of 32 connections that ask as fast as they are answered."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.machine import WRK
from bench.peers.peer import Contestant

CONNECTIONS = 32
# A short round on a busy machine may end before the first answer: then it is a longer one.
LONGER = (5, 50)
SCRIPTS = Path(__file__).parent
FRESH, MIXED = SCRIPTS / "fresh.lua", SCRIPTS / "mixed.lua"


class Failed(Exception):
    """A run of wrk came to nothing, or was answered by errors."""


@dataclass(frozen=True, slots=True)
class Round:
    """One run. `requests` are those that were answered, `begun` as well those whom its end left
    unanswered, one on each connection: the server did their work. `cpu_us` is its processor time for
    each begun one, in microseconds. Latencies, in milliseconds, are those of a closed loop, which asks
    less when it is answered late."""

    requests: int
    begun: int
    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


def run(
    one: Contestant,
    target: str,
    seconds: float,
    *,
    headers: Mapping[str, str] | None = None,
    script: Path | None = None,
    arguments: Sequence[str] = (),
) -> Round:
    """Raises Failed when anything but 2xx and 3xx was answered, or nothing at all. wrk knows whole
    seconds alone, so it is stopped by a signal."""
    assert WRK is not None
    named = one.headers if headers is None else headers
    lines = [part for key, value in named.items() for part in ("-H", f"{key}: {value}")]
    with tempfile.TemporaryDirectory(prefix="bench-wrk-") as folder:
        joined = Path(folder) / "script.lua"
        parts = [SCRIPTS / "done.lua", *([script] if script else [])]
        joined.write_text("\n".join(part.read_text("utf-8") for part in parts), "utf-8")
        url = f"http://127.0.0.1:{one.port}{target}"
        options = ["-t1", f"-c{CONNECTIONS}", "-d3600s", "--timeout=60s", "-s", str(joined)]
        command = [WRK, *options, *lines, url, "--", *arguments]
        for longer in (1, *LONGER):
            before = one.program.cpu_seconds
            said = _stopped_after(seconds * longer, command)
            one.program.settle()
            if found := _read(one, said, one.program.cpu_seconds - before):
                return found
    raise Failed(f"{one.name}: nothing was answered in {seconds * LONGER[-1]} s")


def _stopped_after(seconds: float, command: Sequence[str]) -> str:
    """SIGINT is wrk's ordinary end: it tells what it has. It counts from its two first lines on, which
    come when its script is ready."""
    with subprocess.Popen(
        ["stdbuf", "-oL", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            begun = process.stdout.readline() + process.stdout.readline()
            time.sleep(seconds)
            return begun + _ended(process)
        finally:
            process.kill()  # where it was interrupted; else there is nothing left to kill


def _ended(process: subprocess.Popen[str]) -> str:
    """A signal just before it goes to sleep wakes nobody: it is sent until it did."""
    while True:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            said, _ = process.communicate(timeout=1)
            return said


def _read(one: Contestant, said: str, used: float) -> Round | None:
    lines = [line for line in said.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise Failed(f"{one.name}: {said}")
    requests, microseconds, refused, broken, p50, p99 = (
        float(part) for part in lines[0].split()[1:]
    )
    if refused or broken:
        raise Failed(f"{one.name}: {requests:g} requests, {refused:g} refused, {broken:g} broken")
    if not requests:
        return None
    begun = int(requests) + CONNECTIONS
    return Round(
        requests=int(requests),
        begun=begun,
        rate=requests / microseconds * 1e6,
        cpu_us=used / begun * 1e6,
        p50_ms=p50 / 1000,
        p99_ms=p99 / 1000,
    )
