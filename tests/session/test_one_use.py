"""What is given away once."""

from __future__ import annotations

import asyncio

import pytest

from app.clock import MovableClock
from app.session.one_use import Briefly
from app.session.records import LocalRecords


def test_a_secret_is_redeemed_once() -> None:
    """However many redeem it at once, one gets the value."""

    async def story() -> None:
        clock = MovableClock()
        store = Briefly(LocalRecords(clock, 10), clock, 60)
        secret = await store.issue("value")
        assert len(secret) == 43
        ends = await asyncio.gather(*(store.redeem(secret) for _ in range(20)))
        assert (ends.count("value"), ends.count(None)) == (1, 19)
        assert await store.redeem("A" * 43) is None

    asyncio.run(story())


@pytest.mark.parametrize(("later", "alive"), [(58, True), (61, False)])
def test_a_value_expires(later: int, alive: bool) -> None:
    """After its time a value is as if it had never been."""

    async def story() -> None:
        clock = MovableClock()
        store = Briefly(LocalRecords(clock, 10), clock, 60)
        await store.put("key", "value")
        clock.advance(later)
        assert await store.take("key") == ("value" if alive else None)

    asyncio.run(story())


@pytest.mark.holds(99)
def test_the_records_do_not_know_the_secret() -> None:
    """Whoever reads them has a hash, with which nothing can be redeemed."""

    async def story() -> None:
        clock = MovableClock()
        kept: LocalRecords[str] = LocalRecords(clock, 10)
        store = Briefly(kept, clock, 60)
        secret = await store.issue("value")
        (key,) = kept._kept
        assert secret not in key
        assert await store.redeem(key) is None

    asyncio.run(story())
