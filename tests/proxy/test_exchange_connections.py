"""The connections of the exchange: how many, how long, and never one that somebody spoiled."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.upstream.exchange import Exchange, ExchangeError, ExchangeTimeout, Outgoing, Sent
from tests.proxy.byte_server import ByteServer, Connection, answering, listening
from tests.proxy.engines import DIRECT, LONG, Engine, outgoing

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LARGE = b"x" * (8 * 1024 * 1024)


def test_there_are_never_more_connections_than_allowed(engine: Engine) -> None:
    """Whoever comes later waits, is served in turn, and over the connections that are there."""
    inside = most = 0

    async def counting(connection: Connection) -> None:
        nonlocal inside, most
        while True:
            await connection.request()
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            await connection.answer()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        answers = await asyncio.gather(*(exchange.send(outgoing(server), LONG) for _ in range(50)))
        assert {answer.status for answer in answers} == {200}
        assert most <= server.connections == 3

    engine.against(counting, scenario, max_connections=3)


def test_the_connection_that_was_used_last_is_used_next(direct: Engine) -> None:
    """So that those which a burst left behind can age."""
    used: list[int] = []

    async def numbering(connection: Connection) -> None:
        number = connection.server.connections
        while True:
            await connection.request()
            used.append(number)
            await connection.answer()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        await asyncio.gather(*(exchange.send(outgoing(server), LONG) for _ in range(3)))
        last = [(await exchange.send(outgoing(server), LONG), used[-1])[1] for _ in range(5)]
        assert len(set(last)) == 1

    direct.against(numbering, scenario)


class _Ahead(asyncio.SelectorEventLoop):
    """An event loop whose clock can be moved."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


@pytest.mark.parametrize(("seconds", "closed"), [(3.9, False), (4.1, True)])
def test_a_connection_that_nobody_uses_is_closed(seconds: float, *, closed: bool) -> None:
    """After four seconds, sooner than servers close theirs."""
    engine = Engine("a moved clock", DIRECT.make, _Ahead)

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, _Ahead)
        await exchange.send(outgoing(server), LONG)
        loop.ahead += seconds / 2
        await asyncio.sleep(0)
        await exchange.send(outgoing(server), LONG)
        loop.ahead += seconds
        await asyncio.sleep(0)
        if closed:
            await server.closed.wait()
        await exchange.send(outgoing(server), LONG)
        assert server.connections == (2 if closed else 1)

    engine.against(answering, scenario)


@pytest.mark.holds(82)
@pytest.mark.parametrize(("first", "second", "late"), [(50.0, 1.0, True), (1.0, 50.0, False)])
def test_the_deadline_is_that_of_the_request_under_way(
    first: float, second: float, *, late: bool
) -> None:
    """Not that of another one over the same connection, be it nearer or farther (seconds)."""
    engine = Engine("a moved clock", DIRECT.make, _Ahead)
    told = asyncio.Event()

    async def waiting(connection: Connection) -> None:
        await connection.request()
        await connection.answer()
        await connection.request()
        await told.wait()
        await connection.answer()
        await connection.stay()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, _Ahead)
        await exchange.send(outgoing(server), first)
        asking = asyncio.create_task(exchange.send(outgoing(server), second))
        await asyncio.sleep(0)
        loop.ahead += 2
        for _ in range(3):  # the loop looks at its timers
            await asyncio.sleep(0)
        assert asking.done() is late
        told.set()
        if late:
            with pytest.raises(ExchangeTimeout):
                await asking
        else:
            assert (await asking).status == 200
        assert server.connections == 1

    engine.against(waiting, scenario)


@contextmanager
def _closing_behind_the_back() -> Iterator[tuple[int, threading.Event, threading.Event, list[int]]]:
    """A server in a thread: it answers once per connection, and closes it when `close` is set."""
    close, closed, answered = threading.Event(), threading.Event(), list[int]()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(LONG)

    def serve() -> None:
        for number in range(2):
            connection, _ = server.accept()
            with connection:
                connection.settimeout(LONG)
                connection.recv(65536)
                answered.append(number)
                connection.sendall(ANSWER)
                close.wait(LONG)
            closed.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1], close, closed, answered
    finally:
        close.set()
        thread.join()
        server.close()


