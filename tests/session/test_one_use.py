"""What is given away once."""

from __future__ import annotations

import asyncio

import pytest

from app.clock import MovableClock
from app.sealing import Sealing
from app.session.one_use import LocalOneUse, OneUse, Sealed, issue, redeem

SEALING = Sealing([b"k" * 32])


def test_a_secret_is_redeemed_once() -> None:
    """However many redeem it at once, one gets the value."""

    async def story() -> None:
        store: OneUse = Sealed(LocalOneUse(MovableClock(), seconds=60), SEALING, "test")
        secret = await issue(store, b"value")
        assert len(secret) == 43
        ends = await asyncio.gather(*(redeem(store, secret) for _ in range(20)))
        assert (ends.count(b"value"), ends.count(None)) == (1, 19)
        assert await redeem(store, "A" * 43) is None

    asyncio.run(story())


@pytest.mark.parametrize(("later", "alive"), [(58, True), (61, False)])
def test_a_value_expires(later: int, alive: bool) -> None:
    """After its time a value is as if it had never been."""

    async def story() -> None:
        clock = MovableClock()
        store = LocalOneUse(clock, seconds=60)
        await store.put("key", b"value")
        clock.advance(later)
        assert await store.take("key") == (b"value" if alive else None)

    asyncio.run(story())


def test_a_full_store_keeps_to_its_bound() -> None:
    """What was put first makes room; beside each value its own cost counts."""

    async def story() -> None:
        store = LocalOneUse(MovableClock(), seconds=60, most_bytes=3 * 356)
        for name in "abcd":
            await store.put(name, b"x" * 100)
        kept = [name for name in "abcd" if await store.take(name) is not None]
        assert kept == ["b", "c", "d"]

    asyncio.run(story())


@pytest.mark.holds(99)
def test_a_store_can_use_nothing_of_it() -> None:
    """The store sees neither secret nor value, and a value opens for its own purpose and key alone."""

    async def story() -> None:
        seen: dict[str, bytes] = {}

        class Watched(LocalOneUse):
            async def put(self, key: str, value: bytes) -> None:
                seen[key] = value
                await super().put(key, value)

        store = Watched(MovableClock(), seconds=60)
        secret = await issue(Sealed(store, SEALING, "test"), b"a readable value")
        ((key, value),) = seen.items()
        assert secret not in key
        assert b"readable" not in value
        assert await Sealed(store, SEALING, "other").take(key) is None
        await store.put("another key", value)
        assert await Sealed(store, SEALING, "test").take("another key") is None
        await store.put(key, value)
        assert await Sealed(store, SEALING, "test").take(key) == b"a readable value"

    asyncio.run(story())
