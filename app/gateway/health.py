"""Whether the process runs, and whether it can serve."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field


class Health(BaseModel):
    status: str = Field(description="`ok`", examples=["ok"])


def routes() -> APIRouter:
    router = APIRouter(tags=["Health"])

    @router.get("/healthz", operation_id="getHealth", summary="Whether the process runs")
    async def get_health(response: Response) -> Health:
        """Touches nothing but the process itself."""
        response.headers["cache-control"] = "no-store"
        return Health(status="ok")

    @router.get("/readyz", operation_id="getReadiness", summary="Whether requests can be served")
    async def get_readiness(response: Response) -> Health:
        """In one process there is nothing to wait for: once it answers, it can serve."""
        response.headers["cache-control"] = "no-store"
        return Health(status="ok")

    return router
