"""A gateway that trusts host tokens, and how to ask it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from app.clock import Clock, MovableClock
from app.session.claims import ClaimRules, Claims
from app.session.host_jwt import HostTokens
from app.session.host_keys import OwnKey
from app.settings import JwtSettings

from .host_tokens import AUDIENCE, ISSUER, SECRET

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


def own_key(
    rules: ClaimRules = RULES, clock: Clock = CLOCK, settings: JwtSettings | None = None
) -> HostTokens:
    """A verifier with a key of its own, the shared secret unless the settings name another."""
    chosen = settings or jwt_settings()
    return HostTokens(chosen, rules, OwnKey(chosen), clock)


def pem_settings(file: Path, pem: str, *algorithms: str) -> JwtSettings:
    file.write_text(pem)
    return jwt_settings(secret=None, public_key_file=file, algorithms=algorithms)


def verified(tokens: HostTokens, token: str) -> Claims:
    """Who bears the token, asked outside of any loop."""
    return asyncio.run(tokens.verify(token))
