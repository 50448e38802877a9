"""What those who run the gateway ask it, on a port of its own: /metrics, /healthz, /readyz.

The port is theirs alone: nothing here is signed in for, and nothing here is about a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Protocol

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.measuring import Measuring
from app.observe.exposition import exposition
from app.observe.metrics import Measured
from app.serving import Beside, listen
from app.settings import OperationsSettings, SettingsFault

_NO_STORE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Source(Protocol):
    """Whoever knows how the gateway does: this process, or the one that its workers tell."""

    async def state(self) -> str:
        """That of readiness: `ok`, `starting` or `draining`."""

    async def measured(self) -> Measured:
        """Everything as it is now."""


class Here:
    """This process."""

    def __init__(self, measuring: Measuring) -> None:
        self._measuring = measuring

    async def state(self) -> str:
        return self._measuring.state

    async def measured(self) -> Measured:
        return self._measuring.measured()


class OperationsServer:
    """Answers on a socket that was bound before, for as long as the loop's main server does."""

    def __init__(self, source: Source, listening: socket.socket) -> None:
        self._listening = listening
        self._server = _Quiet(
            uvicorn.Config(
                _app(source),
                lifespan="off",
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listening]))

    async def stop(self) -> None:
        """Who asks at this moment is answered."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving


def listen_beside(settings: OperationsSettings) -> socket.socket | None:
    """The address to be asked at, None where none is set. Raises SettingsFault when it is taken."""
    if settings.port is None:
        return None
    try:
        return listen(settings.host, settings.port)
    except SettingsFault as fault:
        (sentence,) = fault.sentences
        raise SettingsFault(
            [f"BFF_OPERATIONS__HOST and __PORT must name an address that is free. {sentence}"]
        ) from None


def beside(app: FastAPI, listening: socket.socket | None) -> list[Beside]:
    """What tells of this application while it is served."""
    if listening is None:
        return []
    measuring = Measuring(app.state.parts, app.state.memory)
    return [OperationsServer(Here(measuring), listening)]


class _Quiet(uvicorn.Server):
    """Signals are the main server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _app(source: Source) -> Starlette:
    async def metrics(request: Request) -> Response:
        measured, accept = await source.measured(), request.headers.get("accept", "")
        # Writing it takes ten milliseconds, in which the loop answers others.
        text, media_type = await asyncio.to_thread(exposition, measured, accept)
        return Response(text, headers={**_NO_STORE, "content-type": media_type})

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def readiness(_request: Request) -> Response:
        state = await source.state()
        return JSONResponse({"status": state}, 200 if state == "ok" else 503, headers=_NO_STORE)

    routes = {"/metrics": metrics, "/healthz": health, "/readyz": readiness}
    app = Starlette(routes=[Route(path, answer) for path, answer in routes.items()])
    app.router.redirect_slashes = False
    return app
