"""A replica that dies after it sent a write: the others never serve what was before it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.cache.reads import ACCOUNT, CAMPAIGNS, TEAM
from tests.replicas.processes import Processes, processes
from tests.replicas.raw import request, under_way
from tests.replicas.redis_server import RedisServer

CAMPAIGN = "cmp_1001_1"
CHANGE = f"/teams/{TEAM}/meta/campaigns/{CAMPAIGN}?adAccountId={ACCOUNT}"
# How long the platform takes to carry the write out (seconds).
SLOW = 1.5
READERS = ("ben", "dora")


def seen(replicas: Processes, user: str, replica: int) -> str:
    items = replicas.read(user, CAMPAIGNS, replica)["items"]
    return next(str(item["status"]) for item in items if item["id"] == CAMPAIGN)


@pytest.mark.holds(76)
def test_after_the_writer_was_killed_nothing_from_before_is_served(
    redis: RedisServer, tmp_path: Path
) -> None:
    """Reads go on meanwhile, are not kept, and show the write as soon as it was carried out."""
    with processes(redis.url, tmp_path) as replicas:
        others = (1, 2)
        # So that the writer has its facts and tokens.
        assert seen(replicas, "ben", 0) == "ACTIVE"
        for replica in others:
            assert {seen(replicas, user, replica) for user in READERS} == {"ACTIVE"}
        campaign = replicas.sandbox.world.campaigns
        replicas.fault("updateCampaignStatus", "latency", seconds=SLOW)
        change = request(replicas.token("ben"), CHANGE, "PATCH", '{"status":"PAUSED"}')
        with under_way(replicas.origins[0], change):
            until = time.monotonic() + 10
            while not replicas.asked("updateCampaignStatus"):
                assert time.monotonic() < until
            replicas.running[0].process.send_signal(signal.SIGKILL)
            replicas.running[0].process.wait()
        before, after = 0, 0
        while after < 50:
            for replica in others:
                for user in READERS:
                    done = campaign[CAMPAIGN].status == "PAUSED"
                    status = seen(replicas, user, replica)
                    assert status == "PAUSED" or not done
                    before, after = before + (not done), after + done
        # The platform was slow enough for the reads that could have been kept wrongly.
        assert before > 4