@pytest.mark.holds(83, 89)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_closed_unnoticed_is_not_used(engine: Engine, method: str) -> None:
    """Where the event loop had no time to hear of the end, the socket is asked before writing."""

    async def main(port: int, close: threading.Event, closed: threading.Event) -> None:
        origin = f"http://127.0.0.1:{port}"
        async with engine.at(origin) as exchange:
            await exchange.send(Outgoing(method, origin, {}), LONG)
            close.set()
            assert closed.wait(LONG)  # and the event loop with it
            assert (await exchange.send(Outgoing(method, origin, {}), LONG)).status == 200

    with _closing_behind_the_back() as (port, close, closed, answered):
        engine.run(main(port, close, closed))
        assert answered == [0, 1]


@pytest.mark.holds(83)
def test_an_answer_before_the_request_was_read_stands(direct: Engine) -> None:
    """The rest of the request is not sent, and its connection not used again."""
    read = 0

    async def refusing(connection: Connection) -> None:
        nonlocal read
        read += len(await connection.reader.readuntil(b"\r\n\r\n"))
        await connection.answer(b"no", status=b"413 Content Too Large")
        read += len(await connection.reader.read())

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for number in (1, 2):
            answer = await exchange.send(Outgoing("POST", server.origin, {}, LARGE), LONG)
            assert (answer.status, answer.body) == (413, b"no")
            assert server.connections == number
        assert read < 2 * len(LARGE)

    direct.against(refusing, scenario)


def test_a_large_request_arrives_whole(engine: Engine) -> None:
    """Piece by piece, as fast as the platform reads it; the connection goes on."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for _ in range(2):
            assert (
                await exchange.send(Outgoing("POST", server.origin, {}, LARGE), LONG)
            ).status == 200
        assert [request.endswith(b"\r\n\r\n" + LARGE) for request in server.requests] == [True] * 2
        assert server.connections == 1

    engine.against(answering, scenario)


@pytest.mark.holds(82)
def test_a_request_that_the_platform_does_not_read_ends_at_the_deadline(engine: Engine) -> None:
    """Writing counts as well."""

    async def deaf(connection: Connection) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.Event().wait()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeTimeout) as caught:
            await exchange.send(Outgoing("POST", server.origin, {}, LARGE), 0.2)
        assert caught.value.sent is Sent.MAYBE

    engine.against(deaf, scenario)


def test_who_gives_up_closes_the_connection(engine: Engine) -> None:
    """An answer that comes after its asker left is nobody's: it cannot be the next one's."""

    async def waiting(connection: Connection) -> None:
        request = await connection.request()
        if b"/given-up" in request:
            await connection.stay()
        await connection.answer()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        first = asyncio.create_task(exchange.send(outgoing(server, target="/given-up"), LONG))
        await server.asked.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await server.closed.wait()
        assert (await exchange.send(outgoing(server), LONG)).status == 200
        assert server.connections == 2

    engine.against(waiting, scenario, max_connections=1)


def test_who_gives_up_as_his_turn_comes_passes_it_on(engine: Engine) -> None:
    """The connection that he was just given is the next one's."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        async def first() -> None:
            await exchange.send(outgoing(server), LONG)
            second.cancel()

        asked = asyncio.create_task(first())
        await asyncio.sleep(0)
        second = asyncio.create_task(exchange.send(outgoing(server), LONG))
        await asked
        with pytest.raises(asyncio.CancelledError):
            await second
        assert (await exchange.send(outgoing(server), LONG)).status == 200
        assert (server.connections, len(server.requests)) == (1, 2)

    engine.against(answering, scenario, max_connections=1)


