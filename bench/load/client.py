"""A client that costs little: one keep-alive connection, one request at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import httptools

ANSWER_SECONDS = 60.0


@dataclass
class Answer:
    """A whole answer; names of headers are in lower case, of repeated ones all lines are kept."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


class Connection(asyncio.Protocol):
    """Made by `connect`. Raises ConnectionError when the server closes before it answered."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._answer = Answer()
        self._parts: list[bytes] = []
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.WriteTransport | None = None

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        self.send(request(self._host, method, target, headers or {}, body))
        return await self.answered()

    def send(self, written: bytes) -> None:
        """A request as `request` wrote it."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._answer, self._parts = Answer(), []
        self._transport.write(written)

    async def answered(self) -> Answer:
        assert self._waiting is not None
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # --- what asyncio tells -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError(str(exc or "closed")))

    # --- what the parser tells --------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()
        self._answer.body = b"".join(self._parts)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._answer)


async def connect(port: int) -> Connection:
    """To that port of this machine."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(f"localhost:{port}"), "127.0.0.1", port
    )
    return connection


def request(
    host: str, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
) -> bytes:
    """A request as it is written on the wire."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method not in {"GET", "HEAD"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
