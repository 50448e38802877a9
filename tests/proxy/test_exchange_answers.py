"""How answers are read by each engine: framings, cuts, what comes before and after, what is no HTTP."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from app.upstream.exchange import (
    AnswerTooLarge,
    Exchange,
    ExchangeError,
    ExchangeTimeout,
    Incoming,
    Outgoing,
    Sent,
)
from tests.proxy.byte_server import ByteServer, Connection, answering, saying
from tests.proxy.engines import LONG, Engine, outgoing

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
# Whole answers, and what they mean; those with None end with their connection.
WHOLE: dict[str, tuple[bytes, Incoming]] = {
    "length": (
        OK + b"Content-Length: 5\r\nX-A:  one \r\nX-Empty:\r\n\r\nhello",
        Incoming(200, {"content-length": "5", "x-a": "one", "x-empty": ""}, b"hello"),
    ),
    "nothing": (
        b"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n",
        Incoming(500, {"content-length": "0"}, b""),
    ),
    "chunks": (
        CHUNKED + b"3;x=y\r\nhel\r\n02\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n",
        Incoming(200, {"transfer-encoding": "chunked"}, b"hello"),
    ),
    "no content": (
        b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",
        Incoming(204, {"x-a": "b"}, b""),
    ),
    "not modified": (
        b'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n',
        Incoming(304, {"content-length": "5", "etag": '"x"'}, b""),
    ),
    "interim answers first": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        + OK
        + b"Content-Length: 2\r\n\r\n{}",
        Incoming(200, {"content-length": "2"}, b"{}"),
    ),
    "repeated headers": (
        OK + b"Vary: a\r\nVary: b\r\nContent-Length: 0\r\n\r\n",
        Incoming(200, {"vary": "a, b", "content-length": "0"}, b""),
    ),
    "blanks around values": (
        OK + b"X-A: \t one two \t\r\nX-Empty: \t \r\nContent-Length: 0\r\nX-Last:\tb\t \r\n\r\n",
        Incoming(200, {"x-a": "one two", "x-empty": "", "content-length": "0", "x-last": "b"}, b""),
    ),
    "latin": (
        OK + b"X-A: gr\xfc\xdfe\r\nContent-Length: 0\r\n\r\n",
        Incoming(200, {"x-a": "grüße", "content-length": "0"}, b""),
    ),
    "utf-8": (
        OK + "X-A: grüße\r\nContent-Length: 0\r\n\r\n".encode(),
        Incoming(200, {"x-a": "grüße", "content-length": "0"}, b""),
    ),
}
UNTIL_THE_END: dict[str, tuple[bytes, Incoming]] = {
    "no length": (OK + b"X-A: b\r\n\r\nhello", Incoming(200, {"x-a": "b"}, b"hello")),
    "no length, no body": (OK + b"\r\n", Incoming(200, {}, b"")),
    "HTTP/1.0": (
        b"HTTP/1.0 404 Gone\r\nX-A: b\r\n\r\nhello",
        Incoming(404, {"x-a": "b"}, b"hello"),
    ),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_an_answer_is_the_same_wherever_it_is_cut(engine: Engine, kind: str) -> None:
    """Two pieces, cut at any byte, are the same answer as one; the connection goes on."""
    raw, expected = WHOLE[kind]

    async def cutting(connection: Connection) -> None:
        for cut in range(len(raw)):
            await connection.request()
            await _in_pieces(connection, raw, [cut])

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for _ in range(len(raw)):
            assert await exchange.send(outgoing(server), LONG) == expected
        assert server.connections == 1

    engine.against(cutting, scenario)


@pytest.mark.parametrize("kind", UNTIL_THE_END)
def test_an_answer_may_end_with_its_connection(engine: Engine, kind: str) -> None:
    """Without a length the body is what comes until the end, cut at any byte."""
    raw, expected = UNTIL_THE_END[kind]
    cuts = iter(range(len(raw)))

    async def cutting(connection: Connection) -> None:
        await connection.request()
        await _in_pieces(connection, raw, [next(cuts)])

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for _ in range(len(raw)):
            assert await exchange.send(outgoing(server), LONG) == expected
        assert server.connections == len(raw)

    engine.against(cutting, scenario)


async def _in_pieces(connection: Connection, raw: bytes, cuts: list[int]) -> None:
    """With time for the other side to read each of them."""
    for start, end in pairwise([0, *cuts, len(raw)]):
        await connection.send(raw[start:end])
        for _ in range(5):
            await asyncio.sleep(0)


def test_the_answer_to_head_has_no_body(engine: Engine) -> None:
    """Whatever length it announces; the next request is answered as well."""

    async def script(connection: Connection) -> None:
        while True:
            request = await connection.request()
            body = b"" if request.startswith(b"HEAD") else b"hello"
            await connection.send(OK + b"Content-Length: 5\r\n\r\n" + body)

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for method, body in [("HEAD", b""), ("GET", b"hello"), ("HEAD", b"")]:
            answer = await exchange.send(Outgoing(method, server.origin, {}), LONG)
            assert answer == Incoming(200, {"content-length": "5"}, body)

    engine.against(script, scenario)


@pytest.mark.parametrize(
    "more",
    [b"garbage", OK, OK + b"Content-Length: 4\r\n\r\nevil", b"\x00", b"\r\n\r\n\x00"],
    ids=["garbage", "a head", "another answer", "a byte", "a byte after lines"],
)
@pytest.mark.parametrize("late", [False, True], ids=["at once", "later"])
def test_what_follows_an_answer_is_never_the_next(
    direct: Engine, more: bytes, *, late: bool
) -> None:
    """The answer stands, its connection goes, and the next request gets an answer of its own.

    The library takes an answer that nobody asked for as that to the next request.
    """
    unasked, said = asyncio.Event(), asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        raw = OK + b"Content-Length: 4\r\n\r\nfine"
        await connection.send(raw if late else raw + more)
        await unasked.wait()
        if late:
            await connection.send(more)
        said.set()
        await connection.stay()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for _ in range(3):
            answer = await exchange.send(outgoing(server), LONG)
            assert answer == Incoming(200, {"content-length": "4"}, b"fine")
            unasked.set()
            await said.wait()
            unasked.clear()
            said.clear()
        assert server.connections == 3

    direct.against(script, scenario)


NO_HTTP = {
    "no version": b"200 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH\r\n\r\n",
    "misspelled": b"HTP/1.1 200 OK\r\n\r\n",
    "two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "words for a status": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status below all": b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
    "another protocol is switched to": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
    "no colon": OK + b"what is this\r\n\r\n",
    "space before the colon": OK + b"Content-Length : 2\r\n\r\n{}",
    "a name that is none": OK + b"X(A): b\r\nContent-Length: 0\r\n\r\n",
    "a nul": OK + b"X-A: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "lengths that differ": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "lengths in one line": OK + b"Content-Length: 2, 3\r\n\r\n{} ",
    "a signed length": OK + b"Content-Length: +2\r\n\r\n{}",
    "a length in hex": OK + b"Content-Length: 0x2\r\n\r\n{}",
    "a length beyond all": OK + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "an unknown coding": OK + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "a coding besides chunks": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks twice": OK
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a flood of headers": OK + b"X-A: b\r\n" * 100_000,
    "headers without an end": OK + b"X-A: " + b"b" * 500_000,
}


@pytest.mark.holds(40)
@pytest.mark.parametrize("kind", NO_HTTP)
def test_what_is_no_http_is_an_error(engine: Engine, kind: str) -> None:
    """A head that cannot be trusted is no answer, and its connection is not used again."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for _ in range(2):
            with pytest.raises(ExchangeError) as caught:
                await exchange.send(outgoing(server), LONG)
            assert _known_at_once(caught.value) is Sent.MAYBE
        assert server.connections == 2

    engine.against(saying(NO_HTTP[kind]), scenario)


