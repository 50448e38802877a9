"""Answers that are known by heart, given by the connection itself, before the application is asked.

uvicorn's protocol on httptools makes a task for every request; here a request that the memory
(gateway/recall.py) can answer costs none. Everything else is handed to the application, and so is all
that is unusual about a connection: a request before this one is still being answered (pipelining), the
reader does not keep up, the connection is to be closed, HTTP/1.0. Limits, other protocols and shutdown
are those of the parent class. tests/gateway/test_early.py pins what is relied on of it.

A client says the same after the first line of each of its requests. So what was read once is recognised
by its bytes: a whole request by all of them, and one for something else by what follows its first line.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import unquote

from httptools import parse_url
from msgspec import Struct
from uvicorn._types import HTTPScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.gateway.recall import CREDENTIALS, READ, Found, Memory, Recalled, Request, request_of
from app.gateway.way_out import WHOLE, Header
from app.oldest import drop_oldest
from app.whole import UNAWAITED, Cycle, Openings, write_together

# Requests that are recognised by their bytes: how long they are at most, and how many (0.5 kB apiece).
LONGEST = 4096
MOST = 20_000
# What follows first lines: how many (as long as headers are), and headers that differ each time.
MOST_RESTS = 500
CHANGING = frozenset({b"if-none-match", b"x-request-id"})
END = b"\r\n\r\n"
# A first line that reads the same to everybody (RFC 9112, section 3).
FIRST_LINE = re.compile(rb"GET (/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*) HTTP/1\.1")


class Rest(Struct, frozen=True, gc=False):
    """What follows the first line of a request. The values of credentials are not kept: `credentials` says
    which of the headers they are, and where they stand in the same bytes when these come again."""

    headers: tuple[Header, ...]
    credentials: tuple[tuple[int, int, int], ...]
    name: bytes
    others: Found

    def headers_in(self, data: bytes) -> list[Header]:
        headers = list(self.headers)
        for place, start, end in self.credentials:
            headers[place] = headers[place][0], data[start:end]
        return headers


@dataclass(slots=True)
class Shared:
    """What the connections of one server share: how answers begin, and how requests were read, or what
    follows their first line, whose bytes came before."""

    openings: Openings = field(default_factory=Openings)
    requests: dict[bytes, Request] = field(default_factory=dict)
    rests: dict[bytes, Rest] = field(default_factory=dict)

    def keep(self, name: bytes, request: Request) -> None:
        self.requests[name] = request
        drop_oldest(self.requests, MOST)

    def keep_rest(self, data: bytes, headers: list[Header], request: Request) -> None:
        """What follows the first line of a request that came as a whole."""
        if not CHANGING.isdisjoint(request.others):
            return
        kept, credentials = list(headers), []
        for place, (name, value) in enumerate(headers):
            if name in CREDENTIALS:
                start = data.find(value)
                if start < 0:
                    return  # it was put together
                credentials.append((place, start, start + len(value)))
                kept[place] = name, b""
        rest = Rest(tuple(kept), tuple(credentials), request.key[0], request.others)
        self.rests[name_of(data)] = rest
        drop_oldest(self.rests, MOST_RESTS)


class EarlyProtocol(HttpToolsProtocol):
    """One connection. `memory` and `shared` are those of the server: see `early_protocol`."""

    memory: Memory
    shared: Shared

    # Whether a request is being read, which one it is if it began and ended with what came last, and
    # whether it was answered already.
    _reading = False
    _whole: bytes | None = None
    _answered = False
    # Whether the request that is read was handed over: what is left of it is a body, if it has one.
    _begun = False
    _bodiless = False
    # When the last early answer was given, and the timer that looks whether anything came since.
    _idle_since = 0.0
    _idle_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """What was read before need not be read again: the same bytes are the same request."""
        self._whole = None
        if not self._reading and data.startswith(b"GET ") and len(data) <= LONGEST:
            self._whole = data
            request = self.shared.requests.get(name_of(data))
            if request is not None and (recalled := self._recalled(request)) is not None:
                self._unset_keepalive_if_required()
                self._give(recalled)
                self._rest()
                return
            if self._serve_known(data):
                return
        super().data_received(data)

    def _serve_known(self, data: bytes) -> bool:
        """Whether what follows the first line came before; then the rest need not be read."""
        line, _, after = data.partition(b"\r\n")
        asked = FIRST_LINE.fullmatch(line)
        if asked is None or self.limit_concurrency is not None:
            return False
        rest = self.shared.rests.get(name_of(after))
        if rest is None:
            return False
        self._unset_keepalive_if_required()
        request = Request((rest.name, asked[1]), rest.others)
        if (recalled := self._recalled(request)) is not None:
            self.shared.keep(name_of(data), request)
            self._give(recalled)
            self._rest()
            return True
        self.url, self.headers = asked[1], rest.headers_in(after)
        self._answered, self._begun = False, True
        self._serve(request)
        return True

    def on_message_begin(self) -> None:
        """What an answer needs is made for those requests only that the application answers."""
        self.url = b""
        self.headers = []
        self._reading = True
        self._answered = self._begun = self._bodiless = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._begun:  # what comes after the body is no header (RFC 9110, section 6.5.1)
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self.limit_concurrency is not None or self.parser.should_upgrade():
            self._leave()
            return
        request = self._request()
        whole = None if request is None else self._all_of_it()
        if request is not None and whole is not None:
            self.shared.keep_rest(whole.partition(b"\r\n")[2], self.headers, request)
        if request is not None and (recalled := self._recalled(request)) is not None:
            self._answered = True
            if whole is not None:
                self.shared.keep(name_of(whole), request)
            self._give(recalled)
        else:
            self._begun, self._bodiless = True, request is not None
            self._serve(request)

    def on_body(self, body: bytes) -> None:
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._reading = False
        if self._answered:
            self._rest()
        elif not self._bodiless:
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def _request(self) -> Request | None:
        """What was asked, where there is nothing unusual about it."""
        parser = self.parser
        if parser.get_method() != b"GET" or parser.get_http_version() != "1.1":
            return None
        return request_of(self.url, self.headers) if parser.should_keep_alive() else None

    def _recalled(self, request: Request) -> Recalled | None:
        """The known answer, where one that is given now comes after all others, and is taken."""
        # The parent has none before the first request.
        before: RequestResponseCycle | None = self.cycle
        if before is not None and not before.response_complete:
            return None
        if self.flow.write_paused or self.transport.is_closing():
            return None
        return self.memory.answer(request)

    def _all_of_it(self) -> bytes | None:
        """The bytes of the request, where nothing came with them."""
        whole = self._whole
        return whole if whole is not None and whole.find(END) == len(whole) - len(END) else None

    def _give(self, recalled: Recalled) -> None:
        defaults = self.server_state.default_headers
        opening = self.shared.openings.of(recalled.form.status, defaults)
        write_together(self.transport, opening + recalled.head, recalled.form.body)

    def _rest(self) -> None:
        """The answer is given, and the connection waits for the next request."""
        self.server_state.total_requests += 1
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._watch_idleness(self.timeout_keep_alive)

    def on_response_complete(self) -> None:
        """As the parent does, but for its timers."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.flow.resume_reading()
        self._rest()

    def _serve(self, request: Request | None) -> None:
        """As the parent does, in one step. `request`: what the memory had no answer to; it has no body, and
        the connection stays."""
        cycle = Cycle(
            scope=self._scope(request),
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=UNAWAITED if request is not None else asyncio.Event(),
            expect_100_continue=request is None and expects_100(self.headers),
            keep_alive=request is not None or self._stays(),
            on_response=self.on_response_complete,
        )
        cycle.openings = self.shared.openings
        cycle.more_body = request is None
        before: RequestResponseCycle | None = self.cycle
        self.cycle = cycle
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def _scope(self, request: Request | None) -> HTTPScope:
        """With the request, where there is one, so that the application need not ask the memory again."""
        # The parser has not read what was known.
        usual = request is not None
        url, parsed = self.url, parse_url(self.url)
        path = parsed.path.decode("ascii")
        extensions: dict[str, dict[object, object]] = {WHOLE: {}}
        if request is not None and url.startswith(b"/") and b"#" not in url:
            # In another form the application may know it.
            extensions[READ] = {"request": request}
        return {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1" if usual else self.parser.get_http_version(),
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,  # type: ignore[typeddict-item]  # there with the connection
            "method": "GET" if usual else self.parser.get_method().decode("ascii"),
            "root_path": self.root_path,
            "path": self.root_path + (unquote(path) if "%" in path else path),
            "raw_path": self.root_path.encode("ascii") + parsed.path,
            "query_string": parsed.query or b"",
            "headers": self.headers,
            "state": self.app_state.copy(),
            "extensions": extensions,
        }

    def _stays(self) -> bool:
        return self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()

    def _leave(self) -> None:
        """To the parent, which begins with what was read so far."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        super().on_url(url)
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()
        self._begun = True

    def _watch_idleness(self, seconds: float) -> None:
        """One timer for many answers: setting one for each, as the parent does, costs a twentieth of them."""
        self._idle_timer = self.loop.call_later(seconds, self._close_if_idle)

    def _close_if_idle(self) -> None:
        """Unless a request is being read or answered: then the next answer sets a timer."""
        self._idle_timer = None
        before: RequestResponseCycle | None = self.cycle
        answered = before is None or before.response_complete
        if not answered or (self._reading and not self._begun):
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._watch_idleness(left)
        else:
            self.timeout_keep_alive_handler()


def name_of(data: bytes) -> bytes:
    """A request holds a credential: its bytes are not kept."""
    return blake2b(data, digest_size=20).digest()


def expects_100(headers: list[Header]) -> bool:
    """Whether the body comes only when it is asked for (RFC 9110, section 10.1.1)."""
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)


def early_protocol(memory: Memory) -> type[EarlyProtocol]:
    """The protocol of a server whose application has this memory."""
    return type("EarlyProtocol", (EarlyProtocol,), {"memory": memory, "shared": Shared()})
