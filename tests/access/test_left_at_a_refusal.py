"""What the platform refused is refused, although its asker left while that was being written down."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable

import pytest

from app.catalogue.tags import Tag
from app.testing.world import World
from tests.faults.reads import CAMPAIGNS, new_insights
from tests.harness import asking

PATIENCE = 10.0


class Slowly:
    """Epochs whose bumps take until they are let go."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._bump = world.parts.epochs.bump
        self.begun, self.let_go, self.done = (threading.Event() for _ in range(3))
        monkeypatch.setattr(world.parts.epochs, "bump", self.bump)

    async def bump(self, tags: Iterable[Tag]) -> None:
        self.begun.set()
        while not self.let_go.is_set():  # noqa: ASYNC110  # it is another thread that sets it
            await asyncio.sleep(0.001)
        await self._bump(tags)
        self.done.set()


def leave(world: World, bumps: Slowly, path: str) -> None:
    """Ask, and be gone when the platform has refused."""
    with asking(world.sign_in("ben"), "GET", path):
        assert bumps.begun.wait(PATIENCE)
    until = time.monotonic() + PATIENCE
    while '"status":499' not in world.log.getvalue():
        assert time.monotonic() < until
        time.sleep(0.002)
    bumps.let_go.set()


@pytest.mark.holds(77, 87)
@pytest.mark.parametrize("refused", ["getInsights", "getTeam"])
def test_a_refusal_that_nobody_waits_for_is_one(
    strict_world: World, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """What was kept for him before it is not served afterwards."""
    ben = strict_world.sign_in("ben")
    ben.read(CAMPAIGNS)
    if refused == "getTeam":
        strict_world.advance(31)
    strict_world.fault(refused, "status", status=404)
    bumps = Slowly(strict_world, monkeypatch)
    leave(strict_world, bumps, next(new_insights()))
    assert bumps.done.wait(PATIENCE)
    strict_world.fault("getCampaigns", "status", status=503, times=None)
    assert ben.api("GET", CAMPAIGNS).status_code == 502
