"""Loading once for all who wait."""

from __future__ import annotations

import asyncio

import pytest

from app.clock import MovableClock
from app.errors import UpstreamUnavailable
from app.session.kept import Kept, Loaded


def test_loading_once_for_all() -> None:
    """Many who wait cause one load, share its failure, and one who leaves disturbs nobody."""

    async def story() -> None:
        gate, loads = asyncio.Event(), 0

        async def load() -> Loaded[str]:
            nonlocal loads
            loads += 1
            await gate.wait()
            if loads == 1:
                raise UpstreamUnavailable
            return Loaded("value", 60)

        kept = Kept(load, MovableClock())
        waiting = [asyncio.create_task(kept.get()) for _ in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.set()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert loads == 1
        assert isinstance(ends[0], asyncio.CancelledError)
        assert {type(one) for one in ends[1:]} == {UpstreamUnavailable}
        assert await kept.get() == "value"
        await kept.close()

    asyncio.run(story())


def test_closing_ends_a_load() -> None:
    """A load under way ends with its owner."""

    async def never() -> Loaded[str]:
        await asyncio.Event().wait()
        raise AssertionError

    async def story() -> None:
        kept = Kept(never, MovableClock())
        waiting = asyncio.create_task(kept.get())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await kept.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await Kept(never, MovableClock()).close()

    asyncio.run(story())


def test_renewing_in_the_background() -> None:
    """Late in its life a value serves and is loaded again; who wants a newer one waits for that load."""

    async def story() -> None:
        clock, gate, loads = MovableClock(), asyncio.Event(), 0

        async def load() -> Loaded[int]:
            nonlocal loads
            loads += 1
            if loads > 1:
                await gate.wait()
            return Loaded(loads, 1000)

        kept = Kept(load, clock)
        assert kept.current() is None
        assert await kept.get() == 1
        clock.advance(790)
        assert kept.current() == 1
        await asyncio.sleep(0)
        assert loads == 1
        clock.advance(20)
        assert kept.current() == 1
        await asyncio.sleep(0)
        assert (loads, kept.current()) == (2, 1)
        newer = asyncio.create_task(kept.get_newer())
        await asyncio.sleep(0)
        gate.set()
        assert await newer == 2
        assert (loads, kept.current()) == (2, 2)
        await kept.close()

    asyncio.run(story())
