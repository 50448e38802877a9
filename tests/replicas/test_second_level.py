"""What replicas keep in Redis: readable only to them, in its place only, and fetched by one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from app.cache.cache import Want
from app.cache.entries import Content, Entry, Found
from app.clock import MovableClock
from tests.replicas.parts import KEPT, RING, TAG, Replica, entry, key_of, replica, run, until
from tests.replicas.redis_server import RedisServer

BODY = b'{"items":[{"id":"cmp_1","name":"Secret campaign"}]}'
LONG = BODY * 1000
KEY = key_of("a")
NEWER = b"a newer key of the ring........."


def with_two(
    redis: RedisServer,
    clock: MovableClock,
    scenario: Callable[[Replica, Replica], Awaitable[None]],
    **of_second: Any,
) -> None:
    """Play with two replicas; `of_second` is about the other."""

    async def play() -> None:
        async with replica(redis.url, clock) as a, replica(redis.url, clock, **of_second) as b:
            await scenario(a, b)

    run(play())


async def kept(one: Replica, clock: MovableClock, body: bytes = BODY) -> Entry:
    """Keep an answer under KEY."""
    made = entry(await one.epochs.current({TAG}), clock, body)
    assert await one.cache.keep(KEY, made)
    return made


@pytest.mark.parametrize("body", [b"", BODY, LONG], ids=["empty", "short", "long"])
def test_what_one_kept_another_finds(redis: RedisServer, clock: MovableClock, body: bytes) -> None:
    """Byte for byte, with its ETag, ages and number of items."""

    async def scenario(a: Replica, b: Replica) -> None:
        made = entry(await a.epochs.current({TAG}), clock)
        made = replace(made, content=Content(body, items=3))
        assert await a.cache.keep(KEY, made)
        found = await b.cache.find(KEY)
        assert found is not None
        assert (found.content.body, found.content.items) == (body, 3)
        assert found.content.etag == made.content.etag
        assert (found.at, found.soft, found.hard) == (made.at, made.soft, made.hard)

    with_two(redis, clock, scenario)


def test_what_is_shared_stands_there_once(redis: RedisServer, clock: MovableClock) -> None:
    """Who has the same content has a pointer to it, which is nothing once that has changed."""

    async def scenario(a: Replica, b: Replica) -> None:
        made = await kept(a, clock, LONG)
        mine = key_of("a", "cleo")
        assert await a.cache.keep(mine, made, copied=(KEY, made))
        with redis.client() as client:
            sizes = sorted(client.strlen(key) for key in client.keys("bff:c:*"))
        assert sizes[0] < 400
        found = await b.cache.find(mine)
        assert found is not None
        assert found.content.body == LONG
        await kept(a, clock, LONG + b" ")
        b.cache.store.clear()
        assert await b.cache.find(mine) is None

    with_two(redis, clock, scenario)


def test_what_is_too_old_is_not_there(redis: RedisServer, clock: MovableClock) -> None:
    """Nothing is found beyond its last second, nor kept that has none left."""

    async def scenario(a: Replica, b: Replica) -> None:
        made = await kept(a, clock)
        clock.advance(KEPT.stale - 1)
        assert await b.second.get(KEY.digest) is not None
        assert await b.cache.find(KEY) is not None
        b.cache.store.clear()
        clock.advance(2)
        assert await b.cache.find(KEY) is None
        assert not await a.cache.keep(key_of("b"), made)

    with_two(redis, clock, scenario)


@pytest.mark.holds(77)
def test_what_is_dropped_is_dropped_for_all(redis: RedisServer, clock: MovableClock) -> None:
    """A verdict on one replica takes the answer from Redis too."""

    async def scenario(a: Replica, b: Replica) -> None:
        await kept(a, clock)
        await a.cache.drop(KEY)
        assert await b.cache.find(KEY) is None
        assert await a.cache.find(KEY) is None

    with_two(redis, clock, scenario)


# --- sealed ---------------------------------------------------------------------------------------


def test_the_plain_text_does_not_stand_in_redis(redis: RedisServer, clock: MovableClock) -> None:
    """Short answers, which are not compressed, either."""

    async def scenario(a: Replica, _b: Replica) -> None:
        await kept(a, clock)
        with redis.client() as client:
            for key in client.keys("bff:c:*"):
                value = client.get(key)
                assert b"Secret" not in value
                assert b"act_1001" not in value

    with_two(redis, clock, scenario)


@pytest.mark.holds(74)
@pytest.mark.parametrize("how", ["moved", "flipped", "cut", "replaced"])
def test_a_value_that_somebody_touched_is_not_there(
    redis: RedisServer, clock: MovableClock, how: str
) -> None:
    """It is counted, and the answer is fetched as if there were none."""
    elsewhere = key_of("a", "somebody else")

    async def scenario(a: Replica, b: Replica) -> None:
        await kept(a, clock)
        place = f"bff:c:{KEY.digest.hex()}"
        wanted = KEY
        with redis.client() as client:
            value = client.get(place)
            if how == "moved":
                wanted = elsewhere
                client.set(f"bff:c:{elsewhere.digest.hex()}", value)
            elif how == "flipped":
                client.setrange(place, len(value) - 1, bytes([value[-1] ^ 1]))
            elif how == "cut":
                client.set(place, value[:10])
            else:
                client.set(place, b"nothing of ours")
        assert await b.cache.find(wanted) is None
        assert b.counters.value("second_level_unreadable") == 1
        found = await b.cache.get_or_load(want(b, wanted, b"fetched"))
        assert found.entry.content.body == b"fetched"

    with_two(redis, clock, scenario)


def test_values_of_another_type_are_not_there(redis: RedisServer, clock: MovableClock) -> None:
    """Something else that stands under the key is no reason to fail."""

    async def scenario(a: Replica, b: Replica) -> None:
        with redis.client() as client:
            client.rpush(f"bff:c:{KEY.digest.hex()}", "a list")
        assert await b.cache.find(KEY) is None
        found = await b.cache.get_or_load(want(b, KEY, b"fetched"))
        assert found.entry.content.body == b"fetched"

    with_two(redis, clock, scenario)


@pytest.mark.parametrize(
    ("ring", "found"), [((NEWER, *RING), True), ((NEWER,), False)], ids=["rotated", "unknown"]
)
def test_keys_of_the_ring_open(
    redis: RedisServer, clock: MovableClock, ring: tuple[bytes, ...], found: bool
) -> None:
    """While the keys are rotated both are read; what an unknown key sealed is not there."""

    async def scenario(a: Replica, b: Replica) -> None:
        await kept(a, clock)
        assert (await b.cache.find(KEY) is not None) is found
        assert b.counters.value("second_level_unreadable") == (0 if found else 1)

    with_two(redis, clock, scenario, ring=ring)


# --- one fetch of all -----------------------------------------------------------------------------


def want(one: Replica, key: Any, body: bytes, slow: asyncio.Event | None = None) -> Want:
    """A question whose answer is kept, given once `slow` is set."""

    async def load() -> Content:
        if slow is not None:
            await slow.wait()
        return Content(body)

    async def place(made: Entry) -> Entry | None:
        return await one.cache.keep(key, made)

    return Want(key, KEPT, frozenset({TAG}), load, load, place)


@pytest.mark.holds(78)
def test_replicas_fetch_once(redis: RedisServer, clock: MovableClock) -> None:
    """Who comes second waits for the first, and has its answer; nobody waits for nothing."""

    async def scenario(a: Replica, b: Replica) -> None:
        goes_on = asyncio.Event()
        first = asyncio.create_task(a.cache.get_or_load(want(a, KEY, b"first", goes_on)))
        with redis.client() as client:
            await until(lambda: bool(client.keys("bff:f:*")))
            second = asyncio.create_task(b.cache.get_or_load(want(b, KEY, b"second")))
            await until(lambda: bool(b.second.flights._waiting))
            goes_on.set()
            assert (await second).entry.content.body == b"first"
            assert (await first).entry.content.body == b"first"
            assert client.keys("bff:f:*") == []
        assert b.second.flights._waiting == {}

    with_two(redis, clock, scenario)


@pytest.mark.holds(78)
def test_who_comes_after_a_write_waits_for_nobody_from_before(
    redis: RedisServer, clock: MovableClock
) -> None:
    """A fetch under way on another replica set out before the write: its answer is not for him."""

    async def scenario(a: Replica, b: Replica) -> None:
        goes_on = asyncio.Event()
        slow = asyncio.create_task(a.cache.get_or_load(want(a, KEY, b"old", goes_on)))
        with redis.client() as client:
            await until(lambda: bool(client.keys("bff:f:*")))
        await b.epochs.bump({TAG})
        assert (await b.cache.get_or_load(want(b, KEY, b"new"))).entry.content.body == b"new"
        goes_on.set()
        assert (await slow).stored is False
        for one in (a, b):
            found = await one.cache.find(KEY)
            assert found is not None
            assert found.content.body == b"new"

    with_two(redis, clock, scenario)


@pytest.mark.holds(78)
@pytest.mark.parametrize("how", ["fails", "is cancelled", "may not be kept"])
def test_a_leader_without_an_answer_hurts_nobody(
    redis: RedisServer, clock: MovableClock, how: str
) -> None:
    """When his fetch came to nothing, the next one fetches for himself, at once."""

    async def scenario(a: Replica, b: Replica) -> None:
        goes_on = asyncio.Event()

        async def nothing() -> Content:
            await goes_on.wait()
            if how == "may not be kept":
                return Content(b"for him alone", keepable=False)
            raise asyncio.CancelledError if how == "is cancelled" else ValueError

        wanted = replace(want(a, KEY, b""), load=nothing)
        leader: asyncio.Task[Found] = asyncio.create_task(a.cache.get_or_load(wanted))
        with redis.client() as client:
            await until(lambda: bool(client.keys("bff:f:*")))
            other = asyncio.create_task(b.cache.get_or_load(want(b, KEY, b"mine")))
            await until(lambda: bool(b.second.flights._waiting))
            goes_on.set()
            assert (await other).entry.content.body == b"mine"
            await asyncio.wait({leader})
            assert client.keys("bff:f:*") == []

    with_two(redis, clock, scenario)
