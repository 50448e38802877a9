"""Programs as processes: started on a core, waited for, looked at from outside, ended."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.machine import CHECKOUT, pinned

START_SECONDS = 60.0  # an emulated one needs half of them
END_SECONDS = 20.0
# A program is idle when its processor time stands still for this long; one that never is, is not
# waited for any longer than that.
IDLE_SECONDS = 0.05
SETTLE_SECONDS = 5.0
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class DidNotStart(Exception):
    """A program ended, or did not answer in time; what it said is the message."""


@dataclass(frozen=True, slots=True)
class Program:
    """A running program. What it costs is that of all its processes."""

    process: subprocess.Popen[bytes]
    command: Sequence[str]
    port: int
    log: Path

    @property
    def shown(self) -> str:
        """Its command, as it would be typed in the checkout; FOLDER is one of its own."""
        typed = shlex.join(self.command).replace(str(self.log.parent), "FOLDER")
        return typed.replace(f"{CHECKOUT}/", "")

    @property
    def cpu_seconds(self) -> float:
        """Processor time, of the user and of the system on his behalf."""
        return sum(_cpu(pid) for pid in _family(self.process.pid))

    @property
    def resident(self) -> int:
        """Bytes of memory in use."""
        return sum(_resident(pid) for pid in _family(self.process.pid))

    def settle(self) -> None:
        """Wait until it has nothing to do: whom a round left unanswered is no part of the next."""
        until = time.monotonic() + SETTLE_SECONDS
        used = -1.0
        while used < (now := self.cpu_seconds) and time.monotonic() < until:
            used = now
            time.sleep(IDLE_SECONDS)


@contextmanager
def running(
    command: Sequence[str],
    *,
    port: int,
    core: int,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[Program]:
    """From when it takes connections on that port of this machine."""
    whole = pinned(command, core)
    with log.open("wb") as output:
        process = subprocess.Popen(whole, stdout=output, stderr=output, env=environment, cwd=folder)
    try:
        _wait(process, port, log)
        yield Program(process, whole, port, log)
    finally:
        _end(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """There is nothing to wait on but the port itself."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise DidNotStart(log.read_text("utf-8"))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    raise DidNotStart(log.read_text("utf-8"))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _family(pid: int) -> list[int]:
    """The process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]) * PAGE
