"""`bff serve --workers 2` on a real Redis: one gateway, one set of numbers, one end."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.clock import MovableClock
from app.observe.logs import make_log
from app.settings import LogSettings, SettingsFault, load
from app.workers import supervisor
from app.workers.process import Worker
from tests.commands.running import bff
from tests.metrics.scrape import Operated, operated
from tests.ports import free_port
from tests.replicas.cluster import Client, Replicas, platform
from tests.replicas.processes import settings_of
from tests.replicas.redis_server import RedisServer, redis_server

TEAMS = "/workspaces/acme/teams"
REQUESTS = "bff_requests_total"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@contextmanager
def two_workers(redis: RedisServer, folder: Path, wait: str = "0") -> Iterator[Two]:
    """A gateway of two, ready; `wait` is BFF_DRAIN__WAIT_SECONDS."""
    port, clock = free_port(), MovableClock()
    origin = f"http://localhost:{port}"
    with platform(clock, origin) as sandbox:
        settings = settings_of(sandbox.origin, origin, redis.url, folder)
        # They share nothing with others on this Redis, whose platform is another.
        settings |= {"BFF_DRAIN__WAIT_SECONDS": wait, "BFF_REDIS__PREFIX": f"{port}:"}
        with operated("--workers", "2", cwd=folder, settings=settings, port=port) as running:
            yield Two(running, Replicas(sandbox, [origin], clock))


@pytest.fixture(scope="module")
def two(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """For all tests that leave them as they were."""
    with two_workers(redis, tmp_path_factory.mktemp("two")) as running:
        yield running


class Two:
    """The supervisor, its workers, and who asks them."""

    def __init__(self, operated: Operated, replicas: Replicas) -> None:
        self.operated = operated
        self._replicas = replicas

    @property
    def supervisor(self) -> int:
        return self.operated.running.process.pid

    @property
    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.supervisor}/task/{self.supervisor}/children")
        return [int(pid) for pid in children.read_text().split()]

    def read(self) -> None:
        """Over a connection of its own: any worker may answer it."""
        origin, token = self._replicas.origins[0], self._replicas.token("ben")
        with Client(origin, token) as client:
            assert client.api("GET", TEAMS).status_code == 200

    def requests(self) -> float:
        scrape, of = self.operated.scrape(), {"operation": "listWorkspaceTeams"}
        return scrape.value(REQUESTS, **of) if scrape.has(REQUESTS, **of) else 0


def test_a_scrape_is_the_sum_of_all_workers(two: Two) -> None:
    """Whoever answered, every request is counted once; limits of memory add up."""
    assert len(two.workers) == 2
    before = two.requests()
    for _ in range(20):
        two.read()
    scrape = two.operated.scrape()
    assert scrape.value(REQUESTS, operation="listWorkspaceTeams") == before + 20
    took = scrape.value("bff_request_duration_seconds_count", operation="listWorkspaceTeams")
    assert took == scrape.value(REQUESTS, operation="listWorkspaceTeams", by="pipeline")
    assert scrape.value("bff_workers") == 2
    assert scrape.value("bff_ready") == 1
    assert scrape.value("bff_redis_reachable") == 1
    assert scrape.value("bff_build_info") == 1
    assert scrape.value("bff_cache_max_bytes") == 2 * 64 * 1024 * 1024
    assert not scrape.has("bff_sessions_kept")


def test_a_worker_that_dies_is_replaced_and_its_counts_stay(two: Two) -> None:
    """Counters never fall, and the installation is ready again with another process."""
    two.read()
    before, killed = two.requests(), two.workers[0]
    restarts = two.operated.scrape().value("bff_worker_restarts_total")
    os.kill(killed, signal.SIGKILL)
    two.operated.until(lambda: two.operated.scrape().value("bff_worker_restarts_total") > restarts)
    two.operated.until(lambda: two.operated.readiness() == (200, "ok"))
    assert len(two.workers) == 2
    assert killed not in two.workers
    assert two.requests() == before
    two.read()
    assert two.requests() == before + 1
    assert "a worker died" in two.operated.running.said


def test_ready_means_every_worker(two: Two) -> None:
    """One that does not answer makes it not ready; its counts are those that it told last."""
    two.read()
    before = two.requests()
    stopped = two.workers[1]
    os.kill(stopped, signal.SIGSTOP)
    try:
        assert two.operated.readiness() == (503, "starting")
        scrape = two.operated.scrape()
        assert (scrape.value("bff_ready"), scrape.value("bff_workers")) == (0, 1)
        assert scrape.value(REQUESTS, operation="listWorkspaceTeams") == before
        assert two.operated.client.get("/healthz").json() == {"status": "ok"}
    finally:
        os.kill(stopped, signal.SIGCONT)
    two.operated.until(lambda: two.operated.readiness() == (200, "ok"))


@pytest.mark.holds(91)
def test_a_signal_ends_all_of_them(redis: RedisServer, tmp_path: Path) -> None:
    """They serve on while readiness says no; a second signal skips the rest of that. Exit code 0, no
    worker is left behind, and the port is free."""
    with two_workers(redis, tmp_path, wait="300") as two:
        workers, running = two.workers, two.operated.running
        running.process.send_signal(signal.SIGTERM)
        two.operated.until(lambda: two.operated.readiness() == (503, "draining"))
        two.read()
        assert two.operated.scrape().value("bff_draining") == 1
        assert running.end(signal.SIGTERM) == 0, running.said
    assert "Traceback" not in running.said
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    with socket.create_server(("127.0.0.1", running.port)):
        pass


def test_workers_do_not_outlive_their_supervisor(
    redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ended it: what nobody could stop any more goes in good order by itself."""
    configure(monkeypatch, redis, tmp_path)

    async def orphaned() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            worker = await Worker.start(listening, 1)
            assert await worker.served()
            worker._asking.close()  # as the end of the other process does
            return await worker.ended()

    assert asyncio.run(orphaned()) == 0


