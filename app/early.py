"""Answers that are known by heart, given by the connection itself, before the application is asked.

uvicorn's protocol on httptools makes a task for every request; here a request that the memory
(gateway/recall.py) can answer costs none. Everything else goes uvicorn's way, and so does all that is
unusual about a connection: a request before this one is still being answered (pipelining), the reader
does not keep up, the connection is to be closed, HTTP/1.0. Keep-alive, limits and shutdown are those
of the parent class. tests/gateway/test_early.py pins what is relied on of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.gateway.recall import Memory, Recalled


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

    # Whether the request that is being read was answered already.
    _answered = False

    def on_message_begin(self) -> None:
        """The scope is made for those requests only that need one."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._answered = False

    def on_headers_complete(self) -> None:
        recalled = self._recalled()
        if recalled is None:
            self._hand_over()
            return
        self._answered = True
        opening = self.openings.of(recalled.form.status, self.server_state.default_headers)
        self.transport.write(opening + recalled.head + recalled.form.body)

    def on_body(self, body: bytes) -> None:
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._answered:
            self.on_response_complete()
        else:
            super().on_message_complete()

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
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url = url
        self.headers.extend(headers)
        self.expect_100_continue = expects
        super().on_headers_complete()


def early_protocol(memory: Memory) -> type[EarlyProtocol]:
    """The protocol of a server whose application has this memory."""
    return type("EarlyProtocol", (EarlyProtocol,), {"memory": memory, "openings": Openings()})
