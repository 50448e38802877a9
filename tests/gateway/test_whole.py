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
from app.gateway.recall import Memory
from app.gateway.way_out import WHOLE
from app.observe.logs import make_log
from app.observe.requests import Requests
from app.settings import LogSettings

FORGETFUL = cast(Memory, SimpleNamespace(answer=lambda _request: None))


def answering(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Any:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        assert WHOLE in scope["extensions"]
        await send({"type": WHOLE, "status": status, "headers": headers, "body": body})

    return app


@contextmanager
def serving(app: Any) -> Iterator[int]:
    """A server with this application; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    protocol = early_protocol(FORGETFUL)
    config = uvicorn.Config(
        app, http=protocol, lifespan="off", log_config=None, server_header=False
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
