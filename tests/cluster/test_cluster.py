"""`make cluster` goes on, or comes back by itself, whichever of its processes is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest

from app.testing.world import API, Browser
from deploy.cluster.plan import PORTS, REPLICAS, missing
from tests.commands.running import environment
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
TEAM = "/teams/team-acme-brand"
DASHBOARD = (
    f"{API}{TEAM}/dashboard?adAccountId=act_1001&startDate=2026-01-01&endDate=2026-01-07"
    "&parts=campaigns"
)
# What `make cluster` promises to start in, and what anything may take to come back (seconds).
PATIENCE = 60.0


@dataclass
class Cluster:
    """The command as somebody runs it."""

    process: subprocess.Popen[str]
    folder: Path
    port: int

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text("utf-8")

    @property
    def outages(self) -> int:
        """How often a gateway found Redis away."""
        logs = self.folder.glob("gateway-*.log")
        return sum(log.read_text("utf-8").count("redis is away") for log in logs)

    def late(self, outages: int) -> set[tuple[int, str | None]]:
        """A machine too busy to ask Redis within 40 ms has an outage of Redis, and refuses (decision 13)."""
        return {(503, "access-unavailable")} if self.outages > outages else set()

    def pid(self, name: str) -> int:
        return int((self.folder / f"{name}.pid").read_text("ascii") or 0)

    def signal(self, name: str, by: signal.Signals) -> None:
        os.kill(self.pid(name), by)

    def kill(self, name: str) -> None:
        """Its port answers nobody until the supervisor has started another one."""
        killed = self.pid(name)
        os.kill(killed, signal.SIGKILL)
        self.until(lambda: self.pid(name) not in {0, killed})

    def until(self, condition: Callable[[], bool]) -> None:
        """Other processes tell only by what they do, so this looks again and again."""
        ends = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < ends, self.said
            time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Up, and ended by Ctrl-C as it should be: with all its processes."""
    if absent := missing():
        lacking = f"{absent} not installed: scripts/system-packages says why"
        if os.environ.get("CI") == "true":
            pytest.fail(lacking)
        pytest.skip(lacking)
    folder, port = tmp_path_factory.mktemp("cluster"), free_port(PORTS)
    command = [sys.executable, "-m", "deploy.cluster", "--port", str(port), "--folder", str(folder)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment({}), stdout=said, stderr=subprocess.STDOUT, text=True
        )
    running = Cluster(process, folder, port)
    try:
        running.until(lambda: "Ctrl-C ends all" in running.said)
        pids = [running.pid(file.stem) for file in folder.glob("*.pid")]
        assert len(pids) == PORTS
        yield running
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0, running.said
        assert list(folder.glob("*.pid")) == []
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def browser(cluster: Cluster) -> Iterator[Browser]:
    """Signed in through nginx, once for everything that is killed."""
    with Browser(cluster.origin) as one:
        assert one.sign_in("ben").status_code == 303
        yield one


def read(browser: Browser) -> tuple[int, str | None]:
    """Status of the dashboard, and the code where it is a problem; 0 while nobody listens."""
    try:
        answer = browser.get(DASHBOARD)
    except httpx.TransportError:
        return 0, None
    problem = answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"] if problem else None


def test_a_dashboard_is_read_by_way_of_every_gateway(cluster: Cluster, browser: Browser) -> None:
    """One session for all of them; what operators ask is not for the world."""
    for replica in range(1, REPLICAS + 1):
        assert browser.get(f"http://localhost:{cluster.port + replica}{DASHBOARD}").is_success
    assert [read(browser) for _ in range(REPLICAS)] == [(200, None)] * REPLICAS
    for path in ("/healthz", "/readyz", "/metrics"):
        assert browser.get(path).status_code == 404


def test_nobody_notices_a_killed_gateway(cluster: Cluster, browser: Browser) -> None:
    """nginx passes over it until it is back."""
    os.kill(killed := cluster.pid("gateway-2"), signal.SIGKILL)
    outages, seen = cluster.outages, set()

    def back() -> bool:
        seen.add(read(browser))
        if cluster.pid("gateway-2") in {0, killed}:
            return False
        try:
            return browser.get(f"http://localhost:{cluster.port + 2}{DASHBOARD}").is_success
        except httpx.TransportError:
            return False

    cluster.until(back)
    assert seen - cluster.late(outages) == {(200, None)}


def test_a_killed_nginx_comes_back(cluster: Cluster, browser: Browser) -> None:
    """Workers that outlived it do not keep the new one from listening; the session goes on."""
    cluster.kill("nginx")
    cluster.until(lambda: read(browser) == (200, None))


@pytest.mark.holds(92)
def test_sessions_survive_a_killed_redis(cluster: Cluster, browser: Browser) -> None:
    """Meanwhile whoever is signed in is told to come back, and never to sign in; what Redis wrote down
    is there again."""
    cluster.signal("redis", signal.SIGSTOP)
    cluster.until(lambda: read(browser) == (503, "access-unavailable"))
    cluster.kill("redis")
    seen = set()

    def back() -> bool:
        seen.add(read(browser))
        return all(read(browser) == (200, None) for _ in range(REPLICAS))

    cluster.until(back)
    assert seen <= {(200, None), (503, "access-unavailable")}


def test_a_killed_platform_signs_nobody_out(cluster: Cluster, browser: Browser) -> None:
    """What was read before is served meanwhile, and what was not is when it is back."""
    # Each gateway serves through an outage whom it has seen before.
    for replica in range(1, REPLICAS + 1):
        assert browser.get(f"http://localhost:{cluster.port + replica}{DASHBOARD}").is_success
    os.kill(killed := cluster.pid("sandbox"), signal.SIGKILL)
    outages, seen = cluster.outages, set()

    def back() -> bool:
        seen.add(read(browser))
        new = browser.get(f"{API}{TEAM}/members")
        assert new.status_code in {200, 502, 503, 504}, new.text
        return new.status_code == 200 and cluster.pid("sandbox") not in {0, killed}

    cluster.until(back)
    assert seen - cluster.late(outages) == {(200, None)}
