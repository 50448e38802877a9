"""Limits are one for all replicas; without Redis each counts for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import begin_minute
from tests.replicas.cluster import Cluster, cluster
from tests.replicas.redis_server import RedisServer

STATUS = "/teams/team-acme-brand/meta/campaigns/cmp_1001_1?adAccountId=act_1001"


def changes(running: Cluster, replica: int, times: int) -> list[int]:
    """What ben's next changes there are answered."""
    ben = running.client("ben", replica)
    return [ben.api("PATCH", STATUS, json={"status": "PAUSED"}).status_code for _ in range(times)]


@pytest.mark.holds(63, 90, 92)
def test_replicas_count_together(redis: RedisServer, tmp_path: Path) -> None:
    """What was changed at one counts at the other; while Redis is away each begins to count."""
    limits = {"writes_per_minute": 3}
    with cluster([redis.url] * 2, tmp_path / "ledger.db", limits=limits) as running:
        begin_minute(running.clock)
        assert changes(running, 0, 2) == [200, 200]
        assert changes(running, 1, 2) == [200, 429]
        assert changes(running, 0, 1) == [429]
        with redis.client() as client:
            counted = [key for key in client.keys("*") if b"LIMITS" in key or b"LIMITER" in key]
            assert counted
            assert not any(b"ben" in key or b"team-acme" in key for key in counted)
        redis.stop()
        try:
            for replica in (0, 1):
                assert changes(running, replica, 4) == [200, 200, 200, 429]
        finally:
            redis.start()
