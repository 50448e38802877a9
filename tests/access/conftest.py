"""Worlds that several tests of a module share, for tests that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.testing.world import World, world


@pytest.fixture(scope="module", params=["strict", "lax"])
def shared_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """As `either_world`; not for tests that change something."""
    with world(strict=request.param == "strict") as running:
        yield running
