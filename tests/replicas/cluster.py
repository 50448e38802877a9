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
from app.sandbox.server import SandboxOptions, SandboxServer
from app.sandbox.state import Sandbox
from app.testing.world import API, API_KEY, GatewayServer, no_jitter, settings_for
from tests.replicas.redis_server import RedisServer
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
class Cluster:
    """Replicas of one installation."""

    sandbox_server: SandboxServer
    gateways: Sequence[GatewayServer]
    redis: RedisServer
    clock: MovableClock
    logs: Sequence[io.StringIO]
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
            known = Client(self.gateways[replica].origin, self.token(user))
            self.clients[user, replica] = known
        return known

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def asked(self, operation: str) -> list[str | None]:
        """Whose token the platform saw with this operation (the sandbox's own names)."""
        return [call.user for call in self.sandbox.calls.list() if call.name == operation]

    def stop(self, replica: int) -> None:
        """This replica goes away as at a deployment."""
        self.gateways[replica].stop()


@contextmanager
def cluster(
    redis: RedisServer, ledger: Path, replicas: int = 3, **groups: Mapping[str, Any]
) -> Iterator[Cluster]:
    """Start all; `groups` override settings. The ledger's file is shared as well."""
    clock = MovableClock()
    gateways = [GatewayServer() for _ in range(replicas)]
    logs = [io.StringIO() for _ in gateways]
    origin = gateways[0].origin
    options = SandboxOptions(origin="", gateway_origin=origin, api_key=API_KEY)
    sandbox = SandboxServer(options, clock, port=0)
    sandbox.start()
    shared: dict[str, Mapping[str, Any]] = {
        "identity": {"jwt": HOST_JWT, "same_users": True},
        "redis": {"url": redis.url},
        "session": {"keys": [RING_KEY]},
        "ledger": {"path": str(ledger)},
    }
    settings = settings_for(sandbox.origin, origin, **(shared | groups))
    for gateway, log in zip(gateways, logs, strict=True):
        gateway.start(create_app(settings, clock=clock, log_stream=log, chance=no_jitter))
    running = Cluster(sandbox, gateways, redis, clock, logs)
    try:
        yield running
    finally:
        for client in running.clients.values():
            client.close()
        for gateway in gateways:
            gateway.stop()
        sandbox.stop()
