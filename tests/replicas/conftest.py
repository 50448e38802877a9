"""One Redis for a module's tests; each begins with an empty one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.clock import MovableClock
from tests.replicas.processes import Processes, processes
from tests.replicas.redis_server import RedisServer, redis_server


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    """It answers, and holds nothing."""
    if not shared_redis.running:
        shared_redis.start()
    shared_redis.thaw()
    with shared_redis.client() as client:
        client.flushall()
    return shared_redis


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="module")
def running(
    shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Processes]:
    """Three replicas in processes of their own, for all tests of a module."""
    with processes(shared_redis.url, tmp_path_factory.mktemp("replicas")) as replicas:
        yield replicas
