"""Requests whose answers may be there as a whole, written as one: head and body together.

To ASGI an answer is a head and then parts of a body, and uvicorn looks at each header of each head
with two regular expressions. The way out (gateway/way_out.py) says that it has a whole answer by a
message of its own, which only servers know that offer it: `WHOLE` in the extensions of the scope (ASGI
3.0). Everything else, streams above all, is uvicorn's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from app.gateway.way_out import CLOSE, LINE, WHOLE, Header

# What no header holds, since it would end the line, or mean something else to somebody else, made another;
# all else stays what it is.
_WITHOUT_CONTROL = bytes.maketrans(b"\x7f" + bytes({*range(0x20)} - {0x09}), b"?" * 32)
# Larger bodies are handed to the connection beside their head: copying them would cost more (bytes).
APART = 16_384
# The event of a request without a body until somebody waits for its end, which hardly anybody does.
UNAWAITED = asyncio.Event()


@dataclass(slots=True)
class Openings:
    """How the answers of a server begin: the status line, and the headers that it adds itself (Date)."""

    defaults: list[tuple[bytes, bytes]] | None = None
    by_status: dict[int, bytes] = field(default_factory=dict)

    def of(self, status: int, defaults: list[tuple[bytes, bytes]]) -> bytes:
        """The server makes another list when its clock has moved by a second."""
        if defaults is not self.defaults:
            self.defaults = defaults
            self.by_status.clear()
        opening = self.by_status.get(status)
        if opening is None:
            headers = b"".join(LINE % header for header in defaults)
            opening = self.by_status[status] = STATUS_LINE[status] + headers
        return opening


class Cycle(RequestResponseCycle):
    """One request and its answer. `openings` are those of the server."""

    openings: Openings

    async def receive(self) -> ASGIReceiveEvent:
        """As the parent does, and the first message is at hand: that there is no body."""
        if self.message_event is UNAWAITED:
            self.message_event = asyncio.Event()
            self.message_event.set()
        return await super().receive()

    async def send(self, message: Any) -> None:
        """Raises RuntimeError where a header holds a control character, and for a second answer."""
        if message["type"] != WHOLE:
            await super().send(message)
            return
        if self.response_started:
            raise RuntimeError("An answer was begun already.")
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            head = self._head(message["status"], message["lines"], message["headers"])
            self._write(head, message["body"])

    def _write(self, head: bytes, body: bytes) -> None:
        if self.scope["method"] == "HEAD":
            body = b""
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        write_together(self.transport, head, body)
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _head(self, status: int, ready: bytes, headers: Collection[Header]) -> bytes:
        """`ready` are lines that were looked at before."""
        parts = tuple(chain.from_iterable(headers))
        said = b"".join(parts)
        if said.translate(_WITHOUT_CONTROL) != said:
            raise RuntimeError("A header holds a control character.")
        lines = LINE * len(headers) % parts
        if CLOSE in headers:
            self.keep_alive = False
        elif not self.keep_alive:
            lines += LINE % CLOSE
        return self.openings.of(status, self.default_headers) + ready + lines + b"\r\n"


def write_together(transport: Any, head: bytes, body: bytes) -> None:
    if len(body) < APART:
        transport.write(head + body)
    else:
        transport.writelines((head, body))
