"""One connection to the platform: one request after the other, each with one answer.

It knows exactly what was sent, because it is the one who sends: nothing of a request leaves before
`ask` writes it, and nothing is ever written twice.
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Callable
from contextvars import Context
from typing import cast

from app.upstream.answer_reader import AnswerReader
from app.upstream.exchange import ExchangeError, ExchangeTimeout, Incoming, Sent

# Bytes of a body that are written at once; the next piece follows when these are on their way.
PIECE = 64 * 1024


class Connection(asyncio.Protocol):
    """`kept` says after each answer whether another request may follow; `ended` hears of its end."""

    def __init__(self, largest_answer: int, ended: Callable[[Connection], None]) -> None:
        self._ended = ended
        self._reader = AnswerReader(largest_answer)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._readable = select.poll()
        self._asking: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        # Until when the answer may take, and the timer that looks whether it did: one for many requests,
        # since setting and cancelling one for each costs as much as a dozen calls.
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.kept = False
        self.gone = self._loop.create_future()

    def usable(self) -> bool:
        """Whether a request may be sent now.

        Asks the socket as well: the event loop may not yet have told that the peer closed, or that it
        said something without being asked.
        """
        transport = self._transport
        return transport is not None and not transport.is_closing() and not self._readable.poll(0)

    async def ask(
        self, head: bytes, body: bytes | None, *, bodiless: bool, until: float
    ) -> Incoming:
        """The answer; `until` is by the event loop's clock. Raises ExchangeError.

        The connection is of no use any more after an error, or when who asks is cancelled.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ExchangeError(Sent.NO, "connection lost")
        self.kept = whole = False
        self._reader.begin(bodiless=bodiless)
        self._asking = asking = self._loop.create_future()
        self._be_late_at(until)
        try:
            transport.write(head + body[:PIECE] if body else head)
            whole = not body or len(body) <= PIECE or await self._wrote_rest(body, asking)
            await asking
        finally:
            self._asking = None
            # It may stay if the request has left, and nothing comes after its answer.
            clean = whole and self._reader.complete and not self._reader.last
            self.kept = (
                clean and not transport.is_closing() and not transport.get_write_buffer_size()
            )
            if not self.kept:
                self.drop()
        return self._reader.answer()

    async def _wrote_rest(self, body: bytes, asking: asyncio.Future[None]) -> bool:
        """Whether all of it was written: an answer that comes earlier ends the writing."""
        for start in range(PIECE, len(body), PIECE):
            if self._room is not None:
                await asyncio.wait({self._room, asking}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done() or self._transport is None:
                return False
            self._transport.write(body[start : start + PIECE])
        return True

    def drop(self) -> None:
        """Close at once; what was not yet written is never sent."""
        if self._transport is not None:
            self._transport.abort()

    def _be_late_at(self, until: float) -> None:
        self._until = until
        if self._timer is not None and self._timer.when() > until:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            # In nobody's context: it stays longer than the request that it was set for.
            self._timer = self._loop.call_at(until, self._look, context=Context())

    def _look(self) -> None:
        """Whether the answer is late. The timer may have been set for one that came long ago."""
        self._timer = None
        if self._asking is None:
            return
        if self._loop.time() < self._until:
            self._be_late_at(self._until)
        else:
            self._fail(ExchangeTimeout(self._reader.sent, "deadline"))

    def _fail(self, error: ExchangeError) -> None:
        if self._asking is not None and not self._asking.done():
            self._asking.set_exception(error)
        self.drop()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """What nobody asked for ends the connection."""
        asking = self._asking
        if asking is None or asking.done():
            self.drop()
            return
        try:
            self._reader.feed(data)
        except ExchangeError as error:
            self._fail(error)
            return
        if self._reader.complete:
            asking.set_result(None)

    def eof_received(self) -> None:
        """The other side says no more; after a reset this does not come."""
        asking = self._asking
        if asking is not None and not asking.done() and self._orderly() and self._reader.end():
            asking.set_result(None)

    def _orderly(self) -> bool:
        """With TLS an end counts only if it was announced: whoever cuts the line cannot do that."""
        assert self._transport is not None
        tls: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        if tls is None:
            return True
        try:
            return not tls.read(1)
        except ssl.SSLZeroReturnError:
            return True
        except ssl.SSLError:
            return False

    def pause_writing(self) -> None:
        self._room = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ExchangeError(self._reader.sent, type(exc).__name__ if exc else "closed"))
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._reader.close()
        self.gone.set_result(None)
        self._ended(self)
