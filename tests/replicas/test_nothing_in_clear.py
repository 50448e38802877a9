"""Who reads Redis learns nothing of customers: no id, no name, no figure, in no key, value or message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py

from app.testing.world import API_KEY
from tests.cache.reads import ACCOUNT, CAMPAIGNS, MEMBERS, TEAM
from tests.replicas.cluster import RING_KEY, cluster
from tests.replicas.redis_server import RedisServer

META = f"/teams/{TEAM}/meta"
STATUS = f"{META}/campaigns/cmp_1001_1?adAccountId={ACCOUNT}"
READS = (
    CAMPAIGNS,
    MEMBERS,
    f"/teams/{TEAM}",
    f"/teams/{TEAM}/connections",
    f"{META}/ads?adAccountId={ACCOUNT}",
    f"{META}/insights?adAccountId={ACCOUNT}&startDate=2026-01-01&endDate=2026-01-31",
)
CANARIES = (
    *("ben", "cleo", "dora", "acme", "Acme", "team-", "act_1001", "acc-1001", "cmp_1001", "conn-"),
    *("Spring launch", "OUTCOME", "ACTIVE", "PAUSED", "impressions", "campaign", "listCampaigns"),
    *(API_KEY, RING_KEY, "eyJ", "Bearer"),
)


def everything(client: redis_py.Redis) -> Iterator[bytes]:
    """All that stands there, keys and values of every type."""
    for key in client.scan_iter(count=1000):
        yield key
        kind = client.type(key)
        if kind == b"string":
            value = client.get(key)
            assert isinstance(value, bytes)
            yield value
        elif kind == b"hash":
            yield repr(client.hgetall(key)).encode()
        else:
            assert kind == b"zset"
            yield repr(client.zrange(key, 0, -1, withscores=True)).encode()


@pytest.mark.holds(27, 74)
def test_nothing_stands_in_redis_in_clear(redis: RedisServer, tmp_path: Path) -> None:
    """While answers are kept, facts and proofs held, writes under way and ended without an end."""
    with (
        cluster([redis.url] * 2, tmp_path / "ledger.db") as replicas,
        redis.client() as client,
        client.pubsub() as listening,
    ):
        listening.psubscribe("*")
        for user in ("ben", "cleo", "dora"):
            for path in READS:
                replicas.read(user, path, 0)
                replicas.read(user, path, 1)
        replicas.fault("updateCampaignStatus", "reset", after_effect=True)
        answer = replicas.client("ben").api("PATCH", STATUS, json={"status": "PAUSED"})
        assert answer.status_code == 504, answer.text
        found = list(everything(client))
        while (message := listening.get_message(timeout=0.2)) is not None:
            if message["type"] == "pmessage":
                found += [message["channel"], message["data"]]
    kinds = {one.split(b":")[1] for one in found if one.startswith(b"bff:")}
    assert {b"c", b"e", b"b", b"heard"} <= kinds
    for one in found:
        assert not [canary for canary in CANARIES if canary.encode() in one]
