"""Every ledger remembers alike: in SQLite for one machine, in Redis for replicas."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from app.cache.redis_epochs import RedisEpochs
from app.cache.redis_link import RedisLink
from app.catalogue import tags
from app.clock import MovableClock
from app.errors import AccessUnavailable
from app.ledger.grants import Entry, Forgotten, GrantRow, Grants, Remembered
from app.ledger.redis_grants import RedisGrants
from app.ledger.sqlite_grants import SqliteGrants
from app.observe.counters import Counters
from app.observe.logs import make_log
from app.sealing import Sealing
from app.settings import LogSettings
from tests.replicas.cluster import RING_KEY
from tests.replicas.redis_server import RedisServer, redis_server

MANAGER, VIEWER, REVOKED = Remembered.MANAGER, Remembered.VIEWER, Remembered.REVOKED
KEY = base64.b64decode(RING_KEY)

Make = Callable[[], Grants]
Play = Callable[[Callable[[Make], Awaitable[None]]], None]


def row(
    permission: Remembered, user: str = "cleo", account: str = "act_1", by: str = "ben"
) -> GrantRow:
    return GrantRow("team-1", account, user, permission, by, 1000.0)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@asynccontextmanager
async def link_to(server: RedisServer) -> AsyncIterator[RedisLink]:
    log = make_log(LogSettings(), io.StringIO())
    link = RedisLink(server.url, "bff:", Counters(), log)
    await link.start()
    try:
        yield link
    finally:
        await link.close()


@pytest.fixture(params=["sqlite", "redis"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Plays a scenario with ledgers of one installation: each call makes another process' one."""

    async def in_sqlite(scenario: Callable[[Make], Awaitable[None]]) -> None:
        made: list[Grants] = []

        def make() -> Grants:
            made.append(SqliteGrants(str(tmp_path / "ledger.db")))
            return made[-1]

        await scenario(make)
        for one in made:
            await one.close()

    async def in_redis(scenario: Callable[[Make], Awaitable[None]]) -> None:
        server = request.getfixturevalue("redis")
        with server.client() as client:
            client.flushall()
        async with link_to(server) as link:
            await scenario(
                lambda: RedisGrants(link, Sealing([KEY]), RedisEpochs(link, MovableClock()))
            )

    chosen = in_sqlite if request.param == "sqlite" else in_redis
    return lambda scenario: asyncio.run(chosen(scenario))


def test_what_was_settled_is_found_by_every_process(play: Play) -> None:
    """By user, account and team; by account in the order of users; by user in that of accounts."""

    async def scenario(make: Make) -> None:
        one, other = make(), make()
        rows = [row(MANAGER, user, account) for user, account in product("ba", ("act_2", "act_1"))]
        await one.settle(await one.tighten(rows))
        assert await other.find("team-1", "act_1", "a") == row(MANAGER, "a", "act_1")
        assert await other.find("team-2", "act_1", "a") is None
        assert await other.find("team-1", "act_3", "a") is None
        assert [found.user for found in await other.on_account("team-1", "act_1")] == ["a", "b"]
        assert [found.ad_account_id for found in await other.in_team("team-1", "a")] == [
            "act_1",
            "act_2",
        ]

    play(scenario)


@pytest.mark.holds(45, 51)
@pytest.mark.parametrize(
    ("prior", "wanted"), list(product([None, MANAGER, VIEWER, REVOKED], [MANAGER, VIEWER, REVOKED]))
)
def test_the_stricter_side_holds_while_a_change_is_under_way(
    play: Play, prior: Remembered | None, wanted: Remembered
) -> None:
    """Before it is sent the stricter of both, after it succeeded what was wanted, else what was."""

    async def scenario(make: Make) -> None:
        ledger = make()
        before = None if prior is None else row(prior)
        if before is not None:
            await ledger.settle(await ledger.tighten([before]))
        stricter = row(wanted, by="ana").tightens(before)
        for succeeds in (False, True):
            (entry,) = await ledger.tighten([row(wanted, by="ana")])
            between = row(wanted, by="ana") if stricter else before
            assert await make().find("team-1", "act_1", "cleo") == between
            await (ledger.settle([entry]) if succeeds else ledger.undo([entry]))
            after = row(wanted, by="ana") if succeeds else before
            assert await make().find("team-1", "act_1", "cleo") == after

    play(scenario)


@pytest.mark.holds(51)
def test_a_change_that_came_between_is_not_undone(play: Play) -> None:
    """Of two at a time, the refused one takes nothing back, and the looser one loosens nothing."""

    async def scenario(make: Make) -> None:
        one, other = make(), make()
        (first,) = await one.tighten([row(VIEWER, by="ana")])
        (second,) = await other.tighten([row(REVOKED, by="ben")])
        await one.undo([first])
        assert await make().find("team-1", "act_1", "cleo") == row(REVOKED, by="ben")
        await one.settle([Entry(row(MANAGER, by="ana"), first.prior, first.standing)])
        assert await make().find("team-1", "act_1", "cleo") == row(REVOKED, by="ben")
        await other.settle([second])
        assert await make().find("team-1", "act_1", "cleo") == row(REVOKED, by="ben")

    play(scenario)


