"""Somebody who asks the same again, and sees who answered: the memory, or the whole gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx2 as httpx

from app.gateway.recall import Memory
from app.testing.world import API, GatewayServer, World
from tests.cache.reads import CAMPAIGNS, TEAM

# Figures of a month that is over: they keep for long.
INSIGHTS = (
    f"/teams/{TEAM}/meta/insights?adAccountId=act_1001&startDate=2026-01-01&endDate=2026-01-31"
)
# So often something is asked until it is known: a stale answer comes once more while a newer one is
# fetched, and a first token teaches the gateway that its key is in use.
ENOUGH = 20
# Sent along this makes a request unusual and changes nothing of its answer.
THE_LONG_WAY = {"Range": "bytes=0-"}


class EarlyGateway(GatewayServer):
    """What is known by heart is answered by the connection itself."""

    early: ClassVar[bool] = True


class LateGateway(GatewayServer):
    """The application answers it, as under any ASGI server."""

    early: ClassVar[bool] = False


def recalls(gateway: GatewayServer) -> int:
    """How many answers came from memory."""
    return gateway.parts.counters.value("requests", by="recall")


def memory_of(gateway: GatewayServer) -> Memory:
    memory: Memory = gateway.app.state.memory
    return memory


@dataclass(frozen=True)
class Asker:
    """Asks `path`, below /api/v1, of one gateway, always with these headers."""

    gateway: GatewayServer
    client: httpx.Client
    path: str = CAMPAIGNS
    headers: Mapping[str, str] | None = None

    def ask(self, **more: str) -> httpx.Response:
        """Once, with further headers, whose names are written with underscores."""
        return self.send("GET", headers={**(self.headers or {}), **named(more)})

    def send(self, method: str, **kwargs: Any) -> httpx.Response:
        """Any request for the same."""
        return self.client.request(method, API + self.path, **kwargs)

    def known(self, **more: str) -> httpx.Response:
        """The answer from memory, where it is as soon as it was given otherwise."""
        for _ in range(ENOUGH):
            before = recalls(self.gateway)
            answer = self.ask(**more)
            if recalls(self.gateway) > before:
                return answer
            assert answer.status_code in {200, 304}, answer.text
        raise AssertionError(f"{self.path} is not remembered")

    def anew(self, **more: str) -> httpx.Response:
        """The answer of the whole gateway; memory has nothing to say."""
        before = recalls(self.gateway)
        answer = self.ask(**more)
        assert recalls(self.gateway) == before, "answered from memory"
        return answer

    def sent_anew(self, method: str, **kwargs: Any) -> httpx.Response:
        """The same of any request."""
        before = recalls(self.gateway)
        answer = self.send(method, **kwargs)
        assert recalls(self.gateway) == before, "answered from memory"
        return answer

    def the_long_way(self, **more: str) -> httpx.Response:
        """What the whole gateway says to it at this moment."""
        return self.anew(**more, **THE_LONG_WAY)


def named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def asker(world: World, user: str, path: str = CAMPAIGNS) -> Asker:
    """This user, signed in now."""
    return Asker(world.gateway, world.sign_in(user), path)
