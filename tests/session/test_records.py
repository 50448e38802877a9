"""What records are, wherever they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.ledger.sqlite_records import SqliteRecords
from app.sealing import Form, Sealing
from app.session.records import LocalRecords, Records, hashed
from app.session.redis_records import RedisRecords

from .keeping import OLD_KEY, Keeper

Story = Callable[[Records[str]], Awaitable[None]]


def names(value: str) -> list[str]:
    """The words of a text."""
    return value.split()


@pytest.fixture
def told(keeper: Keeper, tmp_path: Path) -> Callable[[Story], None]:
    """Runs a story about texts that are found by their words."""

    async def run(story: Story) -> None:
        async with keeper.replica() as replica:
            if replica.link is None:
                await story(LocalRecords(keeper.clock, 100, names))
                in_file = SqliteRecords(
                    str(tmp_path / "records.db"), "text", str, keeper.clock, names
                )
                await story(in_file)
                await in_file.close()
            else:
                given = (replica.link, Sealing([OLD_KEY]), keeper.clock, replica.counters)
                await story(RedisRecords(Form("text"), "t", str, *given, names=names))

    return lambda story: asyncio.run(run(story))


def test_kept_until(keeper: Keeper, told: Callable[[Story], None]) -> None:
    """A record is there until its moment, and from then on for nobody, by key or by name."""

    async def story(records: Records[str]) -> None:
        now = keeper.clock.time
        await records.put("k", "a b", now + 10)
        keeper.clock.time = now + 9
        assert await records.get("k") == "a b"
        assert await records.named("b") == ["a b"]
        keeper.clock.time = now + 10
        assert await records.get("k") is None
        assert await records.named("b") == []
        assert await records.take("k") is None
        assert await records.take("unknown") is None

    told(story)


def test_exchange(keeper: Keeper, told: Callable[[Story], None]) -> None:
    """Only what is known to be there is exchanged; of many who know the same, one does it."""

    async def story(records: Records[str]) -> None:
        until = keeper.clock.time + 10
        assert await records.exchange("k", "a", "b", until) is False
        assert await records.get("k") is None
        await records.put("k", "a", until)
        assert await records.exchange("k", "b", "c", until) is False
        assert await records.get("k") == "a"
        tries = (records.exchange("k", "a", f"b {number}", until) for number in range(10))
        assert sorted(await asyncio.gather(*tries)) == [False] * 9 + [True]
        found = await records.get("k")
        assert found is not None
        assert await records.named("b") == [found]
        assert await records.named("a") == []
        assert await records.exchange("k", found, "a", until) is True
        assert await records.named("b") == []

    told(story)


def test_put_and_replace(keeper: Keeper, told: Callable[[Story], None]) -> None:
    """What is put stands in the place of what was there; a replacement needs something there."""

    async def story(records: Records[str]) -> None:
        until = keeper.clock.time + 10
        assert await records.replace("k", "a", until) is False
        assert await records.get("k") is None
        await records.put("k", "a", until)
        await records.put("k", "a b", until)
        assert await records.replace("k", "a c", until) is True
        assert await records.get("k") == "a c"
        assert await records.named("a") == await records.named("c") == ["a c"]
        assert await records.take("k") == "a c"
        assert await records.replace("k", "a", until) is False
        assert await records.get("k") is None

    told(story)


def test_added_once(keeper: Keeper, told: Callable[[Story], None]) -> None:
    """Of many who add a record one succeeds; when it is gone the next one does."""

    async def story(records: Records[str]) -> None:
        now = keeper.clock.time
        added = [records.add("k", f"a {n}", now + 10) for n in range(20)]
        assert sorted(await asyncio.gather(*added)) == [False] * 19 + [True]
        assert len(await records.named("a")) == 1
        assert await records.take("k") is not None
        assert await records.add("k", "b", now + 20) is True
        assert await records.get("k") == "b"
        assert await records.named("a") == []
        assert await records.take("k") == "b"

    told(story)


def test_taking_by_name(keeper: Keeper, told: Callable[[Story], None]) -> None:
    """All that bear a name are taken, once; what shares another name with them stays."""

    async def story(records: Records[str]) -> None:
        until = keeper.clock.time + 10
        for key, value in (("1", "a b"), ("2", "a c"), ("3", "b")):
            await records.put(key, value, until)
        assert sorted(await records.take_named("a")) == ["a b", "a c"]
        assert await records.take_named("a") == await records.named("a") == []
        assert await records.named("b") == ["b"]
        assert await records.get("1") is None

    told(story)


def test_a_full_process_drops_the_longest_unchanged() -> None:
    """In process there is a bound; what is over makes room first, and its names go with it."""

    async def story() -> None:
        keeper = Keeper(None)
        now = keeper.clock.time
        records = LocalRecords[str](keeper.clock, 2, names)
        for key in ("1", "2", "3"):
            await records.put(key, f"all {key}", now + 10)
        assert sorted(await records.named("all")) == ["all 2", "all 3"]
        assert await records.named("1") == []
        keeper.clock.time = now + 10
        await records.put("4", "all 4", now + 20)
        assert set(records._kept) == {"4"}
        assert set(records._bearers) == {"all", "4"}

    asyncio.run(story())


def test_hashed_names() -> None:
    """Kinds of names do not meet, and a name is no id."""
    assert hashed("sub", "ana") != hashed("user", "ana")
    assert hashed("user", "ana") == hashed("user", "ana") != hashed("user", "ben")
    assert "ana" not in hashed("user", "ana")
