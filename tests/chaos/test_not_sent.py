"""Money that never left: what the table cannot say, because something has to work first."""

from __future__ import annotations

import pytest

from tests.harness import settle

from .scenes import Cold, Spend
from .stage import stage
from .toxics import Last


@pytest.mark.holds(83, 88, 89)
def test_a_write_that_got_no_connection_was_not_made() -> None:
    """The list before it was answered, and then nobody could connect: the key is free, nobody has to
    find out anything, and the same key makes the campaign once."""
    with stage() as running:
        scene = Spend(running)
        scene.prepare()
        settle(running.world)
        running.proxy.lines.clear()
        running.proxy.turn(requests=Last(), when=Cold.line)
        assert scene.told(scene.ask()) == "503:upstream-unavailable"
        assert running.proxy.asked(Cold.line) == 1
        assert not running.proxy.asked(Spend.line)
        assert not running.world.parts.spending._settling
        assert scene.end() == "free"
