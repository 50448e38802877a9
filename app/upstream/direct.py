"""The platform asked directly: HTTP/1.1 over connections of our own, for its one origin.

Read downwards: `send` writes a head (origin.py), takes a connection (pool.py, dialing.py) and asks
over it (connection.py, answer_reader.py). It sends nothing twice, follows no redirect, keeps no cookie
and reads nothing of the environment.

It differs from `HttpxExchange` where that one is more lenient than a platform needs
(docs/decisions/025): answers with bare line feeds, folded headers, control characters in headers, two
lengths (even equal ones) or a length besides chunks are no HTTP here; a body that only the end of the
connection ends needs an orderly end; addresses are sent as they are or not at all.
"""

from __future__ import annotations

import asyncio

from app.upstream.connection import Connection
from app.upstream.dialing import Dialer
from app.upstream.exchange import ExchangeTimeout, Incoming, Outgoing, Sent
from app.upstream.origin import Origin
from app.upstream.pool import Pool


class DirectExchange:
    """The engine for the origin of `base_url`; raises ValueError where that has none."""

    def __init__(
        self,
        base_url: str,
        *,
        connect_timeout: float,
        max_connections: int,
        max_answer_bytes: int = 8 * 1024 * 1024,
    ) -> None:
        self._origin = Origin.of(base_url)
        dialer = Dialer(self._origin, patience=connect_timeout, largest_answer=max_answer_bytes)
        self._pool = Pool(dialer.connect, max_connections)

    async def send(self, request: Outgoing, deadline: float, /) -> Incoming:
        head = self._origin.head(request)
        until = asyncio.get_running_loop().time() + deadline
        connection = self._pool.at_once() or await self._taken(until)
        try:
            return await connection.ask(
                head, request.body, bodiless=request.method == "HEAD", until=until
            )
        finally:
            self._pool.give_back(connection if connection.kept else None)

    async def _taken(self, until: float) -> Connection:
        try:
            async with asyncio.timeout_at(until):
                return await self._pool.take()
        except TimeoutError:
            raise ExchangeTimeout(Sent.NO, "deadline") from None

    async def close(self) -> None:
        await self._pool.close()