def configure(monkeypatch: pytest.MonkeyPatch, redis: RedisServer, folder: Path) -> None:
    """What a worker reads from the environment."""
    origin = "http://localhost:1"
    for name, value in settings_of(origin, origin, redis.url, folder).items():
        monkeypatch.setenv(name, value)


def test_a_worker_that_is_stuck_is_replaced(
    redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks after processes sees the supervisor alone: it looks after its workers."""
    monkeypatch.setattr(supervisor, "LOOK_EVERY", 0.05)
    configure(monkeypatch, redis, tmp_path)

    async def replaced() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            log = make_log(LogSettings(), io.StringIO())
            two = supervisor.Supervisor(2, listening, 1, log, stuck=0.5)
            serving = asyncio.create_task(two.run(None))
            await until(two, "ok")
            stopped = two._workers[1]
            stopped._signal(signal.SIGSTOP)
            while two._workers.get(1) in {stopped, None}:  # noqa: ASYNC110  # the same
                await asyncio.sleep(0.05)
            await until(two, "ok")
            two._stop()
            return await serving

    assert asyncio.run(replaced()) == 0


async def until(two: supervisor.Supervisor, state: str) -> None:
    while await two.state() != state:  # noqa: ASYNC110  # its workers are processes
        await asyncio.sleep(0.05)


def test_what_keeps_a_worker_from_serving_is_told_once(redis: RedisServer, tmp_path: Path) -> None:
    """A fault that only the parts can tell ends the start with its sentence, and exit code 1."""
    origin = "http://localhost:1"
    settings = settings_of(origin, origin, redis.url, tmp_path)
    settings["BFF_AUDIT__PATH"] = "/dev/null/audit"
    done = bff("serve", "--workers", "2", "--port", str(free_port()), cwd=tmp_path, **settings)
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith("BFF_AUDIT__PATH cannot be opened: ")
    assert second == "A worker ended before it served; above it says why."


def test_several_without_what_they_share_do_not_start(tmp_path: Path) -> None:
    """Exit code 1, a sentence, and the way out."""
    done = bff("serve", "--workers", "2", "--port", str(free_port()), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("--workers: ")
    assert "BFF_REDIS__URL" in sentence


@pytest.mark.parametrize(
    ("platform_", "sentence"),
    [("", "--workers: the embedded sandbox is for one"), ("odd", "BFF_UPSTREAM__BASE_URL must be")],
)
def test_several_need_sound_settings(platform_: str, sentence: str) -> None:
    """The embedded sandbox is one process', and what is unsafe for one is for several."""
    given = {"BFF_REDIS__URL": "redis://127.0.0.1:1", "BFF_UPSTREAM__BASE_URL": platform_}
    with pytest.raises(SettingsFault) as raised:
        supervisor.check_shareable(load(given))
    assert raised.value.sentences[0].startswith(sentence)
