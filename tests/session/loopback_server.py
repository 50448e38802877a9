"""A free loopback port for the whole run, where each test puts its own application."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from .http_fetch import HttpFetch


class Stage:
    """An origin with an application that tests replace; `fetch` lives in the server's loop."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.fetch = HttpFetch()
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        assert self.app is not None, "the test has put nothing on this stage"
        await self.app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.fetch.client.aclose()
        await send({"type": "lifespan.shutdown.complete"})


@contextlib.contextmanager
def open_stage() -> Iterator[Stage]:
    """A stage on a real port, served by a thread for as long as the `with` lasts."""
    listener = socket.create_server(("127.0.0.1", 0))
    stage = Stage(f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(stage, log_level="error", lifespan="on", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield stage  # the socket listens already: early requests wait in its queue
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
