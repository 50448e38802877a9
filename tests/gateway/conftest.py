"""A world for tests that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import World, world


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    with world() as running:
        yield running
