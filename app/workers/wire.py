"""How a worker tells its supervisor how it does: over a pair of unix sockets that nobody else has.

The supervisor asks with one byte; the answer is a report, with its length before it. The end of the
connection is the end of the other process.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

import msgspec

from app.measuring import Measuring
from app.observe.metrics import Measured

ASK = b"?"
_LENGTH_BYTES = 4


class Report(msgspec.Struct, frozen=True):
    """What a worker tells: its state, as readiness names it, and what it measured."""

    state: str
    measured: Measured


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Report)


class Reporting:
    """The worker's end. `orphaned` is called when there is no supervisor any more."""

    def __init__(
        self, measuring: Measuring, control: socket.socket, orphaned: Callable[[], None]
    ) -> None:
        self._measuring = measuring
        self._control = control
        self._orphaned = orphaned
        self._answering: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._answering = asyncio.create_task(self._answer())

    async def stop(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.wait({self._answering})

    async def _answer(self) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=self._control)
        with suppress(ConnectionError):
            while await reader.read(1):
                said = _ENCODER.encode(Report(self._measuring.state, self._measuring.measured()))
                writer.write(len(said).to_bytes(_LENGTH_BYTES) + said)
                await writer.drain()
        self._orphaned()


class Asking:
    """The supervisor's end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, control: socket.socket) -> Asking:
        return cls(*await asyncio.open_unix_connection(sock=control))

    async def report(self) -> Report:
        """The worker's answer to one question, however long it takes. Raises EOFError or OSError when
        there is no worker any more."""
        self._writer.write(ASK)
        await self._writer.drain()
        length = int.from_bytes(await self._reader.readexactly(_LENGTH_BYTES))
        return _DECODER.decode(await self._reader.readexactly(length))

    def close(self) -> None:
        self._writer.close()
