"""Several gateways on real ports with one Redis, one platform and one clock to move.

Callers are known by the product's own token, which every replica can verify by itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx

from app.clock import MovableClock
from app.main import create_app
from app.sandbox.faults import Fault, Kind
from app.sandbox.server import SandboxOptions, SandboxServer
from app.sandbox.state import Sandbox
from app.testing.world import API, API_KEY, GatewayServer, no_jitter, settings_for
from tests.session import host_tokens

HOST_JWT = {
    "secret": host_tokens.SECRET,
    "algorithms": ["HS256"],
    "issuer": host_tokens.ISSUER,
    "audience": host_tokens.AUDIENCE,
    "max_lifetime_seconds": 86_400,
}
RING_KEY = "c2VhbGluZyBrZXkgb2YgdGVzdHMsIG5vIHNlY3JldCE="


class Client(httpx.Client):
    """A native client of one replica, with the product's token of one user."""

    def __init__(self, origin: str, token: str) -> None:
        super().__init__(
            base_url=origin,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            verify=False,
            timeout=30,
        )

    def api(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        return self.request(method, API + path, **kwargs)


@dataclass
class Replicas:
    """The replicas of one installation, by their origins, and the platform that they ask."""

    sandbox_server: SandboxServer
    origins: Sequence[str]
    clock: MovableClock
    clients: dict[tuple[str, int], Client] = field(default_factory=dict)

    @property
    def sandbox(self) -> Sandbox:
        return self.sandbox_server.sandbox

    def token(self, user: str) -> str:
        """Valid for a day of the moved clock."""
        now = self.clock.now()
        claims = host_tokens.claims(now, sub=user, exp=int(now) + 86_000)
        return host_tokens.token(claims)

    def client(self, user: str, replica: int = 0) -> Client:
        """This user's client of that replica, the same each time."""
        known = self.clients.get((user, replica))
        if known is None:
            known = Client(self.origins[replica], self.token(user))
            self.clients[user, replica] = known
        return known

    def read(self, user: str, path: str, replica: int = 0) -> Any:
        """A read that succeeds."""
        answer = self.client(user, replica).api("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def asked(self, operation: str) -> list[str | None]:
        """Whose token the platform saw with this operation (the sandbox's own names)."""
        return [call.user for call in self.sandbox.calls.list() if call.name == operation]

    def fault(self, operation: str, kind: Kind, *, times: int | None = 1, **more: Any) -> None:
        """From now on (or `times`) the platform fails in this way."""
        number = self.sandbox.operations.number_of(operation)
        self.sandbox.faults.add(Fault(kind, number, times, **more))

    def heal(self) -> None:
        """The platform works again."""
        self.sandbox.faults.clear()

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


@dataclass
class Cluster(Replicas):
    """Replicas in threads of this process, with one clock for all and the platform."""

    gateways: Sequence[GatewayServer] = ()
    logs: Sequence[io.StringIO] = ()

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)


@contextmanager
def cluster(redis: Sequence[str], ledger: Path, **groups: Mapping[str, Any]) -> Iterator[Cluster]:
    """Start one for each way to Redis; `groups` override settings. They share the ledger's file."""
    clock = MovableClock()
    gateways = [GatewayServer() for _ in redis]
    origins = [gateway.origin for gateway in gateways]
    logs = [io.StringIO() for _ in gateways]
    with platform(clock, origins[0]) as sandbox:
        running = Cluster(sandbox, origins, clock, gateways=gateways, logs=logs)
        for gateway, log, url in zip(gateways, logs, redis, strict=True):
            shared: dict[str, Mapping[str, Any]] = {
                "identity": {"jwt": HOST_JWT, "same_users": True},
                "redis": {"url": url},
                "session": {"keys": [RING_KEY]},
                "ledger": {"path": str(ledger)},
            }
            settings = settings_for(sandbox.origin, origins[0], **(shared | groups))
            gateway.start(create_app(settings, clock=clock, log_stream=log, chance=no_jitter))
        try:
            yield running
        finally:
            running.close()
            for gateway in gateways:
                gateway.stop()


@contextmanager
def platform(clock: MovableClock, gateway_origin: str) -> Iterator[SandboxServer]:
    """The sandbox that they ask."""
    options = SandboxOptions(origin="", gateway_origin=gateway_origin, api_key=API_KEY)
    sandbox = SandboxServer(options, clock, port=0)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.stop()
