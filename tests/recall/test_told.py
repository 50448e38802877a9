"""What is told of answers that were known by heart: all are counted, and a part of them is written down."""

from __future__ import annotations

import json

import pytest

from app.testing.world import GatewayServer, World, world
from tests.cache.reads import CAMPAIGNS
from tests.recall.asker import asker, recalls


def lines(running: World) -> int:
    """How many lines tell of answers to that question."""
    told = map(json.loads, running.log.getvalue().splitlines())
    return sum(line.get("operation") == "listCampaigns" for line in told if "status" in line)


@pytest.mark.parametrize(("part", "written"), [(0.0, 0), (1.0, 5)])
def test_a_part_of_the_hits_leaves_a_line(
    way: type[GatewayServer], part: float, written: int
) -> None:
    """BFF_LOG__HIT_SAMPLE says which part; none of them goes uncounted."""
    with world(gateway=way(), log={"hit_sample": part}) as running:
        cleo = asker(running, "cleo", CAMPAIGNS)
        cleo.known()
        before, counted = lines(running), recalls(running.gateway)
        for _ in range(5):
            assert cleo.ask().status_code == 200
        assert recalls(running.gateway) - counted == 5
        assert lines(running) - before == written
