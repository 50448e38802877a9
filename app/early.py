"""Answers that are known by heart, given by the connection itself, before the application is asked.

uvicorn's protocol on httptools makes a task for every request; here a request that the memory
(gateway/recall.py) can answer costs none. Everything else goes uvicorn's way, and so does all that is
unusual about a connection: a request before this one is still being answered (pipelining), the reader
does not keep up, the connection is to be closed, HTTP/1.0. Limits and shutdown are those of the parent
class. tests/gateway/test_early.py pins what is relied on of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.gateway.recall import Memory, Recalled

# Larger bodies are handed to the connection beside their head: copying them would cost more (bytes).
APART = 16_384


@dataclass(slots=True)
class Openings:
    """How answers begin: the status line and the headers that the server adds (Date)."""

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


class EarlyProtocol(HttpToolsProtocol):
    """One connection. `memory` and `openings` are those of the server: see `early_protocol`."""

    memory: Memory
    openings: Openings

    # Whether a request is being read, and whether it was answered already.
    _reading = False
    _answered = False
    # When the last early answer was given, and the timer that looks whether anything came since.
    _idle_since = 0.0
    _idle_timer: asyncio.TimerHandle | None = None

    def on_message_begin(self) -> None:
        """The scope is made for those requests only that need one."""
        self.url = b""
        self.headers = []
        self._reading, self._answered = True, False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        recalled = self._recalled()
        if recalled is None:
            self._hand_over()
            return
        self._answered = True
        opening = self.openings.of(recalled.form.status, self.server_state.default_headers)
        body = recalled.form.body
        if len(body) < APART:
            self.transport.write(opening + recalled.head + body)
        else:
            self.transport.writelines((opening + recalled.head, body))

    def on_body(self, body: bytes) -> None:
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._reading = False
        if self._answered:
            self.server_state.total_requests += 1
            self._idle_since = self.loop.time()
            self._watch_idleness(self.timeout_keep_alive)
        else:
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def _recalled(self) -> Recalled | None:
        parser = self.parser
        if parser.get_method() != b"GET" or parser.get_http_version() != "1.1":
            return None
        if not parser.should_keep_alive() or self.limit_concurrency is not None:
            return None
        # The parent has none before the first request.
        before: RequestResponseCycle | None = self.cycle
        if before is not None and not before.response_complete:
            return None
        if self.flow.write_paused or self.transport.is_closing():
            return None
        return self.memory.recall(self.url, self.headers)

    def _hand_over(self) -> None:
        """The parent begins with what was read so far."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        super().on_url(url)
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def _watch_idleness(self, seconds: float) -> None:
        """One timer for many answers: setting one for each, as the parent does, costs a tenth of them."""
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(seconds, self._close_if_idle)

    def _close_if_idle(self) -> None:
        """Unless a request is being read or answered, or the parent's own timer runs."""
        self._idle_timer = None
        busy = self._reading or self.timeout_keep_alive_task is not None
        before: RequestResponseCycle | None = self.cycle
        if busy or (before is not None and not before.response_complete):
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._watch_idleness(left)
        else:
            self.timeout_keep_alive_handler()


def early_protocol(memory: Memory) -> type[EarlyProtocol]:
    """The protocol of a server whose application has this memory."""
    return type("EarlyProtocol", (EarlyProtocol,), {"memory": memory, "openings": Openings()})
