"""What spends money, on several replicas: once among them all, and never without a memory."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import drafts
from tests.replicas.cluster import cluster
from tests.replicas.redis_server import RedisServer

PATH = "/teams/team-acme-brand/meta/campaigns/traffic?adAccountId=act_1001"
BODY = drafts.BODIES["createTrafficCampaign"]
KEY = {"Idempotency-Key": "key-1"}


@pytest.mark.holds(88)
def test_a_key_is_used_once_among_replicas(redis: RedisServer, tmp_path: Path) -> None:
    """Sent to both at the same moment it is carried out once; both then give the same answer."""
    with cluster([redis.url, redis.url], tmp_path / "ledger.db") as replicas:
        clients = [replicas.client("ben", replica) for replica in (0, 1)] * 5
        for client in clients[:2]:
            client.api("GET", "/teams/team-acme-brand")
        with ThreadPoolExecutor(10) as pool:
            answers = list(
                pool.map(lambda one: one.api("POST", PATH, json=BODY, headers=KEY), clients)
            )
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len(replicas.asked("createTrafficCampaign")) == 1
        replays = [client.api("POST", PATH, json=BODY, headers=KEY) for client in clients[:2]]
        assert [answer.headers["idempotency-replayed"] for answer in replays] == ["true"] * 2
        assert replays[0].json() == replays[1].json()
        told = clients[1].api("GET", "/writes/key-1").json()
        assert (told["state"], told["answer"]) == ("succeeded", replays[0].json())


@pytest.mark.holds(89)
def test_another_replica_finds_out(redis: RedisServer, tmp_path: Path) -> None:
    """Whoever is asked finds the end of a write that another replica lost."""
    with cluster([redis.url, redis.url], tmp_path / "ledger.db") as replicas:
        replicas.fault("createTrafficCampaign", "reset", after_effect=True)
        lost = replicas.client("ben", 0).api("POST", PATH, json=BODY, headers=KEY)
        assert lost.status_code == 504
        assert replicas.client("ben", 1).api("GET", "/writes/key-1").json()["state"] == "succeeded"


@pytest.mark.holds(88, 92)
def test_without_redis_no_money_is_spent(redis: RedisServer, tmp_path: Path) -> None:
    """What cannot be remembered is not sent; other writes go on."""
    with cluster([redis.url], tmp_path / "ledger.db") as replicas:
        client = replicas.client("ana")
        client.api("GET", "/teams/team-acme-brand")
        redis.stop()
        answer = client.api("POST", PATH, json=BODY, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (503, "access-unavailable")
        assert replicas.asked("createTrafficCampaign") == []
        status = "/teams/team-acme-brand/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
        assert client.api("PATCH", status, json={"status": "PAUSED"}).status_code == 200
        redis.start()


@pytest.mark.holds(89)
def test_whoever_finds_out_it_is_told_once(redis: RedisServer, tmp_path: Path) -> None:
    """All replicas are asked at the same moment, and find the end: the audits of all of them have it
    once."""
    with cluster([redis.url, redis.url], tmp_path / "ledger.db") as replicas:
        clients = [replicas.client("ben", replica) for replica in (0, 1)]
        replicas.fault("createTrafficCampaign", "reset", after_effect=True)
        assert clients[0].api("POST", PATH, json=BODY, headers=KEY).status_code == 504
        replicas.fault("getCampaigns", "latency", times=None, seconds=0.3)
        with ThreadPoolExecutor(20) as pool:
            told = list(pool.map(lambda one: one.api("GET", "/writes/key-1").json(), clients * 10))
        assert {one["state"] for one in told} == {"succeeded"}
        lines = [json.loads(line) for log in replicas.logs for line in log.getvalue().splitlines()]
        audit = [line["event"] for line in lines if line.get("channel") == "audit"]
        assert audit == ["write-begun", "write-ended"]
