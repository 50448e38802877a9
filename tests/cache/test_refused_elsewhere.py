"""A refusal that one replica was told holds on the others, also when the platform is gone then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.catalogue.operation import Read
from app.errors import AccessUnavailable, NotFound
from tests.cache.reads import TEAM, campaigns, members
from tests.cache.replicas import Replicas
from tests.cache.still import StillClock
from tests.inside import Platform, platform
from tests.replicas.redis_server import redis_server


@pytest.fixture
def still() -> Iterator[Platform]:
    with platform(clock=StillClock()) as running:
        yield running


@pytest.fixture
def replicas(still: Platform, tmp_path: Path) -> Iterator[Replicas]:
    with redis_server() as redis:
        running = Replicas(still.server.origin, still.clock, tmp_path / "ledger.db", redis)
        running.play(running.start(2))
        yield running
        running.end()


@pytest.mark.holds(53, 54)
@pytest.mark.parametrize("operation", [members(), campaigns()], ids=["team", "account"])
def test_an_outage_brings_nothing_back_that_was_refused_elsewhere(
    still: Platform, replicas: Replicas, operation: Read[Any]
) -> None:
    """Where he was known and where he was refused: neither serves him what was kept before."""

    async def story() -> None:
        await replicas.ask(0, "cleo", operation)
        still.sandbox.world.remove(TEAM, "cleo")
        still.clock.advance(31)
        with pytest.raises(NotFound):
            await replicas.ask(1, "cleo", operation)
        still.fault("*", "reset", times=None)
        await replicas.settle()
        for replica in (0, 1):
            with pytest.raises(AccessUnavailable):
                await replicas.ask(replica, "cleo", operation)

    replicas.play(story())
