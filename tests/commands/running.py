"""The command `bff` as a real process: run to its end, or kept running on free ports."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx2 as httpx

from tests.ports import free_port

BFF = str(Path(sys.executable).with_name("bff"))
PATIENCE = 30.0


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Ours without any setting, and these."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("BFF_")}
    return {**bare, **given}


def bff(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end, in a folder of the test's own."""
    return subprocess.run(
        [BFF, *arguments],
        check=False,
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@dataclass
class Running:
    """A process that serves."""

    process: subprocess.Popen[str]
    output: Path
    port: int

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8")

    def end(self, by: signal.Signals) -> int:
        """The exit code after this signal."""
        self.process.send_signal(by)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(
    *arguments: str,
    cwd: Path,
    settings: Mapping[str, str] | None = None,
    port: int = 0,
    health: str = "/healthz",
    health_port: int = 0,
    program: Sequence[str] = (BFF,),
) -> Iterator[Running]:
    """Start it on that port or a free one, wait until it answers (there, or on `health_port`), and see to
    it that it ends. `program` is what stands in the place of `bff`."""
    port = port or free_port()
    output = cwd / f"{arguments[0]}-{port}.log"
    with output.open("w") as stream:
        process = _start([*program, *arguments, "--port", str(port)], cwd, settings or {}, stream)
    running = Running(process, output, port)
    try:
        _wait(running, health, health_port or port)
        yield running
    finally:
        process.kill()
        process.wait()


def _start(
    command: list[str], cwd: Path, settings: Mapping[str, str], stream: IO[str]
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(settings),
        stdout=stream,
        stderr=subprocess.STDOUT,
        text=True,
        # A signal that a shell told this process to ignore would be ignored there too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def _wait(running: Running, health: str, port: int) -> None:
    """Another process tells only by answering that it is there, so this asks again and again."""
    until = time.monotonic() + PATIENCE
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        while True:
            assert running.process.poll() is None, running.said
            assert time.monotonic() < until, running.said
            try:
                answer = client.get(health)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == 503:  # it is there, and not ready yet
                time.sleep(0.05)
                continue
            answer.raise_for_status()
            return


def exports(printed: str) -> dict[str, str]:
    """The settings that `bff sandbox` prints, exactly as printed."""
    return dict(re.findall(r"^  export (\w+)=(\S+)$", printed, re.MULTILINE))
