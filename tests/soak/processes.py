"""The installation: a Redis that writes down, the platform, and replicas that can be started again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from app.settings import known_names
from app.testing.world import API_KEY
from tests.commands.running import Running, exports, serving
from tests.ports import free_port
from tests.replicas.processes import settings_of
from tests.replicas.redis_server import RedisServer

# Seconds that the gateway waits for the platform: less than its slowest answers take.
DEADLINE = 5
_TROUBLE = re.compile(
    r"Traceback|never retrieved|was destroyed but it is pending|unexpected error|never awaited"
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds."""

    files: int
    threads: int
    resident_kib: int


def held(pid: int) -> Held:
    """As the kernel tells it. Tasks of an event loop cannot be seen from outside; each that waits
    for somebody holds a file, and each holds memory."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    figures = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE))
    files = len(os.listdir(f"/proc/{pid}/fd"))
    return Held(files, int(figures["Threads"]), int(figures["VmRSS"]))


@dataclass
class Replica:
    """One `bff serve` on a port of its own, however often it is started."""

    folder: Path
    port: int
    settings: dict[str, str]
    outputs: list[Path] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _running: Running | None = None

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.process.pid

    def start(self) -> None:
        """Returns when it answers."""
        cwd = self.folder / f"{self.port}-{len(self.outputs)}"
        cwd.mkdir()
        started = serving("serve", cwd=cwd, settings=self.settings, port=self.port)
        self._running = self._stack.enter_context(started)
        self.outputs.append(self._running.output)

    def kill(self) -> None:
        """Nothing is finished."""
        self._stack.close()
        self._running = None

    def end(self) -> None:
        """What is being answered is finished first."""
        if self._running is not None:
            with suppress(subprocess.TimeoutExpired):
                self._running.end(signal.SIGTERM)
            self._stack.close()
            # One that did not end by itself was killed just now: that is its exit code then.
            self.exits.append(self._running.process.wait())
            self._running = None

    def troubles(self) -> list[str]:
        """Lines of its output that no sound process writes."""
        lines = (line for one in self.outputs for line in one.read_text("utf-8").splitlines())
        return [line.strip()[:400] for line in lines if _TROUBLE.search(line)]


@dataclass
class Installation:
    """All of it."""

    folder: Path
    redis: RedisServer
    sandbox: Running
    replicas: list[Replica]

    @property
    def origins(self) -> list[str]:
        return [one.origin for one in self.replicas]

    def holds(self) -> dict[str, dict[str, int]]:
        """What the processes hold, by their names."""
        pids = {f"replica {n}": one.pid for n, one in enumerate(self.replicas)}
        return {name: asdict(held(pid)) for name, pid in pids.items()}

    def lose_redis(self) -> None:
        """It dies, and so does what it wrote down."""
        self.redis.stop()
        shutil.rmtree(self.folder / "redis" / "appendonlydir")


@contextmanager
def installation(folder: Path, count: int) -> Iterator[Installation]:
    """Start it, with so many replicas; the folder holds what they say and write."""
    ports = [free_port() for _ in range(count)]
    origin = f"http://localhost:{ports[0]}"
    (folder / "redis").mkdir()
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(folder / "redis"))
        arguments = ("sandbox", "--gateway", origin, "--api-key", API_KEY)
        sandbox = stack.enter_context(serving(*arguments, cwd=folder, health="/"))
        settings = settings_of(f"http://127.0.0.1:{sandbox.port}", origin, redis.url, folder)
        settings |= exports(sandbox.said) | _ours()
        replicas = [Replica(folder, port, settings) for port in ports]
        for replica in replicas:
            stack.callback(replica.kill)
            replica.start()
        yield Installation(folder, redis, sandbox, replicas)


def _ours() -> dict[str, str]:
    """A few users ask as much as thousands, and nobody waits long for the platform."""
    unlimited = {name: "0" for name in known_names() if name.endswith("_PER_MINUTE")}
    deadlines = ("BFF_UPSTREAM__READ_DEADLINE", "BFF_UPSTREAM__WRITE_DEADLINE")
    return (
        unlimited | dict.fromkeys(deadlines, str(DEADLINE)) | {"BFF_IDENTITY__SAME_USERS": "true"}
    )