def test_no_place_is_lost_in_a_storm(direct: Engine) -> None:
    """However requests end, given up in the queue or under way, refused, cut or answered, all places
    are there afterwards."""
    places = 4
    together = asyncio.Event()
    inside = 0

    async def moody(connection: Connection) -> None:
        nonlocal inside
        while True:
            request = await connection.request()
            if b"/together" in request:
                inside += 1
                if inside == places:
                    together.set()
                await together.wait()
            elif b"/cut" in request:
                return
            elif b"/reset" in request:
                connection.reset()
                return
            else:
                await asyncio.sleep(0)
            await connection.answer()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        kinds = ("/fine", "/cut", "/fine", "/reset")
        asked = [
            asyncio.create_task(exchange.send(outgoing(server, target=kinds[n % 4]), LONG))
            for n in range(200)
        ]
        for number, task in enumerate(asked):
            if number % 3 == 0:
                await asyncio.sleep(0)
                task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        answers = await asyncio.gather(
            *(exchange.send(outgoing(server, target="/together"), LONG) for _ in range(places))
        )
        assert [answer.status for answer in answers] == [200] * places

    direct.against(moody, scenario, max_connections=places)


def test_closing_ends_what_is_under_way(direct: Engine) -> None:
    """Each of them knows how far it came; nothing is sent afterwards."""

    async def silent(connection: Connection) -> None:
        await connection.request()
        await connection.stay()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        asked = [asyncio.create_task(exchange.send(outgoing(server), LONG)) for _ in range(2)]
        await server.asked.wait()
        await exchange.close()
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert [_sent(end) for end in ends] == [Sent.MAYBE, Sent.NO]
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server), LONG)
        assert caught.value.sent is Sent.NO
        assert server.connections == 1

    direct.against(silent, scenario, max_connections=1)


def _sent(end: object) -> Sent:
    assert isinstance(end, ExchangeError)
    return end.sent


@pytest.mark.holds(82)
def test_connecting_ends_at_the_deadline(direct: Engine) -> None:
    """A deadline that is nearer than the patience for connecting counts, and nothing stays open.

    The library leaves such a connection to the collector.
    """

    async def main() -> None:
        async with listening(Connection.stay) as server:
            origin = f"https://127.0.0.1:{server.port}"
            async with direct.at(origin, connect_timeout=LONG) as exchange:
                with pytest.raises(ExchangeTimeout) as caught:
                    await exchange.send(Outgoing("POST", f"{origin}/x", {}, b"{}"), 0.1)
                assert caught.value.sent is Sent.NO

    direct.run(main())


@contextmanager
def _deaf() -> Iterator[int]:
    """A port that neither accepts nor refuses: its queue is full."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    crowd = [socket.socket() for _ in range(4)]
    for one in crowd:
        one.setblocking(False)
        one.connect_ex(server.getsockname())
    try:
        yield server.getsockname()[1]
    finally:
        for one in (*crowd, server):
            one.close()


@pytest.mark.parametrize("first", ["refused", "deaf"])
def test_another_address_of_the_platform_is_tried(first: str) -> None:
    """A host of several addresses is reached if one of them is, within a quarter of a second each."""

    class Named(asyncio.SelectorEventLoop):
        ports: tuple[int, ...] = ()

        async def getaddrinfo(self, *_asked: Any, **_more: Any) -> list[Any]:
            kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [(*kind, ("127.0.0.1", port)) for port in self.ports]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Named)
        async with listening(answering) as server:
            with _deaf() as deaf:
                loop.ports = (1 if first == "refused" else deaf, server.port)
                origin = "http://platform.example"
                async with DIRECT.at(origin) as exchange:
                    answer = await exchange.send(Outgoing("POST", f"{origin}/x", {}, b"{}"), LONG)
                assert answer.status == 200
                assert b"Host: platform.example\r\n" in server.requests[0]

    Engine("names", DIRECT.make, Named).run(main())
