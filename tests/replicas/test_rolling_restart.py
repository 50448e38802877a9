"""Three replicas behind nginx, set up as docs/frontends.md prints it, are replaced one after another
while people work."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.testing.world import API
from tests import drafts
from tests.dashboard.asks import Stream
from tests.peers.nginx import nginx
from tests.ports import free_port
from tests.replicas.cluster import Client
from tests.replicas.processes import Processes, processes
from tests.replicas.redis_server import RedisServer

TEAM = "/teams/team-acme-brand"
ACCOUNT = "adAccountId=act_1001"
PERIOD = f"{ACCOUNT}&startDate=2026-01-01&endDate=2026-01-07"
READS = (
    TEAM,
    f"{TEAM}/members",
    f"{TEAM}/meta/campaigns?{ACCOUNT}",
    f"{TEAM}/dashboard?{PERIOD}&parts=campaigns",
)
READERS = ("ana", "ben", "cleo", "dora")
STREAM = f"{API}{TEAM}/dashboard/stream?{PERIOD}&parts=campaigns"
# Seconds between two requests of one person.
PAUSE = 0.1
# What a replica says of each new campaign.
SPENT = '"operation":"createTrafficCampaign"'


@dataclass
class Load:
    """People at work until somebody stops them, and what they saw. Who follows a stream stops when it
    ends."""

    origin: str
    stopped: threading.Event = field(default_factory=threading.Event)
    failed: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    renames: int = 0
    ends: list[tuple[str, Any]] = field(default_factory=list)

    def _turns(self) -> Iterator[int]:
        for turn in count():
            if self.stopped.wait(PAUSE):
                return
            yield turn

    def _ask(self, client: Client, method: str, path: str, **kwargs: Any) -> int:
        try:
            answer = client.api(method, path, **kwargs)
        except httpx.HTTPError as error:
            self.failed.append(f"{method} {path}: {error!r}")
            return 0
        if answer.status_code >= 400:
            self.failed.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.status_code

    def read(self, token: str) -> None:
        """One thing after another."""
        with Client(self.origin, token) as client:
            for turn in self._turns():
                self._ask(client, "GET", READS[turn % len(READS)])

    def spend(self, token: str) -> None:
        """One new campaign after another, each under a name of its own."""
        path = f"{TEAM}/meta/campaigns/traffic?{ACCOUNT}"
        with Client(self.origin, token) as client:
            for turn in self._turns():
                name = f"rolling {turn}"
                body = drafts.BODIES["createTrafficCampaign"] | {"campaignName": name}
                key = {"Idempotency-Key": f"key-{turn}"}
                if self._ask(client, "POST", path, json=body, headers=key) == 201:
                    self.names.append(name)

    def rename(self, token: str) -> None:
        """What a proxy may not repeat either."""
        with Client(self.origin, token) as client:
            for turn in self._turns():
                new = {"name": f"Acme Brand {turn}"}
                self.renames += self._ask(client, "PATCH", TEAM, json=new) == 200

    def follow(self, token: str) -> None:
        """A stream, and another one whenever it ends."""
        with Client(self.origin, token) as client:
            while not self.stopped.is_set():
                try:
                    self._listen(client)
                except httpx.HTTPError as error:
                    self.failed.append(f"stream: {error!r}")

    def _listen(self, client: Client) -> None:
        with client.stream("GET", STREAM) as answer:
            if answer.status_code != 200:
                self.failed.append(f"stream: {answer.status_code} {answer.read()!r}")
                return
            self.ends += Stream(answer).rest()[-1:]


@pytest.mark.holds(91)
@pytest.mark.timeout(120)
def test_nobody_notices_a_rolling_restart(redis: RedisServer, tmp_path: Path) -> None:
    """No request fails, no write is lost or carried out twice, and streams say where they end."""
    port = free_port()
    with (
        # It waits for its work, which ends with the processes.
        ThreadPoolExecutor(8) as pool,
        processes(redis.url, tmp_path, BFF_DRAIN__WAIT_SECONDS="2") as replicas,
        nginx(tmp_path, port, [one.port for one in replicas.running], idle="1s"),
    ):
        load = Load(f"https://localhost:{port}")
        work = _begin(load, replicas, pool.submit)
        try:
            ended = []
            for replica in range(3):
                _until_each_spends(replicas)
                ended.append(replicas.replace(replica))
            _until_each_spends(replicas)
        finally:
            load.stopped.set()
        *working, following = work
        for one in working:
            one.result()
        ended += replicas.end()
        following.result()
    assert [one for one in load.failed if not _late(one, ended)] == []
    assert [code for code, _ in ended] == [0] * 6
    assert load.ends
    assert all(end == ("bye", {"reason": "drain", "problem": None}) for end in load.ends)
    made = [one.name for one in replicas.sandbox.world.campaigns.values()]
    assert Counter(name for name in made if name.startswith("rolling ")) == Counter(load.names)
    assert len(replicas.asked("createTrafficCampaign")) == len(load.names)
    assert len(replicas.asked("updateTeamName")) == load.renames


def _until_each_spends(replicas: Processes) -> None:
    """Another process tells only by what it says that it was asked, so this looks again and again."""
    while not all(SPENT in one.said for one in replicas.running):
        time.sleep(PAUSE)


def _late(failed: str, ended: Sequence[tuple[int, str]]) -> bool:
    """A machine too busy to ask Redis within 40 ms has an outage of Redis: refusals that follow from
    it (decision 13) are not what this is about."""
    return "access-unavailable" in failed and any("redis is away" in said for _, said in ended)


def _begin(load: Load, replicas: Processes, submit: Callable[..., Any]) -> list[Any]:
    people = [submit(load.read, replicas.token(user)) for user in READERS]
    people += [
        submit(load.spend, replicas.token("ben")),
        submit(load.rename, replicas.token("ana")),
    ]
    return [*people, submit(load.follow, replicas.token("cleo"))]
