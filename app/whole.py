"""Answers that are there as a whole, written as one: head and body together.

To ASGI an answer is a head and then parts of a body, and uvicorn looks at each header of each head
with two regular expressions. The front (gateway/front.py) says that it has a whole answer by a message
of its own, which only servers know that offer it: `WHOLE` in the extensions of the scope (ASGI 3.0).
Everything else, streams above all, is uvicorn's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from app.gateway.way_out import CLOSE, WHOLE

# What no header holds: it would end the line, or mean something else to somebody else.
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Larger bodies are handed to the connection beside their head: copying them would cost more (bytes).
APART = 16_384


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
            headers = b"".join(b"%b: %b\r\n" % header for header in defaults)
            opening = self.by_status[status] = STATUS_LINE[status] + headers
        return opening


class Whole:
    """The application for one cycle of the parent, which it may answer with a whole. `openings` are those
    of the server."""

    def __init__(
        self, app: ASGI3Application, cycle: RequestResponseCycle, openings: Openings
    ) -> None:
        self._app = app
        self._cycle = cycle
        self._openings = openings

    def __call__(self, scope: Any, receive: Any, _send: Any) -> Awaitable[None]:
        return self._app(scope, receive, self.send)

    async def send(self, message: Any) -> None:
        """Raises RuntimeError where a header holds a control character."""
        cycle = self._cycle
        if message["type"] != WHOLE:
            await cycle.send(message)
            return
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if not cycle.disconnected:
            self._write(cycle, message["status"], message["headers"], message["body"])

    def _write(
        self,
        cycle: RequestResponseCycle,
        status: int,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
    ) -> None:
        if _CONTROL.search(b"".join([part for header in headers for part in header])):
            raise RuntimeError("A header holds a control character.")
        lines = [self._openings.of(status, cycle.default_headers)]
        lines += [b"%b: %b\r\n" % header for header in headers]
        if CLOSE in headers:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        if cycle.scope["method"] == "HEAD":
            body = b""
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        write_together(cycle.transport, b"".join(lines), body)
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


def write_together(transport: Any, head: bytes, body: bytes) -> None:
    if len(body) < APART:
        transport.write(head + body)
    else:
        transport.writelines((head, body))
