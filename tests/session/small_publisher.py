"""A small server that publishes a key set, whose every answer a test can bend."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class SmallPublisher:
    """Publishes `keys` with `headers` at `url`, or answers `failing` instead; counts what it answers."""

    def __init__(self, origin: str) -> None:
        self.url = f"{origin}/keys?tenant=1"
        self.keys: list[Any] = []
        self.headers: dict[str, str] = {}
        self.failing: Response | None = None
        self.fetched = 0
        self.elsewhere = 0

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/keys", self._keys), Route("/elsewhere", self._elsewhere)])

    async def _keys(self, _request: Request) -> Response:
        self.fetched += 1
        return self.failing or JSONResponse({"keys": self.keys}, headers=self.headers)

    async def _elsewhere(self, _request: Request) -> Response:
        """Where a redirect would lead: to the same keys."""
        self.elsewhere += 1
        return JSONResponse({"keys": self.keys})
