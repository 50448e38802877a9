"""Whether a replica is ready: not before it reached Redis, and afterwards whether Redis is there or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.testing.world import plain_client
from tests.replicas.cluster import cluster
from tests.replicas.redis_server import RedisServer


@pytest.mark.holds(92)
def test_ready_once_redis_was_reached(redis: RedisServer, tmp_path: Path) -> None:
    """A replica that never reached Redis may be set up wrong; one that lost it serves what it can."""
    redis.stop()
    with cluster([redis.url], tmp_path / "ledger.db") as replicas, plain_client() as probe:
        readiness = f"{replicas.origins[0]}/readyz"
        answer = probe.get(readiness)
        assert (answer.status_code, answer.json()) == (503, {"status": "starting"})
        redis.start()
        while probe.get(readiness).status_code != 200:
            pass
        redis.stop()
        while "redis is away" not in replicas.logs[0].getvalue().rpartition("redis is back")[2]:
            pass
        answer = probe.get(readiness)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert replicas.read("ana", "/teams/team-acme-brand")["id"] == "team-acme-brand"
        redis.start()
