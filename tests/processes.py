"""The command `bff` as a process of its own, as people start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

BFF = [sys.executable, "-m", "app.cli"]
START_SECONDS = 30.0


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of the gateway, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BFF_")}
    return inherited | settings


def neighbouring_ports() -> int:
    """A free port whose follower is free too: the gateway's, and the embedded sandbox's."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@contextmanager
def running(
    *arguments: str, port: int, directory: Path, settings: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`bff` with these arguments, from the moment that it accepts connections on the port."""
    process = subprocess.Popen(
        [*BFF, *arguments],
        cwd=directory,
        env=environment(**(settings or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for(process, port)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _wait_for(process: subprocess.Popen[str], port: int) -> None:
    """There is nothing to wait on but the port itself: ask until it answers or the process ends."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            output, _ = process.communicate()
            raise AssertionError(f"it ended with {process.returncode}:\n{output}")
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("it did not start")
