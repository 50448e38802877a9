"""A gateway that trusts host tokens, and how to ask it."""

from __future__ import annotations

from typing import Any

import httpx2
from pydantic import SecretStr

from app.clock import MovableClock
from app.session.claims import ClaimRules
from app.settings import JwtSettings

from .host_tokens import (
    AUDIENCE,
    ISSUER,
    SECRET,
)

CLOCK = MovableClock()
RULES = ClaimRules("sub", "enterprises")
HS256 = {"alg": "HS256", "typ": "JWT"}


def jwt_settings(**changes: Any) -> JwtSettings:
    fields = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ("HS256",)}
    return JwtSettings(**{**fields, "secret": SecretStr(SECRET), "cookie": "host", **changes})


def ask(http: httpx2.Client, bearer: str | bytes) -> httpx2.Response:
    value = bearer if isinstance(bearer, bytes) else bearer.encode("latin-1")
    return http.get("/auth/session", headers=[(b"Authorization", b"Bearer " + value)])


def now() -> float:
    return CLOCK.now()
