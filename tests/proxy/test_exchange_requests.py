"""What engines write: the head of a request, and that nothing can be slipped into it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.upstream.direct import DirectExchange
from app.upstream.exchange import Exchange, ExchangeError, Outgoing, Sent, header_lines
from app.upstream.origin import Origin
from tests.proxy.byte_server import ByteServer, answering
from tests.proxy.engines import LONG, Engine, outgoing

LENGTHS = {
    ("GET", None): None,
    ("HEAD", None): None,
    ("DELETE", None): None,
    ("POST", None): b"0",
    ("PUT", None): b"0",
    ("PATCH", None): b"0",
    ("POST", b""): b"0",
    ("DELETE", b""): None,
    ("DELETE", b"{}"): b"2",
    ("POST", b"{}"): b"2",
}


@pytest.mark.parametrize(("method", "body"), LENGTHS)
def test_a_request_says_how_long_it_is(engine: Engine, method: str, body: bytes | None) -> None:
    """Methods that usually have a body say so even if it is empty (RFC 9110, section 8.6)."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        await exchange.send(Outgoing(method, server.origin, {}, body), LONG)
        head, _, rest = server.requests[0].partition(b"\r\n\r\n")
        lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
        said = [value for name, _, value in lines if name.lower() == b"content-length"]
        expected = LENGTHS[method, body]
        assert said == ([] if expected is None else [expected])
        assert rest == (body or b"")

    engine.against(answering, scenario)


def test_a_request_names_the_host_and_asks_for_plain_bytes(engine: Engine) -> None:
    """The port is part of the name where it is not the scheme's own; the root has a path."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for target in ("", "?a=b"):
            await exchange.send(outgoing(server, target=target), LONG)
        for request, path in zip(server.requests, (b"/", b"/?a=b"), strict=True):
            assert request.startswith(b"GET " + path + b" HTTP/1.1\r\n")
            assert b"\r\nHost: 127.0.0.1:%d\r\n" % server.port in request
            assert request.lower().count(b"accept-encoding: identity\r\n") == 1

    engine.against(answering, scenario)


ORIGINS = {
    "http://platform.example/api/v1": Origin(
        "http://platform.example", False, "platform.example", 80, "platform.example"
    ),
    "https://Platform.Example:8443": Origin(
        "https://Platform.Example:8443", True, "platform.example", 8443, "platform.example:8443"
    ),
    "https://platform.example:443/": Origin(
        "https://platform.example:443", True, "platform.example", 443, "platform.example"
    ),
    "http://[::1]:8000/api": Origin("http://[::1]:8000", False, "::1", 8000, "[::1]:8000"),
    "https://[2001:db8::1]/api": Origin(
        "https://[2001:db8::1]", True, "2001:db8::1", 443, "[2001:db8::1]"
    ),
}


@pytest.mark.parametrize("url", ORIGINS)
def test_an_origin_is_that_of_the_address(url: str) -> None:
    """Host, port and the name that is said to the platform."""
    assert Origin.of(url) == ORIGINS[url]


@pytest.mark.parametrize("url", ["ftp://platform.example", "//platform.example", "http://a@b", ""])
def test_an_address_without_an_origin_cannot_be_asked(url: str) -> None:
    """Nothing is made that would ask somewhere else."""
    with pytest.raises(ValueError, match="http"):
        DirectExchange(url, connect_timeout=1, max_connections=1)


@pytest.mark.holds(38)
@pytest.mark.parametrize(
    "url",
    [
        "{0}0/x",
        "{0}@127.0.0.1/x",
        "{0}.platform.example/x",
        "{0}\\@127.0.0.1/x",
        "https://127.0.0.1/x",
        "HTTP://127.0.0.1/x",
        "//127.0.0.1/x",
        "/x",
        "",
        "{0}/x y",
        "{0}/x#y",
        "{0}/é",
        "{0}/\x7f",
        "{0}/x\r\nx-evil: 1",
        "{0}/x HTTP/1.1\r\n\r\n",
        "{0}/x\t",
    ],
)
def test_only_its_own_origin_is_asked_and_only_plainly(direct: Engine, url: str) -> None:
    """Another host gets no key, and nothing can be slipped into the first line."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(Outgoing("GET", url.format(server.origin), {}), LONG)
        assert caught.value.sent is Sent.NO
        assert server.connections == 0

    direct.against(answering, scenario)


@pytest.mark.parametrize("method", ["", "get", "CONNECT", "GET /evil HTTP/1.1\r\n", "TRACE"])
def test_only_known_methods_are_sent(direct: Engine, method: str) -> None:
    """Those that could turn a connection into something else are not among them."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(Outgoing(method, server.origin, {}), LONG)
        assert caught.value.sent is Sent.NO
        assert server.connections == 0

    direct.against(answering, scenario)


@pytest.mark.parametrize(
    "name",
    [
        "x-a\r\nx-evil",
        "x-a: b\nx-evil",
        "x a",
        "x-ä",
        "",
        ":authority",
        "Host",
        "content-length",
        "Transfer-Encoding",
        "connection",
        "Expect",
        "accept-encoding",
    ],
)
def test_a_name_that_would_say_more_is_not_sent(engine: Engine, name: str) -> None:
    """How a message travels is said by the engine alone."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(Outgoing("POST", server.origin, {name: "chunked"}, b"{}"), LONG)
        assert caught.value.sent is Sent.NO
        assert server.requests == []

    engine.against(answering, scenario)


NAMES = ("x-a", "x-b", "x-c")


@given(st.tuples(*[st.text("ab~ \t\r\n:-\x00\x7fé", max_size=6) for _ in NAMES]))
@example(("1\r\nx-b: 2", "3", "4"))
@example(("1", "2\r\nx-c: 3\r\n", ""))
@example(("1\r\nx-b: 2\r\nx-c: 3\r\n", "", ""))
def test_every_header_is_one_line(values: tuple[str, ...]) -> None:
    """None of them ends another one, whatever the others say: visible ASCII with spaces inside, or nothing."""
    headers = dict(zip(NAMES, values, strict=True))
    if all(re.fullmatch(r"|[!-~]|[!-~][ -~]*[!-~]", value) for value in values):
        lines = [f"{name}: {value}" for name, value in headers.items()]
        assert header_lines(headers).split("\r\n") == [*lines, ""]
    else:
        with pytest.raises(ExchangeError) as caught:
            header_lines(headers)
        assert caught.value.sent is Sent.NO