def test_many_changes_at_once_lose_nothing(play: Play) -> None:
    """Forty processes write forty permissions of one team at the same time: all are there."""

    async def scenario(make: Make) -> None:
        async def write(number: int) -> None:
            ledger = make()
            await ledger.settle(await ledger.tighten([row(VIEWER, f"user{number:02}")]))

        await asyncio.gather(*(write(number) for number in range(40)))
        found = await make().on_account("team-1", "act_1")
        assert [one.user for one in found] == [f"user{number:02}" for number in range(40)]

    play(scenario)


# --- Redis alone ----------------------------------------------------------------------------------


@pytest.mark.holds(92, 54)
def test_a_ledger_that_is_away_decides_nothing(redis: RedisServer) -> None:
    """Nobody knows who may: neither yes nor no, for reading and for writing."""

    async def scenario() -> None:
        async with link_to(redis) as link:
            ledger = RedisGrants(link, Sealing([KEY]), RedisEpochs(link, MovableClock()))
            redis.stop()
            try:
                for asked in (
                    ledger.find("team-1", "act_1", "cleo"),
                    ledger.in_team("team-1", "cleo"),
                    ledger.on_account("team-1", "act_1"),
                    ledger.tighten([row(VIEWER)]),
                ):
                    with pytest.raises(AccessUnavailable):
                        await asked
            finally:
                redis.start()

    asyncio.run(scenario())


@pytest.mark.holds(53)
def test_what_was_found_is_asked_again_after_a_change(redis: RedisServer) -> None:
    """A finding is remembered until the reader's epoch changes, by whichever replica."""

    async def scenario() -> None:
        async with link_to(redis) as here, link_to(redis) as there:
            ours = RedisGrants(here, Sealing([KEY]), RedisEpochs(here, MovableClock()))
            epochs = RedisEpochs(there, MovableClock())
            theirs = RedisGrants(there, Sealing([KEY]), epochs)
            await theirs.settle(await theirs.tighten([row(MANAGER)]))
            assert await ours.find("team-1", "act_1", "cleo") == row(MANAGER)
            await theirs.tighten([row(REVOKED)])
            assert await ours.find("team-1", "act_1", "cleo") == row(MANAGER)  # nobody said so yet
            await epochs.bump({tags.reader("cleo", "team-1", "act_1")})
            async with asyncio.timeout(1):
                while await ours.find("team-1", "act_1", "cleo") != row(REVOKED):  # noqa: ASYNC110
                    await asyncio.sleep(0)  # it comes with a message

    asyncio.run(scenario())


@pytest.mark.holds(99)
def test_records_are_sealed_and_stay_where_they_are(redis: RedisServer) -> None:
    """No id stands in clear; a record that was moved, or that no key opens, decides nothing."""

    async def scenario() -> None:
        with redis.client() as client:
            client.flushall()
        async with link_to(redis) as link:
            epochs = RedisEpochs(link, MovableClock())
            ledger = RedisGrants(link, Sealing([KEY]), epochs)
            await ledger.settle(await ledger.tighten([row(MANAGER), row(VIEWER, "dora")]))
            with redis.client() as client:
                (key,) = client.keys("bff:g:*")
                held = client.hgetall(key)
                text = key + b"".join(field + value for field, value in held.items())
                assert not any(word in text for word in (b"cleo", b"dora", b"team-1", b"act_1"))
                (one, its), (other, _) = held.items()
                client.hset(key, other, its)
            fresh = RedisGrants(link, Sealing([KEY]), epochs)
            with pytest.raises(AccessUnavailable):
                await fresh.on_account("team-1", "act_1")
            with pytest.raises(AccessUnavailable):
                await RedisGrants(link, Sealing([bytes(32)]), epochs).in_team("team-1", "cleo")
            rotated = RedisGrants(link, Sealing([bytes(32), KEY]), epochs)
            with redis.client() as client:
                client.hdel(key, other)
            assert len(await rotated.on_account("team-1", "act_1")) == 1
            assert one

    asyncio.run(scenario())


@pytest.mark.holds(53)
def test_a_user_is_forgotten(play: Play) -> None:
    """What he held is gone in every team, at once for who had looked; what he gave stays without his
    name, what has nothing to do with him as it was; once more finds nothing."""

    async def scenario(make: Make) -> None:
        here, there = make(), make()
        his = [row(VIEWER), replace(row(REVOKED), team_id="team-2")]
        given, other = row(VIEWER, "dora", by="cleo"), row(REVOKED, "emil")
        for one in (*his, given, other):
            await here.settle(await here.tighten([one]))
        for one in his:
            assert await here.find(one.team_id, one.ad_account_id, "cleo") == one
        assert await there.forget("cleo") == Forgotten(held=2, given=1)
        for one in his:
            assert await there.find(one.team_id, one.ad_account_id, "cleo") is None
        assert await there.on_account("team-1", "act_1") == [replace(given, set_by=""), other]
        assert await there.forget("cleo") == Forgotten(held=0, given=0)
        assert await here.forget("nobody") == Forgotten(held=0, given=0)

    play(scenario)