# The library reads these, and so would others between us and the platform, each in its own way.
AMBIGUOUS = {
    "a length and chunks": OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "a length twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a folded header": OK + b"X-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "a control character": OK + b"X-A: a\x01b\r\nContent-Length: 2\r\n\r\n{}",
    "interim answers without an end": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 10_000,
}


@pytest.mark.holds(40)
@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_a_head_that_could_be_read_in_two_ways_is_an_error(direct: Engine, kind: str) -> None:
    """Our own engine refuses what the standard lets a reader refuse (RFC 9112)."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server), LONG)
        assert _known_at_once(caught.value) is Sent.MAYBE

    direct.against(saying(AMBIGUOUS[kind]), scenario)


BROKEN_BODIES = {
    "a size that is none": CHUNKED + b"zz\r\nhi\r\n0\r\n\r\n",
    "a negative size": CHUNKED + b"-1\r\nhi\r\n0\r\n\r\n",
    "a size beyond all": CHUNKED + b"f" * 30 + b"\r\nhi\r\n0\r\n\r\n",
    "more than its size": CHUNKED + b"2\r\nhiho\r\n0\r\n\r\n",
    "trailers without an end": CHUNKED + b"2\r\nhi\r\n0\r\nX-A: " + b"b" * 500_000,
}


@pytest.mark.holds(40)
@pytest.mark.parametrize("kind", BROKEN_BODIES)
def test_a_broken_body_is_an_error_after_the_answer_began(engine: Engine, kind: str) -> None:
    """Part of an answer is no answer, however much of it came."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server), LONG)
        assert _known_at_once(caught.value) is Sent.ANSWERED

    engine.against(saying(BROKEN_BODIES[kind]), scenario)


