"""Answers written as one: what the connection still looks after when the front hands it a whole."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn

from app.early import early_protocol
from app.gateway.draining import Drain
from app.gateway.front import Front
from app.gateway.recall import READ, Memory
from app.gateway.way_out import WHOLE
from app.observe.logs import make_log
from app.observe.requests import Requests
from app.settings import LogSettings

FORGETFUL = cast(Memory, SimpleNamespace(answer=lambda _request: None))


def answering(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Any:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        assert WHOLE in scope["extensions"]
        await send(
            {"type": WHOLE, "status": status, "lines": b"", "headers": headers, "body": body}
        )

    return app


@contextmanager
def serving(app: Any, **more: Any) -> Iterator[int]:
    """A server with this application; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    protocol = early_protocol(FORGETFUL)
    config = uvicorn.Config(
        app, http=protocol, lifespan="off", log_config=None, server_header=False, **more
    )
    server = uvicorn.Server(config)
    thread = Thread(target=asyncio.run, args=(server.serve([listening]),))
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def told(port: int, request: bytes) -> bytes:
    """Everything until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\n%b\r\n"
BYE = ASKED % b"Connection: close\r\n"


@pytest.mark.holds(72)
@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\x00b", b"a\x7fb"])
@pytest.mark.parametrize("where", ["name", "value"])
def test_a_header_says_no_more_than_itself(value: bytes, where: str) -> None:
    """A control character in a header ends the answer before any of it is written."""
    header = (value, b"1") if where == "name" else (b"x-value", value)
    with serving(answering(200, [header, (b"content-length", b"2")], b"{}")) as port:
        said = told(port, BYE)
    assert said.startswith(b"HTTP/1.1 500 ")
    assert value not in said


@pytest.mark.parametrize("size", [2, 100_000])
def test_head_and_body(size: int) -> None:
    """The head once, then the body, however large; HEAD has the head alone."""
    length = str(size).encode()
    with serving(answering(200, [(b"content-length", length)], b"x" * size)) as port:
        for method, body in ((b"GET", b"x" * size), (b"HEAD", b"")):
            head, _, rest = told(port, BYE.replace(b"GET", method)).partition(b"\r\n\r\n")
            assert head.count(b"content-length: " + length) == 1
            assert head.count(b"connection: close") == 1
            assert rest == body


def test_an_answer_may_end_its_connection() -> None:
    """As it says itself, while the gateway stops; it says so once."""
    headers = [(b"content-length", b"2"), (b"connection", b"close")]
    with serving(answering(200, headers, b"{}")) as port:
        for request in (ASKED % b"", BYE, BYE.replace(b"HTTP/1.1", b"HTTP/1.0")):
            assert told(port, request).count(b"connection: close\r\n") == 1


@pytest.mark.parametrize("body", [b"{}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil", b"{"])
def test_a_body_is_as_long_as_it_says(body: bytes) -> None:
    """Where a handler miscounts, nothing that a reader could take for another answer follows."""

    async def miscounting(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    front = Front(
        miscounting,
        https=False,
        drain=Drain(),
        memory=cast(Memory, SimpleNamespace(recall=lambda *_: None)),
        requests=cast(Requests, SimpleNamespace(tell=lambda _line: None)),
        log=make_log(LogSettings(), StringIO()),
        tracing=None,
    )
    with serving(front) as port:
        said = told(port, ASKED % b"")
    assert b"evil" not in said
    assert said.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("first", ["http.response.start", WHOLE])
def test_there_is_one_answer(first: str) -> None:
    """Where a handler answers twice, nothing of the second answer is sent."""

    async def answering_twice(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"2")]
        await send({"type": first, "status": 200, "lines": b"", "headers": headers, "body": b"{}"})
        await send({"type": WHOLE, "status": 200, "lines": b"", "headers": headers, "body": b"[]"})

    with serving(answering_twice) as port:
        said = told(port, ASKED % b"")
    assert said.count(b"HTTP/1.1") == 1
    assert b"[]" not in said


def begun(port: int, request: bytes) -> bytes:
    """How the answer begins."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        return connection.recv(65_536)[:12]


# --- as the parent does ---------------------------------------------------------------------------

