"""Whether the process runs, and whether requests should be sent to it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.cache.redis_link import RedisLink
from app.gateway.draining import Drain


class Health(BaseModel):
    status: str = Field(
        description="`ok`; of readiness also `starting` or `draining`", examples=["ok"]
    )


class Readiness:
    """Whether this replica should be sent requests. `link` is None without Redis.

    A replica that was never able to reach Redis is not ready: most likely its settings are wrong, and
    it must not replace one that works. One that loses Redis later stays ready: all replicas lose it
    at the same moment, and taking all of them out would end also what goes on without it (decision 13).
    The platform is no reason either: what is kept is served while it is away.
    """

    def __init__(self, drain: Drain, link: RedisLink | None) -> None:
        self._drain = drain
        self._link = link

    def state(self) -> str:
        if self._drain.under_way:
            return "draining"
        if self._link is not None and not self._link.heard:
            return "starting"
        return "ok"


_NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {"model": Health, "description": "It should get no more requests, or none yet"}
}


def routes(readiness: Readiness) -> APIRouter:
    router = APIRouter(tags=["Health"])

    @router.get("/healthz", operation_id="getHealth", summary="Whether the process runs")
    async def get_health(response: Response) -> Health:
        """Touches nothing but the process itself."""
        response.headers["cache-control"] = "no-store"
        return Health(status="ok")

    @router.get(
        "/readyz",
        operation_id="getReadiness",
        summary="Whether requests should be sent here",
        responses=_NOT_READY,
    )
    async def get_readiness(response: Response) -> Health:
        """`starting`: Redis is configured and was not reached yet. `draining`: the process was told to
        stop; it still answers for a while."""
        response.headers["cache-control"] = "no-store"
        state = readiness.state()
        if state != "ok":
            response.status_code = 503
        return Health(status=state)

    return router