def _known_at_once(error: ExchangeError) -> Sent:
    """How far it came; whoever had to wait for the deadline to know did not know."""
    assert not isinstance(error, ExchangeTimeout)
    return error.sent


@pytest.mark.parametrize("how", ["end", "reset"])
@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
def test_a_body_that_stops_early_is_an_error(engine: Engine, framing: bytes, how: str) -> None:
    """A body that says how long it is has to be that long."""

    async def script(connection: Connection) -> None:
        await connection.request()
        start = b"4\r\nhel" if b"chunked" in framing else b"hel"
        await connection.send(OK + framing + b"\r\n\r\n" + start)
        if how == "reset":
            await _read_by_the_other_side()
            connection.reset()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server), LONG)
        assert caught.value.sent is Sent.ANSWERED

    engine.against(script, scenario)


def test_a_reset_does_not_end_a_body(engine: Engine) -> None:
    """Only an orderly end makes what came so far an answer."""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(OK + b"\r\n" + b'{"half":')
        await _read_by_the_other_side()
        connection.reset()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server), LONG)
        assert caught.value.sent is Sent.ANSWERED

    engine.against(script, scenario)


async def _read_by_the_other_side() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.holds(40)
@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("framing", ["length", "chunks", "end"])
def test_the_largest_answer_is_exact(engine: Engine, framing: str, extra: int) -> None:
    """An answer may have as many bytes as allowed, and not one more."""
    body = b"x" * (1000 + extra)
    raw = {
        "length": OK + b"Content-Length: %d\r\n\r\n" % len(body) + body,
        "chunks": CHUNKED + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n",
        "end": OK + b"\r\n" + body,
    }[framing]

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(raw)

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        if extra:
            with pytest.raises(AnswerTooLarge) as caught:
                await exchange.send(outgoing(server), LONG)
            assert caught.value.sent is Sent.ANSWERED
        else:
            assert (await exchange.send(outgoing(server), LONG)).body == body

    engine.against(script, scenario, max_answer_bytes=1000)


@pytest.mark.holds(40)
def test_an_answer_that_announces_too_much_is_not_waited_for(direct: Engine) -> None:
    """Reading stops at the head, before any of the body came."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(AnswerTooLarge) as caught:
            await exchange.send(outgoing(server), LONG)
        assert caught.value.sent is Sent.ANSWERED

    direct.against(saying(OK + b"Content-Length: 1001\r\n\r\n"), scenario, max_answer_bytes=1000)


def test_an_answer_that_closes_is_the_last_of_its_connection(engine: Engine) -> None:
    """`Connection: close` is believed even if the platform goes on listening."""

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.answer(b"{}", b"Connection: close")

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for _ in range(2):
            assert (await exchange.send(outgoing(server), LONG)).status == 200
        assert server.connections == 2

    engine.against(script, scenario)


def test_answers_follow_each_other_over_one_connection(engine: Engine) -> None:
    """What has an end of its own does not cost a connection."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for method in ("GET", "POST", "DELETE", "PATCH"):
            assert (await exchange.send(outgoing(server, method), LONG)).body == b'{"ok":1}'
        assert server.connections == 1

    engine.against(answering, scenario)
