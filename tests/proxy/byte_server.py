"""A platform made of bytes: each test scripts what a connection reads and writes."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Connection:
    """One connection, as its script sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: ByteServer

    async def request(self) -> bytes:
        """The next request, whole; noted in the server's `requests`."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        self.server.requests.append(head + body)
        self.server.asked.set()
        return head + body

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self, body: bytes = b"{}", *headers: bytes, status: bytes = b"200 OK") -> None:
        lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
        await self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Abort with a reset rather than an orderly end."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.writer.transport.abort()

    async def stay(self) -> None:
        """Say nothing until the other side goes."""
        await self.reader.read()


Script = Callable[[Connection], Awaitable[None]]


async def answering(connection: Connection) -> None:
    """Answers everything that comes."""
    while True:
        await connection.request()
        await connection.answer(b'{"ok":1}', b"X-Shouted: Yes")


def saying(raw: bytes) -> Script:
    """One request, these bytes, and the connection stays open."""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(raw)
        await connection.stay()

    return script


@dataclass
class ByteServer:
    """Where it listens, how many came, and what they asked."""

    port: int
    scheme: str = "http"
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@asynccontextmanager
async def listening(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[ByteServer]:
    """Serve the script to every connection."""
    running = ByteServer(0, "https" if tls else "http")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await script(Connection(reader, writer, running))
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            running.closed.set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    running.port = server.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        server.close()
        await server.wait_closed()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
