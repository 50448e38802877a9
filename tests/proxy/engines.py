"""The engines of the exchange, each made the same way: one suite of tests holds all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import httpx2
import uvloop

from app.upstream.direct import DirectExchange
from app.upstream.exchange import Exchange, HttpxExchange, Outgoing
from tests.proxy.byte_server import ByteServer, Script, listening

# Seconds that no test takes.
LONG = 5.0
OPTIONS: dict[str, Any] = {"connect_timeout": 2.0, "max_connections": 10}


@dataclass(frozen=True)
class Engine:
    """One of them, on an event loop. `make` takes the address that will be asked, and options."""

    name: str
    make: Callable[..., Exchange]
    loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop

    @asynccontextmanager
    async def at(self, origin: str, **options: Any) -> AsyncIterator[Exchange]:
        exchange = self.make(origin, **(OPTIONS | options))
        try:
            yield exchange
        finally:
            await exchange.close()

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=self.loop) as runner:
            runner.run(main)

    def against(
        self,
        script: Script,
        scenario: Callable[[Exchange, ByteServer], Awaitable[None]],
        **options: Any,
    ) -> None:
        """The scenario with a server that goes by the script."""

        async def main() -> None:
            async with listening(script) as server, self.at(server.origin, **options) as exchange:
                await scenario(exchange, server)

        self.run(main())


def outgoing(
    server: ByteServer, method: str = "GET", target: str = "/x", **headers: str
) -> Outgoing:
    body = b'{"spend":1}' if method in {"POST", "PATCH"} else None
    return Outgoing(method, server.origin + target, headers, body)


def _on(library: Any) -> Callable[..., Exchange]:
    def make(_origin: str, **options: Any) -> Exchange:
        return HttpxExchange(library=library, **options)

    return make


DIRECT = Engine("direct", DirectExchange)
ON_UVLOOP = Engine("direct on uvloop", DirectExchange, uvloop.new_event_loop)
HTTPX = Engine("httpx2", _on(httpx2))
OURS = (DIRECT, ON_UVLOOP)
ENGINES = (*OURS, HTTPX, Engine("httpx", _on(httpx)))
