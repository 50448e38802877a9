"""The checks on a sandbox, and small servers that answer as a platform could."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from app.checking.live import check_live
from app.clock import Clock, SystemClock
from app.findings import Finding
from app.testing.world import settings_for
from tests.inside import GATEWAY
from tests.ports import free_port


def checked(
    origin: str,
    *,
    live: bool = False,
    routes: bool = False,
    probe_user: str | None = None,
    clock: Clock | None = None,
    **groups: Any,
) -> list[Finding]:
    """What is found with these settings on that platform."""
    settings = settings_for(origin, GATEWAY, **groups)
    return asyncio.run(
        check_live(
            settings, clock or SystemClock(), probe_user=probe_user, routes=routes, live=live
        )
    )


def of(findings: list[Finding], setting: str) -> list[tuple[str, str]]:
    """Severity and sentence of what is said of it."""
    return [(str(one.severity), one.sentence) for one in findings if one.setting == setting]


def verdicts(findings: list[Finding]) -> dict[str, str]:
    """By operation."""
    said = [one.sentence.split(": ") for one in findings if one.setting == "BFF_UPSTREAM__ROUTES"]
    return {words[1].split()[0]: words[2].partition(",")[0] for words in said}


@contextmanager
def answering(app: ASGIApp) -> Iterator[str]:
    """The application on a port of its own; gives its origin."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
