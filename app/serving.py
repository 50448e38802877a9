"""The server: uvicorn, which tells the application that it is about to stop."""

from __future__ import annotations

import socket

import uvicorn

from app.gateway.draining import Drain


class Server(uvicorn.Server):
    """Answers until it is told to stop. What never ends by itself is told first, then it waits."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain.begin()
        await super().shutdown(sockets)
