"""A sandbox on a port of its own for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.clock import MovableClock
from app.sandbox.server import SandboxServer
from app.sandbox.state import SandboxOptions

from .platform import GATEWAY, KEY, PREVIOUS_KEY, Platform


def _serve() -> Iterator[Platform]:
    clock = MovableClock()
    options = SandboxOptions("", GATEWAY, KEY, previous_api_key=PREVIOUS_KEY)
    server = SandboxServer(options, clock, port=0)
    server.start()
    platform = Platform(server, clock)
    yield platform
    platform.http.close()
    server.stop()


@pytest.fixture
def platform() -> Iterator[Platform]:
    """One to change."""
    yield from _serve()


@pytest.fixture(scope="session")
def readonly() -> Iterator[Platform]:
    """One that all tests read and none changes."""
    yield from _serve()
