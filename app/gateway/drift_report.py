"""What drifted, for whoever runs the gateway: `GET /drift` on the port for operations."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.gateway.drift import Drift

PATH = "/drift"


def drift_route(drift: Drift) -> Route:
    """The route to mount there; a report holds no ids and no values."""

    async def report(_: Request) -> JSONResponse:
        return JSONResponse(drift.report(), headers={"cache-control": "no-store"})

    return Route(PATH, report, methods=["GET"])
