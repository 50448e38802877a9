"""FastAPI as people write it, on uvicorn with uvloop and httptools, without an access log."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.credentials import host_cookie
from bench.gateway import PAGE
from bench.machine import CHECKOUT
from bench.peers.peer import Contestant
from bench.platform import Platform
from bench.programs import free_port, running

OPTIONS = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")


@contextmanager
def fastapi(folder: Path, platform: Platform, core: int) -> Iterator[Contestant]:
    folder.mkdir()
    port = free_port()
    application = ["bench.peers.idiomatic:app", "--port", str(port), *OPTIONS]
    command = [sys.executable, "-m", "uvicorn", *application]
    with running(
        command,
        port=port,
        core=core,
        log=folder / "uvicorn.log",
        environment=os.environ | {"PLATFORM": platform.origin},
        folder=CHECKOUT,
    ) as program:
        yield Contestant(
            "fastapi",
            "FastAPI as tutorials write it: Depends, python-jose, cachetools, httpx",
            program,
            PAGE | {"Cookie": host_cookie(1)},
        )
