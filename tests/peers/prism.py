"""Prism as the platform: a mock server of others that knows nothing but openapi/upstream.json."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 30.0
HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "openapi" / "upstream.json"
PRISM = HERE / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"


def node() -> str:
    """Where Node is. Without it, or without Prism, a test is skipped; in CI it fails."""
    found = shutil.which("node")
    if found is not None and PRISM.exists():
        return found
    missing = "there is no Node" if found is None else "scripts/node-packages was not run"
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI runs Prism, and {missing}")
    pytest.skip(f"{missing}, so that Prism cannot play the platform")


@contextmanager
def prism(log: Path) -> Iterator[str]:
    """Its origin. `--errors` makes it refuse every request that the document does not allow."""
    port = free_port()
    command = [node(), str(PRISM), "mock", "--errors", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, str(DOCUMENT)], stdout=output, stderr=output, text=True
        )
        try:
            wait_for(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(process: subprocess.Popen[str], port: int) -> None:
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
