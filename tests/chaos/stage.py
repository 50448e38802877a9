"""A gateway that reaches its platform through the proxy, and what is common to all that is played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from app.testing.world import Browser, World, world
from tests.harness import settle, until

from .proxy import Proxy

# Seconds. Long ones are never reached; short ones are waited for by what takes longer than both.
LONG: Mapping[str, float] = {"connect_timeout": 10, "read_deadline": 10, "write_deadline": 10}
SHORT: Mapping[str, float] = {"connect_timeout": 1.0, "read_deadline": 1.0, "write_deadline": 1.2}
UNCONNECTED = {**LONG, "connect_timeout": 0.3}
BEYOND = 2.2

# Longer than every pause after a failure, and shorter than an answer keeps.
AFTERWARDS = 130.0


@dataclass(frozen=True)
class Stage:
    """One world with the proxy in the middle."""

    world: World
    proxy: Proxy

    def sign_in(self) -> Browser:
        """The admin of Acme's brand team; the login never passes the proxy."""
        return self.world.sign_in("ben")

    def heal(self) -> None:
        """All works again, and what was paused goes on. Nothing that came by is counted any more.

        Who asks then must not join what set out before.
        """
        settle(self.world)
        self.world.sandbox.faults.clear()
        self.proxy.heal()
        self.world.advance(AFTERWARDS)

    def exchanges(self) -> int:
        return self.proxy.asked(b"POST /api/v1/auth/token")

    def refreshes(self) -> int:
        return self.proxy.asked(b"GET /api/v1/auth/refresh")

    def begin_anew(self) -> None:
        """Everything as it was at first; nobody goes on finding out what became of a write."""
        looking = self.world.parts.spending._settling
        for task in list(looking):
            task.get_loop().call_soon_threadsafe(task.cancel)
        until(lambda: not looking)
        self.heal()
        self.world.begin_anew()


@contextmanager
def stage(deadlines: Mapping[str, float] = LONG) -> Iterator[Stage]:
    """With these deadlines."""
    with (
        Proxy() as proxy,
        world(upstream={"base_url": f"{proxy.origin}/api/v1", **deadlines}) as running,
    ):
        proxy.platform = running.sandbox_server.port
        yield Stage(running, proxy)
