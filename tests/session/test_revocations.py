"""What was issued to a user until a moment: known at every replica within a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.errors import AccessUnavailable
from app.session.revocations import KEPT_SECONDS, NEVER, Revocations
from app.session.sessions import of_user
from tests.replicas.redis_server import redis_server

from .keeping import Keeper, Replica

pytestmark = pytest.mark.holds(53)


def told(keeper: Keeper, story: Callable[[Replica, Replica], Awaitable[None]]) -> None:
    """Run a story between two replicas, none of which listens yet."""

    async def run() -> None:
        async with keeper.replica() as here, keeper.replica() as there:
            await story(here, there)

    asyncio.run(run())


def of(replica: Replica) -> Revocations:
    assert replica.stores.revocations is not None
    return replica.stores.revocations


async def listen(*replicas: Replica) -> None:
    for replica in replicas:
        assert replica.link is not None
        await replica.link.start()
        assert replica.link.hears


async def within_a_second(revocations: Revocations, user: str, moment: float) -> None:
    async with asyncio.timeout(1):
        while await revocations.until(user) != moment:  # noqa: ASYNC110  # it tells nobody that it heard
            await asyncio.sleep(0)


def test_a_listener_hears_of_it(shared: Keeper) -> None:
    """A replica that listens knows within a second, of this user alone, and asks nothing for it."""

    async def story(here: Replica, there: Replica) -> None:
        await listen(here, there)
        assert await of(there).until("ana") == NEVER
        await of(here).revoke("ana")
        assert await of(here).until("ana") == shared.clock.time
        await within_a_second(of(there), "ana", shared.clock.time)
        assert await of(there).until("ben") == NEVER
        with shared.client() as client:
            before = client.info("commandstats").get("cmdstat_zscore", {"calls": 0})["calls"]
            for _ in range(10):
                await of(there).until("ben")
            after = client.info("commandstats").get("cmdstat_zscore", {"calls": 0})["calls"]
        assert before == after

    told(shared, story)


def test_who_does_not_hear_asks(shared: Keeper) -> None:
    """A replica without a subscription asks Redis, each time."""

    async def story(here: Replica, there: Replica) -> None:
        assert await of(there).until("ana") == NEVER
        await of(here).revoke("ana")
        assert await of(there).until("ana") == shared.clock.time
        shared.clock.time += 5
        await of(here).revoke("ana")
        assert await of(there).until("ana") == shared.clock.time

    told(shared, story)


def test_what_was_revoked_before_is_learnt(shared: Keeper) -> None:
    """A replica that starts knows what was revoked before."""

    async def story(here: Replica, there: Replica) -> None:
        await of(here).revoke("ana")
        moment = shared.clock.time
        shared.clock.time += 100
        await listen(there)
        assert await of(there).until("ana") == moment

    told(shared, story)


def test_a_moment_never_goes_back(shared: Keeper) -> None:
    """A process whose clock is behind cannot make good again what was revoked."""

    async def story(here: Replica, there: Replica) -> None:
        await listen(there)
        await of(here).revoke("ana")
        moment = shared.clock.time
        shared.clock.time -= 50
        await of(here).revoke("ana")
        await listen(here)
        await within_a_second(of(there), "ana", moment)
        assert await of(here).until("ana") == moment

    told(shared, story)


def test_kept_for_longer_than_tokens_live(shared: Keeper) -> None:
    """Moments leave when no token can be older than they are; until then nothing evicts them."""
    assert KEPT_SECONDS > 86_400 + 120

    async def story(here: Replica, there: Replica) -> None:
        await of(here).revoke("ana")
        with shared.client() as client:
            place = f"{shared.prefix}revoked"
            assert client.ttl(place) == -1
            shared.clock.time += KEPT_SECONDS - 1
            await of(here).revoke("ben")
            assert client.zcard(place) == 2
            shared.clock.time += 2
            await of(here).revoke("cleo")
            names = {name.decode() for name in client.zrange(place, 0, -1)}
        assert names == {of_user("ben"), of_user("cleo")}

    told(shared, story)


@pytest.mark.holds(92)
def test_without_redis_the_last_word_stands() -> None:
    """While Redis is away nothing can be revoked, and what was heard before still counts."""
    with redis_server() as own:

        async def story(here: Replica, there: Replica) -> None:
            await listen(here)
            await of(here).revoke("ana")
            own.stop()
            assert await of(here).until("ana") == keeper.clock.time
            assert await of(here).until("ben") == NEVER
            with pytest.raises(AccessUnavailable):
                await of(there).revoke("ben")

        keeper = Keeper(own)
        told(keeper, story)
