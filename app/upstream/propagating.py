"""An engine that tells the platform which trace a request belongs to, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from app.upstream.exchange import Exchange, Incoming, Outgoing


class Propagating:
    """`traceparent` gives the header's value (W3C Trace Context), None where there is no trace to tell of."""

    def __init__(self, engine: Exchange, traceparent: Callable[[], str | None]) -> None:
        self._engine = engine
        self._traceparent = traceparent

    async def send(self, request: Outgoing, deadline: float, /) -> Incoming:
        """As the engine does."""
        value = self._traceparent()
        if value is not None:
            request = replace(request, headers={**request.headers, "traceparent": value})
        return await self._engine.send(request, deadline)

    async def close(self) -> None:
        await self._engine.close()
