"""Who asks: native clients with the product's token, each time at another replica."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from app.testing.world import API
from tests.session import host_tokens
from tests.soak.tally import Kind, Tally

# Seconds: longer than the gateway takes at most, so that who waits in vain has found a fault.
PATIENCE = 60.0
DAY = 86_000
# What a replica that is being killed, or started, looks like from outside.
Lost = httpx.TransportError


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: the connection was lost, or nobody listened."""

    status: int
    body: Any = None
    code: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def end(self) -> str:
        return f"{self.status} {self.code}".strip()


class Callers:
    """Asks in the name of users; every answer is counted."""

    def __init__(self, origins: Sequence[str], tally: Tally, chance: random.Random) -> None:
        self.origins = tuple(origins)
        self.tally = tally
        self._chance = chance
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        self.http = httpx.AsyncClient(trust_env=False, timeout=PATIENCE, limits=limits)
        self._tokens: dict[str, str] = {}

    def somewhere(self) -> str:
        """The origin of one of the replicas."""
        return self._chance.choice(self.origins)

    def headers(self, user: str) -> dict[str, str]:
        """Those of a native client of this user."""
        if user not in self._tokens:
            now = time.time()
            claims = host_tokens.claims(now, sub=user, exp=int(now) + DAY)
            self._tokens[user] = host_tokens.token(claims)
        return {"Authorization": f"Bearer {self._tokens[user]}"}

    async def ask(
        self,
        kind: Kind,
        user: str,
        method: str,
        path: str,
        *,
        key: str | None = None,
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer:
        """One operation, `path` below /api/v1, at any replica."""
        headers = self.headers(user) | ({"Idempotency-Key": key} if key else {})
        content = None if body is None else json.dumps(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        return await self.send(
            kind,
            self.http,
            self.http.build_request(
                method,
                self.somewhere() + API + path,
                headers=headers,
                params=params,
                content=content,
            ),
        )

    async def send(self, kind: Kind, http: httpx.AsyncClient, request: httpx.Request) -> Answer:
        """The counted answer to this request."""
        began = time.monotonic()
        try:
            answer = await http.send(request)
        except Lost as error:
            self.tally.note(kind, type(error).__name__, time.monotonic() - began)
            return Answer(0, code=type(error).__name__)
        found = read(answer)
        self.tally.note(kind, found.end, time.monotonic() - began)
        if found.status == 500:
            self.tally.breaches.append(f"500 to {request.method} {request.url.path}")
        return found

    async def close(self) -> None:
        await self.http.aclose()


def read(answer: httpx.Response) -> Answer:
    """Its JSON and the code of its problem, if it has any."""
    kind = answer.headers.get("content-type", "")
    body = answer.json() if "json" in kind and answer.content else None
    code = str(body.get("code", "")) if "problem" in kind and isinstance(body, dict) else ""
    return Answer(answer.status_code, body, code)