# Nothing is unusual about it, so that the memory is asked for it.
USUAL = ASKED % b"Cookie: bff-dev=nobody\r\n"
REQUESTS = {
    "usual": USUAL,
    "with a query": USUAL.replace(b"GET / ", b"GET /a%20b?c=d%26e "),
    "by a full address": USUAL.replace(b"GET / ", b"GET http://localhost/a?b#c "),
    "head": USUAL.replace(b"GET", b"HEAD"),
    "by nobody": ASKED % b"",
    "the older version": BYE.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "with a body": ASKED.replace(b"GET", b"POST") % b"Content-Length: 2\r\n" + b"{}",
}


def seen(request: bytes, **more: Any) -> tuple[dict[str, Any], list[Any]]:
    """The scope of a request, and what its application receives until the other end has left."""
    scopes, messages = list[dict[str, Any]](), list[Any]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        messages.append(await receive())
        connection.shutdown(socket.SHUT_RDWR)
        messages.append(await receive())

    with (
        serving(app, **more) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        connection.sendall(request)
        assert connection.recv(1) == b""
    (scope,) = scopes
    return scope, messages


@pytest.mark.parametrize("kind", REQUESTS)
def test_an_application_sees_what_the_parent_shows_it(kind: str) -> None:
    """Scope and messages of a request are the same where the parent itself begins it, as it does where
    a limit is set, but for what we offer beside."""
    ours, received = seen(REQUESTS[kind])
    theirs, expected = seen(REQUESTS[kind], limit_concurrency=1000)
    assert WHOLE in ours.pop("extensions")
    assert "extensions" not in theirs
    assert ours.pop("client")[0] == theirs.pop("client")[0]
    assert ours.pop("server")[0] == theirs.pop("server")[0]
    assert ours == theirs
    assert received == expected
    assert [one["type"] for one in received] == ["http.request", "http.disconnect"]


# Beside a first line that is known to begin such a request, those that only the parser may judge.
FIRST_LINES = (
    b"GET /a%20b;c?d=e%26f&&g HTTP/1.1",
    b"GET /a?b#c HTTP/1.1",
    b"GET http://localhost/a HTTP/1.1",
    b"GET  / HTTP/1.1",
    b"GET /a b HTTP/1.1",
    b"GET /\xc3\xa9 HTTP/1.1",
    b"GET /\x01 HTTP/1.1",
    b"GET / HTTP/1.0",
    b"GET / HTTP/1.1 ",
    b"HEAD / HTTP/1.1",
    b"get / HTTP/1.1",
)


@pytest.mark.parametrize("line", FIRST_LINES)
def test_what_is_known_of_a_request_changes_nothing(line: bytes) -> None:
    """The same first line means the same, and is refused alike, whether or not what follows it came
    before."""
    after = USUAL.partition(b"\r\n")[2]
    scopes = list[dict[str, Any]]()

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        scopes.append(scope)
        headers = [(b"content-length", b"0")]
        await send({"type": WHOLE, "status": 200, "lines": b"", "headers": headers, "body": b""})

    def asked(*lines: bytes) -> tuple[list[bytes], list[dict[str, Any]]]:
        scopes.clear()
        with serving(app) as port:
            statuses = [begun(port, one + b"\r\n" + after) for one in lines]
        for scope in scopes:
            scope["client"], scope["server"] = None, None
            scope["extensions"].pop(READ, None)
        return statuses, list(scopes)

    (alone,), expected = asked(line)
    (_, known), (_, *found) = asked(b"GET /first HTTP/1.1", line)
    assert known == alone
    assert found == expected


def test_a_limit_is_the_parents() -> None:
    """Where as many connections as there may be are open, an application is not asked."""
    with serving(answering(200, [], b""), limit_concurrency=1) as port:
        assert told(port, USUAL).startswith(b"HTTP/1.1 503 ")


def test_another_protocol_is_the_parents() -> None:
    """Who asks for one that the server speaks gets it, be it with his first request."""
    spoken = list[bytes]()

    class Other(asyncio.Protocol):
        def __init__(self, **_: Any) -> None: ...

        def data_received(self, data: bytes) -> None:
            spoken.append(data)

        def connection_made(self, transport: Any) -> None:
            transport.close()

    asked = ASKED % b"Connection: upgrade\r\nUpgrade: websocket\r\n"
    with serving(answering(200, [], b""), ws=Other) as port:
        assert told(port, asked) == b""
    (data,) = spoken
    assert data.startswith(b"GET / HTTP/1.1\r\n")
