"""What stands in Redis of sessions and logins: sealed, under hashes, for as long as it is good."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import AccessUnavailable
from app.session.logins import Logins
from app.session.sessions import key_of, of_user
from tests.replicas.redis_server import RedisServer, redis_server

from .keeping import ANA, NEW_KEY, OLD_KEY, Keeper, Replica

pytestmark = pytest.mark.holds(99)


async def begin(replica: Replica, keeper: Keeper) -> str:
    return await replica.sessions.start(ANA, how="oidc", began=keeper.clock.time)


def test_nothing_stands_in_clear(shared: Keeper) -> None:
    """Neither names nor values hold an id, a user, the provider's names, a state or a secret."""

    async def story() -> None:
        async with shared.replica() as replica:
            session_id = await begin(replica, shared)
            session = await replica.sessions.find(session_id, extend=False)
            assert session is not None
            started = await Logins(replica.stores.logins, shared.clock).start("/path", None)
            await replica.sessions.end_named([of_user("ben")], begun_later_too=False)
            login = started.login
            secrets = [session_id, session.handle, "ana", "sub-ana", "sid-1", "acme", "Ana", "ben"]
            secrets += [started.state, started.secret, login.verifier, login.nonce, "/path"]
            everything = shared.everything()
            assert key_of(session_id).encode() in everything
            assert login.id.encode() in everything
            for secret in secrets:
                assert secret.encode() not in everything, secret

    asyncio.run(story())


def test_a_session_lasts_in_redis_until_its_next_end(shared: Keeper) -> None:
    """Redis forgets it by itself when it ends unused, or in any case, whichever comes first."""

    async def story() -> None:
        async with shared.replica() as replica:
            one = await begin(replica, shared)
            assert left(one) == pytest.approx(600, abs=5)
            for _ in range(6):
                shared.clock.time += 550
                await replica.sessions.find(one, extend=True)
            assert left(one) == pytest.approx(300, abs=5)

    def left(session_id: str) -> float:
        with shared.client() as client:
            return float(client.pttl(f"{shared.prefix}s:{key_of(session_id)}")) / 1000

    asyncio.run(story())


def test_an_end_leaves_nothing_behind(shared: Keeper) -> None:
    """A session that was ended is in no list any more; a list without sessions is gone."""

    async def story() -> None:
        async with shared.replica() as replica:
            one = await begin(replica, shared)
            assert shared.kinds() == {"s", "s-of"}
            await replica.sessions.end_by_id(one)
            assert shared.kinds() == set()

    asyncio.run(story())


def test_lists_lose_what_redis_forgot(shared: Keeper) -> None:
    """A listed session whose record went by itself leaves the list with the next look, and those
    whose time is over when another is listed."""

    async def story() -> None:
        async with shared.replica() as replica:
            gone, kept = [await begin(replica, shared) for _ in range(2)]
            with shared.client() as client:
                client.delete(f"{shared.prefix}s:{key_of(gone)}")
                await replica.sessions.all_of("ana")
                listed = f"{shared.prefix}s-of:{of_user('ana')}"
                assert client.zrange(listed, 0, -1) == [key_of(kept).encode()]
                shared.clock.time += 3600
                new = await begin(replica, shared)
                assert client.zrange(listed, 0, -1) == [key_of(new).encode()]

    asyncio.run(story())


@pytest.mark.holds(31)
def test_the_key_ring_rotates(shared: Keeper) -> None:
    """A session under the old key opens while that is in the ring, and is sealed with the new one
    as soon as activity is noted; then the old one may go."""

    async def story() -> None:
        async with (
            shared.replica([OLD_KEY]) as before,
            shared.replica([NEW_KEY, OLD_KEY]) as between,
            shared.replica([NEW_KEY]) as after,
        ):
            active, quiet = await begin(before, shared), await begin(before, shared)
            shared.clock.time += 60
            assert await between.sessions.find(active, extend=True) is not None
            assert await between.sessions.find(quiet, extend=False) is not None
            assert await after.sessions.find(active, extend=False) is not None
            assert await after.sessions.find(quiet, extend=False) is None
            assert after.counters.value("record_unreadable") == 1
            assert await before.sessions.find(active, extend=False) is None

    asyncio.run(story())


@pytest.mark.holds(15)
def test_what_cannot_be_read_can_be_ended(shared: Keeper) -> None:
    """A replica that lacks the new key yet ends all sessions of a user, those under it included."""

    async def story() -> None:
        async with shared.replica([OLD_KEY]) as before, shared.replica([NEW_KEY, OLD_KEY]) as after:
            ids = [await begin(replica, shared) for replica in (before, after)]
            await before.sessions.end_named([of_user("ana")], begun_later_too=False)
            for one in ids:
                assert await after.sessions.find(one, extend=True) is None
            shared.clock.time += 1
            assert await begin(after, shared) not in ids

    asyncio.run(story())


def test_a_record_cannot_stand_for_another(shared: Keeper) -> None:
    """Whoever can write to Redis can put no session in the place of another, and make none up."""

    async def story() -> None:
        async with shared.replica() as replica:
            mine, yours = [await begin(replica, shared) for _ in range(2)]
            with shared.client() as client:
                copied = client.get(f"{shared.prefix}s:{key_of(mine)}")
                for forged in (copied, b"", b"\x01", b'[9e9, {"user": "ana"}]'):
                    client.set(f"{shared.prefix}s:{key_of(yours)}", forged)
                    assert await replica.sessions.find(yours, extend=True) is None
            assert await replica.sessions.find(mine, extend=True) is not None

    asyncio.run(story())


@pytest.mark.holds(92)
def test_without_redis_nobody_knows() -> None:
    """Every question is a 503 with Retry-After while Redis is away: never "there is no session"."""

    async def story(redis: RedisServer) -> None:
        keeper = Keeper(redis)
        async with keeper.replica() as replica:
            sessions = replica.sessions
            one = await begin(replica, keeper)
            session = await sessions.find(one, extend=False)
            assert session is not None
            keeper.clock.time += 60
            redis.stop()
            logins = Logins(replica.stores.logins, keeper.clock)
            for asking in (
                sessions.find(one, extend=False),
                sessions.extend(session),
                sessions.end_by_id(one),
                sessions.all_of("ana"),
                sessions.end_named([of_user("ana")], begun_later_too=False),
                begin(replica, keeper),
                logins.start("/", None),
                logins.finish("state", {}),
            ):
                with pytest.raises(AccessUnavailable) as raised:
                    await asking
                assert raised.value.headers == {"Retry-After": "1"}

    with redis_server() as own:
        asyncio.run(story(own))
