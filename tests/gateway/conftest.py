"""A world for tests that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.testing.world import World, world


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    with world() as running:
        yield running
