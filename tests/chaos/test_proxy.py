"""The proxy does to bytes and connections what it was told, and nothing else."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.harness import until

from .proxy import Door, Proxy
from .toxics import Drip, HalfClose, Hole, Last, Latency, Reset

ASK = b"GET /a HTTP/1.1\r\n"
OTHER = b"GET /b HTTP/1.1\r\n"


class Echo(socketserver.BaseRequestHandler):
    """Gives back what it gets, and says "end" when that is all."""

    server: EchoServer

    def handle(self) -> None:
        try:
            while data := self.request.recv(65536):
                self.server.got += data
                self.request.sendall(data)
            self.server.ends += 1
            self.request.sendall(b"end")
        except OSError:
            self.server.resets += 1


class EchoServer(socketserver.ThreadingTCPServer):
    """`got` is all that came, `ends` how many connections ended in order, `resets` how many did not."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.got, self.ends, self.resets = b"", 0, 0


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    with EchoServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(echo: EchoServer) -> Iterator[Proxy]:
    with Proxy(echo.server_address[1]) as running:
        yield running


@pytest.fixture
def line(proxy: Proxy) -> Iterator[socket.socket]:
    with connected(proxy) as one:
        yield one


def connected(proxy: Proxy, timeout: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=timeout)


def said(line: socket.socket, size: int) -> bytes:
    """So many bytes, or what came before the end."""
    got = b""
    while len(got) < size and (data := line.recv(size - len(got))):
        got += data
    return got


def test_everything_passes_both_ways(proxy: Proxy, line: socket.socket) -> None:
    """Bytes, and the end of them, whichever side has said all first."""
    line.sendall(ASK)
    assert said(line, len(ASK)) == ASK
    line.shutdown(socket.SHUT_WR)
    assert said(line, 99) == b"end"
    assert proxy.lines == [ASK.strip()]


def test_a_request_is_cut_after_so_many_bytes(
    proxy: Proxy, echo: EchoServer, line: socket.socket
) -> None:
    """The platform has those, and both sides a reset."""
    proxy.turn(requests=Reset(after=5))
    line.sendall(ASK)
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    until(lambda: echo.resets)
    assert echo.got == ASK[:5]


def test_an_answer_is_cut_after_so_many_bytes(
    proxy: Proxy, echo: EchoServer, line: socket.socket
) -> None:
    """The platform has the whole request; who asked has so much of the answer, and a reset."""
    proxy.turn(answers=Reset(after=5))
    line.sendall(ASK)
    assert said(line, 5) == ASK[:5]
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    until(lambda: echo.resets)
    assert echo.got == ASK


def test_bytes_are_counted_from_when_it_was_turned(proxy: Proxy, line: socket.socket) -> None:
    """What passed before does not count, and pieces do: the fifth byte is the last."""
    line.sendall(ASK)
    assert said(line, len(ASK)) == ASK
    proxy.turn(answers=Reset(after=5))
    for piece in (b"abc", b"de"):
        line.sendall(piece)
        assert said(line, len(piece)) == piece
    line.sendall(b"f")
    with pytest.raises(ConnectionResetError):
        line.recv(1)


def test_one_way_ends_and_the_other_goes_on(
    proxy: Proxy, echo: EchoServer, line: socket.socket
) -> None:
    """Who asked hears an orderly end in the middle, and the platform goes on hearing him."""
    proxy.turn(answers=HalfClose(after=5))
    line.sendall(ASK)
    assert said(line, 99) == ASK[:5]
    line.sendall(b"more")
    until(lambda: echo.got == ASK + b"more")
    assert (echo.ends, echo.resets) == (0, 0)


def test_a_request_may_end_in_the_middle(
    proxy: Proxy, echo: EchoServer, line: socket.socket
) -> None:
    """The platform hears an orderly end, and what it says then arrives."""
    proxy.turn(requests=HalfClose(after=5))
    line.sendall(ASK)
    assert said(line, 8) == ASK[:5] + b"end"
    assert echo.ends == 1


def test_a_hole_takes_everything(proxy: Proxy, echo: EchoServer, line: socket.socket) -> None:
    """The platform hears nothing, or who asked hears nothing, and nobody a reset or an end."""
    proxy.turn(requests=Hole())
    line.sendall(ASK)
    until(lambda: proxy.lines)
    proxy.turn(answers=Hole())
    line.sendall(b"heard")
    until(lambda: echo.got == b"heard")
    line.settimeout(0.05)
    with pytest.raises(TimeoutError):
        line.recv(1)
    assert (echo.ends, echo.resets) == (0, 0)


@pytest.mark.parametrize("toxic", [Latency(0.05), Drip(size=4, every=0.01)])
def test_slow_is_late_and_complete(
    proxy: Proxy, line: socket.socket, toxic: Latency | Drip
) -> None:
    """No sooner than was said, and nothing is missing."""
    proxy.turn(answers=toxic)
    began = time.monotonic()
    line.sendall(ASK)
    assert said(line, len(ASK)) == ASK
    assert time.monotonic() - began >= 0.04


def test_only_what_is_meant_is_struck(proxy: Proxy, line: socket.socket) -> None:
    """A connection is as good as ever until a request comes by that begins so."""
    proxy.turn(requests=Reset(), when=ASK.strip())
    line.sendall(OTHER)
    assert said(line, len(OTHER)) == OTHER
    line.sendall(ASK)
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    assert (proxy.asked(b"GET /a"), proxy.asked(b"GET /")) == (1, 2)


def test_a_shut_door_refuses(proxy: Proxy, line: socket.socket) -> None:
    """New connections are refused and old ones reset, until it opens."""
    proxy.door(Door.SHUT)
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connected(proxy)
    proxy.heal()
    with connected(proxy) as another:
        another.sendall(ASK)
        assert said(another, len(ASK)) == ASK


def test_after_the_last_request_nobody_gets_in(proxy: Proxy, line: socket.socket) -> None:
    """It is answered, on a connection that is to be closed; the others are reset."""
    with connected(proxy) as other:
        other.sendall(OTHER)
        assert said(other, len(OTHER)) == OTHER
        proxy.turn(requests=Last(), when=ASK.strip())
        line.sendall(ASK)
        closing = ASK + b"Connection: close\r\n"
        assert said(line, len(closing)) == closing
        with pytest.raises(ConnectionResetError):
            other.recv(1)
        with pytest.raises(ConnectionRefusedError):
            connected(proxy)


def test_a_deaf_door_does_not_answer(proxy: Proxy, line: socket.socket) -> None:
    """Connecting neither succeeds nor fails; old connections are reset."""
    proxy.door(Door.DEAF)
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    with pytest.raises(TimeoutError):
        connected(proxy, timeout=0.1)
    proxy.heal()
    with connected(proxy) as another:
        another.sendall(ASK)
        assert said(another, len(ASK)) == ASK


def test_healing_ends_what_was_struck(proxy: Proxy, line: socket.socket) -> None:
    """A connection that lost bytes is reset; one that lost none goes on."""
    with connected(proxy) as other:
        proxy.turn(requests=Hole(), when=ASK.strip())
        line.sendall(ASK)
        other.sendall(OTHER)
        assert said(other, len(OTHER)) == OTHER
        until(lambda: proxy.asked(ASK.strip()))
        proxy.heal()
        assert proxy.lines == []
        with pytest.raises(ConnectionResetError):
            line.recv(1)
        other.sendall(OTHER)
        assert said(other, len(OTHER)) == OTHER
