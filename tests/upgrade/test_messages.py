"""What a later release says to all replicas, and an older one does not understand."""

from __future__ import annotations

import pytest

from app.clock import MovableClock
from tests.replicas.conftest import clock as clock
from tests.replicas.conftest import redis as redis
from tests.replicas.conftest import shared_redis as shared_redis
from tests.replicas.parts import TAG, replica, run, until
from tests.replicas.redis_server import RedisServer


@pytest.mark.holds(76)
def test_an_unknown_message_may_drop_anything(redis: RedisServer, clock: MovableClock) -> None:
    """All that was heard of counts as missed: nothing kept is served on the word of what came before."""

    async def scenario() -> None:
        async with replica(redis.url, clock) as one:
            snapshot = await one.epochs.current({TAG})
            assert one.epochs.stand(snapshot)
            with redis.client() as client:
                client.publish(one.link.channel, b"\x7f of a later release")
            await until(lambda: not one.epochs.stand(snapshot))
            # Redis still has the epoch: what is kept there is not lost.
            assert await one.epochs.confirm(snapshot)
            assert one.counters.value("message_unknown") == 1

    run(scenario())
