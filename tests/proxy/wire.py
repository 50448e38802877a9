"""Bytes on a socket, for what a client library would clean up."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from io import BufferedRWPair
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came; header names in lower case, in order."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def code(self) -> str | None:
        """The problem's code, None when this is no problem document."""
        if ("content-type", "application/problem+json") not in self.headers:
            return None
        code: Any = json.loads(self.body)["code"]
        return str(code)


def send_raw(origin: str, request: bytes) -> RawAnswer | None:
    """Send these bytes and read until the server closes; None when it answered nothing."""
    where = urlsplit(origin)
    assert where.hostname is not None
    with socket.create_connection((where.hostname, where.port or 80), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass
    return _parsed(received) if received else None


class KeptOpen:
    """One connection for many requests, opened anew when the server has closed it."""

    def __init__(self, origin: str) -> None:
        where = urlsplit(origin)
        assert where.hostname is not None
        self._address = (where.hostname, where.port or 80)
        self._stream: BufferedRWPair | None = None

    def send(self, request: bytes) -> RawAnswer:
        """Send these bytes and read one answer."""
        stream = self._stream or self._open()
        stream.write(request)
        stream.flush()
        head = b"".join(iter(lambda: stream.readline().rstrip(b"\r\n") + b"\r\n", b"\r\n"))
        headers = dict(_parsed(head).headers)
        body = stream.read(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return _parsed(head + b"\r\n" + body)

    def _open(self) -> BufferedRWPair:
        with socket.create_connection(self._address, timeout=10) as connection:
            self._stream = connection.makefile("rwb")
        return self._stream

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = None


def request_bytes(
    target: bytes,
    *headers: bytes,
    method: bytes = b"GET",
    cookie: str | None = None,
    body: bytes = b"",
    close: bool = True,
) -> bytes:
    """A request with the headers of our own pages, `target` exactly as given."""
    lines = [
        b"%s %s HTTP/1.1" % (method, target),
        b"Host: localhost",
        *([b"Connection: close"] if close else []),
        b"X-BFF: 1",
        b"Sec-Fetch-Site: same-origin",
        *headers,
    ]
    if cookie is not None:
        lines.append(b"Cookie: bff-dev=" + cookie.encode())
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _parsed(received: bytes) -> RawAnswer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
    return RawAnswer(int(first.split()[1]), headers, body)
