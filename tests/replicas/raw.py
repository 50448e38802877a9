"""Requests on bare sockets: many at a time at little cost, or left alone under way."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.testing.world import API

_STATUS = re.compile(rb"HTTP/1.1 (\d+) ")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def request(token: str, path: str, method: str = "GET", body: str = "") -> bytes:
    """One on a connection of its own, by a native client."""
    head = [
        f"{method} {API}{path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "Connection: close",
    ]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", body]).encode()


def at_once(origins: Sequence[str], asked: bytes, times: int, within: float = 0) -> list[Answer]:
    """So many of them at the same time, spread over the origins, setting out within some seconds."""

    async def ask() -> list[Answer]:
        asks = (_answer(origins[n % len(origins)], asked, within * n / times) for n in range(times))
        return list(await asyncio.gather(*asks))

    return asyncio.run(ask())


async def _answer(origin: str, asked: bytes, after: float) -> Answer:
    await asyncio.sleep(after)
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(origin).port)
    writer.write(asked)
    head = await reader.readuntil(b"\r\n\r\n")
    status, length = _STATUS.match(head), _LENGTH.search(head)
    assert status is not None
    assert length is not None
    body = await reader.readexactly(int(length[1]))
    writer.close()
    await writer.wait_closed()
    return Answer(int(status[1]), body)


@contextmanager
def under_way(origin: str, asked: bytes) -> Iterator[None]:
    """Sent, and nobody waits for the answer; the connection is cut at the end."""
    with socket.create_connection(("127.0.0.1", urlsplit(origin).port or 80)) as connection:
        connection.sendall(asked)
        yield
