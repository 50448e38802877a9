"""A world that tests only read from, shared by a module, and the engines of the exchange."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.testing.world import Browser, World, world
from tests.harness import settle
from tests.proxy.asks import WHO
from tests.proxy.engines import ENGINES, OURS, Engine


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    """Nothing is kept in it, so that each read asks the platform."""
    with world(cache={"max_bytes": 0}) as running:
        yield running


@pytest.fixture(scope="module")
def ana(shared_world: World) -> Browser:
    """The workspace's admin, signed in there."""
    return shared_world.sign_in(WHO)


@pytest.fixture
def healed(shared_world: World) -> Iterator[World]:
    """The shared world for one test that disturbs the platform: afterwards it works again.

    Facts and proofs of access have aged away, and what tests before it began in the background is over:
    a token that aged with the clock is refreshed there.
    """
    settle(shared_world)
    shared_world.advance(61)
    shared_world.sandbox.calls.clear()
    yield shared_world
    shared_world.sandbox.faults.clear()


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each test runs on all of them."""
    chosen: Engine = request.param
    return chosen


@pytest.fixture(params=OURS, ids=lambda engine: engine.name)
def direct(request: pytest.FixtureRequest) -> Engine:
    """The engine of our own, for what it does better than the library."""
    chosen: Engine = request.param
    return chosen
