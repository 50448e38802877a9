"""The gateway's job as tutorials write it with FastAPI: Depends, python-jose, cachetools, httpx.

Served by uvicorn; PLATFORM in the environment says whom to ask.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated

import httpx
from cachetools import TTLCache
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from jose import JWTError, jwt
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from bench.credentials import AUDIENCE, ISSUER, SECRET

PLATFORM = os.environ.get("PLATFORM", "")
FIELDS = ("impressions", "clicks", "spend", "cpm", "cpc", "actions", "actionValues")
WHO = ("campaign_id", "campaign_name")
WHO_OF_ADS = (*WHO, "adset_id", "adset_name", "ad_id", "ad_name")


class Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Action(Shape):
    action_type: str
    value: float


class Breakdown(Shape):
    name: str
    value: str


class Row(Shape):
    campaign_id: str | None = None
    campaign_name: str | None = None
    ad_set_id: str | None = Field(None, validation_alias="adset_id")
    ad_set_name: str | None = Field(None, validation_alias="adset_name")
    ad_id: str | None = None
    ad_name: str | None = None
    date_start: date | None = None
    date_stop: date | None = None
    breakdown: Breakdown | None = None
    impressions: int | None = None
    clicks: int | None = None
    spend: float | None = None
    cpm: float | None = None
    cpc: float | None = None
    reach: int | None = None
    frequency: float | None = None
    ctr: float | None = None
    actions: list[Action] | None = None
    action_values: list[Action] | None = None

    @model_validator(mode="before")
    @classmethod
    def lift_breakdown(cls, row: dict[str, object]) -> dict[str, object]:
        if "gender" in row:
            return row | {"breakdown": {"name": "gender", "value": row["gender"]}}
        return row


class Envelope(BaseModel):
    data: list[Row]


class Rows(Shape):
    items: list[Row]
    next_cursor: str | None = None


@asynccontextmanager
async def lifespan(application: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=PLATFORM, timeout=30) as client:
        application.state.client = client
        yield


app = FastAPI(lifespan=lifespan)
answers: TTLCache[tuple[str, str], tuple[Rows, str]] = TTLCache(10_000, 3600)


def current_user(session: Annotated[str | None, Cookie()] = None) -> str:
    if session is None:
        raise HTTPException(401)
    try:
        claims = jwt.decode(session, SECRET, algorithms=["HS256"], issuer=ISSUER, audience=AUDIENCE)
    except JWTError:
        raise HTTPException(401) from None
    return str(claims["sub"])


@app.get("/api/v1/teams/{team_id}/meta/insights", response_model=Rows)
async def insights(
    request: Request,
    response: Response,
    user: Annotated[str, Depends(current_user)],
    team_id: str,
    account: Annotated[str, Query(alias="adAccountId")],
    start: Annotated[date, Query(alias="startDate")],
    end: Annotated[date, Query(alias="endDate")],
    level: str = "campaign",
    breakdown: str | None = None,
    fields: Annotated[list[str] | None, Query()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Rows | Response:
    key = (user, f"{request.url.path}?{request.url.query}")
    kept = answers.get(key)
    response.headers["Cache-Status"] = "fastapi; hit" if kept else "fastapi; fwd=miss; stored"
    if kept is None:
        asked = {
            "adAccountId": account,
            "startDate": start.isoformat(),
            "endDate": end.isoformat(),
            "level": level,
            "fields": ",".join(wire_fields(level, fields)),
        } | ({"breakdown": breakdown} if breakdown else {})
        client: httpx.AsyncClient = request.app.state.client
        answer = await client.get(f"/api/v1/{team_id}/meta/insights", params=asked)
        answer.raise_for_status()
        rows = Rows(items=Envelope.model_validate(answer.json()).data)
        kept = answers[key] = (rows, etag_of(rows))
    rows, etag = kept
    if if_none_match == etag:
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return rows


def wire_fields(level: str, fields: list[str] | None) -> list[str]:
    figures = ["action_values" if name == "actionValues" else name for name in fields or FIELDS]
    return [*(WHO_OF_ADS if level == "ad" else WHO), *figures]


def etag_of(rows: Rows) -> str:
    return f'"{hashlib.sha256(rows.model_dump_json().encode()).hexdigest()}"'
