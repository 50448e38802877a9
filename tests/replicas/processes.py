"""Several `bff serve` on one Redis, one ledger and one platform, each a process of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.clock import MovableClock
from app.testing.world import API_KEY
from tests.commands.running import PATIENCE, Running, serving
from tests.ports import free_port
from tests.replicas.cluster import HOST_JWT, RING_KEY, Replicas, platform


@dataclass
class Processes(Replicas):
    """They go by the machine's clock, and so does the platform."""

    running: list[Running] = field(default_factory=list)
    folder: Path = Path()
    settings: Mapping[str, str] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def serve(self, port: int) -> Running:
        """One more, which ends with the others."""
        return self.stack.enter_context(
            serving("serve", cwd=self.folder, settings=self.settings, port=port)
        )

    def replace(self, replica: int) -> tuple[int, str]:
        """End it by SIGTERM and start another one in its place; what it ended with, and what it said."""
        ended = self.running[replica]
        code, said = ended.end(signal.SIGTERM), ended.said
        self.running[replica] = self.serve(ended.port)
        return code, said

    def end(self) -> list[tuple[int, str]]:
        """End all of them at once; what each ended with, and what it said."""
        for one in self.running:
            one.process.send_signal(signal.SIGTERM)
        return [(one.process.wait(PATIENCE), one.said) for one in self.running]

    @property
    def outages(self) -> int:
        """How often one of them found Redis away."""
        return sum(one.said.count("redis is away") for one in self.running)


@contextmanager
def processes(redis_url: str, folder: Path, count: int = 3, **more: str) -> Iterator[Processes]:
    """Start them; the folder holds what they share and what they say. `more` are further settings."""
    clock = MovableClock()
    ports = [free_port() for _ in range(count)]
    origins = [f"http://localhost:{port}" for port in ports]
    with platform(clock, origins[0]) as sandbox, ExitStack() as stack:
        settings = settings_of(sandbox.origin, origins[0], redis_url, folder) | more
        replicas = Processes(sandbox, origins, clock, folder=folder, settings=settings, stack=stack)
        stack.callback(replicas.close)
        replicas.running += [replicas.serve(port) for port in ports]
        yield replicas


def settings_of(platform_: str, origin: str, redis_url: str, folder: Path) -> dict[str, str]:
    """What replicas of one installation are started with."""
    return {
        "BFF_UPSTREAM__BASE_URL": f"{platform_}/api/v1",
        "BFF_UPSTREAM__API_KEY": API_KEY,
        "BFF_IDENTITY__JWT__ISSUER": str(HOST_JWT["issuer"]),
        "BFF_IDENTITY__JWT__AUDIENCE": str(HOST_JWT["audience"]),
        "BFF_IDENTITY__JWT__ALGORITHMS": "HS256",
        "BFF_IDENTITY__JWT__SECRET": str(HOST_JWT["secret"]),
        "BFF_IDENTITY__JWT__MAX_LIFETIME_SECONDS": str(HOST_JWT["max_lifetime_seconds"]),
        "BFF_IDENTITY__ENTERPRISE_CLAIM": "enterprises",
        "BFF_PUBLIC__ORIGIN": origin,
        "BFF_REDIS__URL": redis_url,
        "BFF_SESSION__KEYS": RING_KEY,
        "BFF_LEDGER__PATH": str(folder / "ledger.db"),
        "BFF_LIMITS__READS_PER_MINUTE": "0",
        "BFF_LIMITS__WRITES_PER_MINUTE": "0",
    }
