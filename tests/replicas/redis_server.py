"""A real Redis of the test's own, which can be stopped, killed and started again on its port."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pytest
import redis

from deploy.cluster.plan import REDIS, redis_command
from tests.ports import free_port

PATIENCE = 10.0


class RedisServer:
    """Keeps nothing on disk: a server that is started again has forgotten everything. With a folder
    it writes down what changes before it answers, as one is meant to be run."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            redis_command(self.port, self._folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < until, "redis-server did not start"

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                client.ping()
        except redis.RedisError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Its connections are reset, and what it held is gone but for what it wrote down."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Connections stay open and nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=PATIENCE)

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Running; where Debian's redis-server is not installed the test says so."""
    if REDIS is None:
        pytest.skip("redis-server is not installed: scripts/system-packages says why")
    with RedisServer() as server:
        yield server
