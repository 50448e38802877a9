"""Fixtures that every test can ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.testing.world import GatewayServer, World, world


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--late",
        action="store_true",
        help="let the application answer what is known by heart, as under any ASGI server",
    )


def pytest_configure(config: pytest.Config) -> None:
    GatewayServer.early = not config.getoption("--late")


@pytest.fixture
def strict_world() -> Iterator[World]:
    """A gateway on a platform that enforces permissions and tokens."""
    with world() as running:
        yield running


@pytest.fixture(params=["strict", "lax"])
def either_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A gateway on a platform that enforces, and on one that trusts the key alone."""
    with world(strict=request.param == "strict") as running:
        yield running
