"""A world that tests only read from, shared by a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import Browser, World, world
from tests.proxy.asks import WHO


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    with world() as running:
        yield running


@pytest.fixture(scope="module")
def ana(shared_world: World) -> Browser:
    """The workspace's admin, signed in there."""
    return shared_world.sign_in(WHO)


@pytest.fixture
def healed(shared_world: World) -> Iterator[World]:
    """The shared world for one test that disturbs the platform: afterwards it works again.

    Kept answers are aged away before, so that each read asks the platform.
    """
    shared_world.advance(90)
    shared_world.forget_calls()
    yield shared_world
    shared_world.heal()
