"""What a kept answer leaves in memory is nothing that Python's collector of cycles has to look at."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

from app.testing.world import World
from tests.cache.reads import CAMPAIGNS, MEMBERS


def left(world: World) -> Iterator[tuple[str, Any]]:
    """By name, all that is kept of answers in the first level and in the memory of requests."""
    parts, memory = world.parts, world.gateway.app.state.memory
    for held in parts.cache.store._held.values():
        yield from (("held", held), ("owner", held.owner), ("content", held.content))
        yield from (("snapshot", held.snapshot), ("epochs", held.snapshot.epochs))
        yield from (("tag", tag) for tag in held.snapshot.epochs)
    for memo in memory._memos.values():
        yield from (("memo", memo), ("standing", memo.standing))


def test_the_collector_passes_over_what_is_kept(strict_world: World) -> None:
    """It looks at each object that could be a part of a cycle, again and again while they get more: of
    kept answers there are as many as memory holds."""
    ben = strict_world.sign_in("ben")
    for path in (CAMPAIGNS, MEMBERS) * 2:  # what is learnt by the first is no memo yet
        assert ben.api("GET", path).status_code == 200
    found = dict(left(strict_world))
    assert found.keys() >= {"held", "snapshot", "tag", "content", "memo"}
    tracked = {name for name, one in left(strict_world) if gc.is_tracked(one)}
    assert tracked == set()
