"""Where the session layer keeps things, both ways, for the suites that hold both to one contract."""

from __future__ import annotations

import io
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from redis import Redis

from app.cache.redis_link import RedisLink
from app.observe.counters import Counters
from app.observe.logs import make_log
from app.sealing import Sealing
from app.session.claims import Claims
from app.session.sessions import Sessions
from app.session.stores import Stores
from app.settings import LogSettings, SessionSettings
from tests.replicas.redis_server import RedisServer

OLD_KEY, NEW_KEY = b"old key of tests, 32 bytes long!", b"new key of tests, 32 bytes long!"
ANA = Claims("ana", frozenset({"acme"}), "Ana", 0, "sid-1", subject="sub-ana")


class StillClock:
    """Stands still until it is moved, so that a limit is met to the second."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time

    def ticks(self) -> float:
        return self.time


@dataclass
class Replica:
    """One process as far as sessions go."""

    stores: Stores
    sessions: Sessions
    counters: Counters
    link: RedisLink | None


@dataclass
class Keeper:
    """Where everything is kept: in a Redis, or, without one, in the one process there is."""

    redis: RedisServer | None
    clock: StillClock = field(default_factory=StillClock)
    settings: SessionSettings = field(
        default_factory=lambda: SessionSettings(idle_seconds=600, absolute_seconds=3600)
    )
    prefix: str = field(default_factory=lambda: f"{secrets.token_hex(4)}:")
    process: Stores | None = None

    @asynccontextmanager
    async def replica(self, keys: Sequence[bytes] = (OLD_KEY,)) -> AsyncIterator[Replica]:
        """A replica; without Redis it is the same process again."""
        counters, link = Counters(), None
        if self.redis is None:
            self.process = self.process or Stores.local(self.clock)
            stores = self.process
        else:
            log = make_log(LogSettings(), io.StringIO())
            link = RedisLink(self.redis.url, self.prefix, counters, log)
            stores = Stores.shared(link, Sealing(keys), self.clock, counters)
        sessions = Sessions(self.settings, stores.sessions, stores.bars, self.clock)
        try:
            yield Replica(stores, sessions, counters, link)
        finally:
            if link is not None:
                await link.close()

    def client(self) -> Redis:
        """Looks into Redis from outside."""
        assert self.redis is not None
        return self.redis.client()

    def everything(self) -> bytes:
        """All that Redis holds of this keeper, names and values."""
        with self.client() as client:
            names = list(client.scan_iter(f"{self.prefix}*"))
            return b"\n".join(name + client.dump(name) for name in names)

    def kinds(self) -> set[str]:
        """The first word of each name there is."""
        with self.client() as client:
            return {name.decode().split(":")[1] for name in client.scan_iter(f"{self.prefix}*")}
