"""The connections to the platform: so many at most, kept for a while, the last used first.

Those who wait for one are served in their order. A connection goes from hand to hand without a lock:
whoever gives up at the very moment passes it on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from app.upstream.connection import Connection
from app.upstream.exchange import ExchangeError, Sent

# Seconds that an unused connection is kept: less than servers commonly do, for whoever closes first
# loses no request.
IDLE = 4.0
# Seconds for connections that were told to go.
LAST = 1.0


class Pool:
    """`most` at a time, made by `connect`, which is given what hears of a connection's end."""

    def __init__(
        self,
        connect: Callable[[Callable[[Connection], None]], Awaitable[Connection]],
        most: int,
    ) -> None:
        self._connect = connect
        self._most = most
        self._places = 0
        self._idle: dict[Connection, float] = {}
        self._open: set[Connection] = set()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeping: asyncio.TimerHandle | None = None
        self._closed = False

    def at_once(self) -> Connection | None:
        """One that is kept and ready, if there is any."""
        connection = self._kept()
        if connection is not None:
            self._places += 1
        return connection

    async def take(self) -> Connection:
        """One of them, new where none is kept; raises ExchangeError, not sent."""
        connection = await self._place()
        try:
            if connection is not None and connection.usable():
                return connection
            if connection is not None:
                connection.drop()
            return self._kept() or await self._new()
        except BaseException:
            self.give_back(None)
            raise

    def give_back(self, connection: Connection | None) -> None:
        """A place, with its connection if that is of use, for the next who waits or for later."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._places -= 1
        if connection is not None and not self._closed:
            loop = asyncio.get_running_loop()
            self._idle[connection] = loop.time()
            if self._sweeping is None:
                self._sweeping = loop.call_later(IDLE, self._sweep)

    def _kept(self) -> Connection | None:
        while self._idle:
            connection, _ = self._idle.popitem()
            if connection.usable():
                return connection
            connection.drop()
        return None

    async def _new(self) -> Connection:
        connection = await self._connect(self._ended)
        if not connection.gone.done():
            self._open.add(connection)
        if self._closed:
            connection.drop()
            raise ExchangeError(Sent.NO, "closed")
        return connection

    async def _place(self) -> Connection | None:
        """Wait until one more may be open, or for one that is passed on."""
        if self._closed:
            raise ExchangeError(Sent.NO, "closed")
        if self._places < self._most:
            self._places += 1
            return None
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:
                self.give_back(turn.result())
            with suppress(ValueError):
                self._waiting.remove(turn)
            raise

    def _sweep(self) -> None:
        """Close those that nobody used for so long; the first is the one that waits the longest."""
        loop = asyncio.get_running_loop()
        self._sweeping = None
        for connection, since in list(self._idle.items()):
            if loop.time() - since < IDLE:
                self._sweeping = loop.call_at(since + IDLE, self._sweep)
                return
            del self._idle[connection]
            connection.drop()

    def _ended(self, connection: Connection) -> None:
        self._idle.pop(connection, None)
        self._open.discard(connection)

    async def close(self) -> None:
        """Close all of them, used or not."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for turn in self._waiting:
            if not turn.done():
                turn.set_exception(ExchangeError(Sent.NO, "closed"))
        ends = [connection.gone for connection in self._open]
        for connection in self._open:
            connection.drop()
        if ends:
            await asyncio.wait(ends, timeout=LAST)
