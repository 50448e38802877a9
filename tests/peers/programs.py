"""Programs of others, for Node: started on a loopback port for as long as a test needs them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

START_SECONDS = 30.0
HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


def node(package: str, modules: Path = MODULES) -> str:
    """Where Node is. Without it, or without that package, a test is skipped; in CI it fails."""
    found = shutil.which("node")
    if found is None:
        _do_without(package, "there is no Node")
    installed(package, modules)
    return found


def installed(package: str, modules: Path = MODULES) -> Path:
    """The package's folder. Without it a test is skipped; in CI it fails."""
    folder = modules / package
    if not folder.is_dir():
        _do_without(package, "scripts/node-packages was not run")
    return folder


def _do_without(package: str, missing: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI runs {package}, and {missing}")
    pytest.skip(f"{missing}, so that {package} cannot be run")


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[None]:
    """From when the program answers on that port."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, text=True)
        try:
            wait_for(process, port, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(process: subprocess.Popen[str], port: int, log: Path) -> None:
    """There is nothing to wait on but the port itself: ask until it answers or the process ends."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode}:\n{log.read_text()}")
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"it did not start:\n{log.read_text()}")
