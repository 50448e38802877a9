"""HTTP as bytes on a connection of the test's own: what is sent, in which pieces, and what comes back."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import TypeVar

from app.early import EarlyProtocol
from app.testing.world import API, Browser, GatewayServer
from tests.cache.reads import CAMPAIGNS

T = TypeVar("T")
# Eight campaigns, whose names make up a large answer (bytes).
NAME = 8_000
# Asked for anew each time, since a part of a list is not remembered.
UNKNOWN = f"{CAMPAIGNS}&limit=2"
# Nobody waits longer for what has to come (seconds).
PATIENCE = 20.0
SOON = 0.005


@dataclass(frozen=True)
class Told:
    """One response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """The X-Request-ID that its request was sent with."""
        return self.headers["x-request-id"]


class Wire:
    """One connection to a gateway."""

    def __init__(self, gateway: GatewayServer) -> None:
        self._gateway = gateway
        port = int(gateway.origin.rpartition(":")[2])
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def deliver(self, *pieces: bytes) -> None:
        """As if each piece had arrived by itself: the kernel would put them together."""
        for piece in pieces:
            self.there(partial(_receive, piece))

    def there(self, deed: Callable[[EarlyProtocol], T]) -> T:
        """What comes of it in the gateway's event loop, done with the other end of this connection."""
        mine = self.socket.getsockname()[1]
        done: Future[T] = Future()

        def look() -> None:
            others = [one for one in self._others() if one.client and one.client[1] == mine]
            if not others:
                # It was not accepted yet.
                loop.call_later(SOON, look)
                return
            try:
                done.set_result(deed(others[0]))
            except BaseException as error:  # noqa: BLE001  # the test raises it
                done.set_exception(error)

        loop = next(iter(self._gateway._server.servers)).get_loop()
        loop.call_soon_threadsafe(look)
        return done.result(PATIENCE)

    def _others(self) -> Iterator[EarlyProtocol]:
        for one in self._gateway._server.server_state.connections:
            assert isinstance(one, EarlyProtocol)
            yield one

    def told(self, *, head: bool = False) -> Told:
        """The next response; `head` says that it has no content whatever its length says."""
        while b"\r\n\r\n" not in self._read:
            self._more()
        first, _, self._read = self._read.partition(b"\r\n\r\n")
        line, *lines = first.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, value in (one.split(": ", 1) for one in lines if one)
        }
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", line)
        assert match is not None, line
        status = int(match[1])
        length = 0 if head or status < 200 or status == 304 else int(headers["content-length"])
        while len(self._read) < length:
            self._more()
        body, self._read = self._read[:length], self._read[length:]
        return Told(status, headers, body)

    def closed(self) -> bool:
        """Whether nothing more comes, and the other side has closed in good order."""
        return self._read == b"" and self.socket.recv(1) == b""

    def _more(self) -> None:
        data = self.socket.recv(1 << 20)
        assert data, f"closed after {self._read!r}"
        self._read += data

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()


def _receive(piece: bytes, protocol: EarlyProtocol) -> None:
    protocol.data_received(piece)


@dataclass(frozen=True)
class Asking:
    """The requests of one signed-in browser, as bytes."""

    browser: Browser

    def get(
        self, path: str, name: str = "", *, version: str = "1.1", base: str = "", **more: str
    ) -> bytes:
        """`name` is its X-Request-ID, `more` are further headers, underscores for hyphens."""
        headers = {
            "Host": "localhost",
            "Cookie": f"bff-dev={self.browser.session_cookie}",
            "X-BFF": "1",
            "Sec-Fetch-Site": "same-origin",
            **({"X-Request-ID": name} if name else {}),
            **{header.replace("_", "-"): value for header, value in more.items()},
        }
        lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items())
        return f"GET {base}{API}{path} HTTP/{version}\r\n{lines}\r\n".encode()
