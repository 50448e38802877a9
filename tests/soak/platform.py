"""The platform's side, asked without the gateway: what there is, what it was asked, its faults."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx

from app.sandbox.faults import Kind
from app.testing.world import API_KEY

BASE = "/api/v1"
# Administrators see everything of the teams of their workspaces.
ADMINS = {"acme": "ana", "globex": "gwen"}


class Platform:
    """A sandbox in another process. Only when it is healed may it be asked what there is."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._http = httpx.AsyncClient(base_url=origin, trust_env=False, timeout=60)
        self._tokens: dict[str, str] = {}

    async def fault(self, operation: str, kind: Kind, **more: Any) -> None:
        """From now on it fails so; `more` as of a Fault, in camelCase."""
        order = {"operation": operation, "kind": kind, **more}
        (await self._http.post("/_sandbox/faults", json=order)).raise_for_status()

    async def heal(self) -> None:
        (await self._http.delete("/_sandbox/faults")).raise_for_status()

    async def expire_tokens(self) -> None:
        """All access tokens die."""
        (await self._http.post("/_sandbox/tokens/expire", json={})).raise_for_status()

    async def forget_calls(self) -> None:
        (await self._http.delete("/_sandbox/calls")).raise_for_status()

    async def calls(self) -> Counter[str]:
        """What it was asked since, by the names that the platform has; the last 10,000 at most."""
        answer = (await self._http.get("/_sandbox/calls")).raise_for_status()
        return Counter(str(call["name"]) for call in answer.json())

    # --- what there is ----------------------------------------------------------------------------

    async def campaigns(self, team: str, account: str) -> list[dict[str, str]]:
        """The account's, each with id, name and status."""
        return list(await self._read(team, f"/{team}/meta/campaigns", {"adAccountId": account}))

    async def lead_forms(self, team: str, account: str) -> list[dict[str, str]]:
        return list(await self._read(team, f"/{team}/meta/lead-forms", {"adAccountId": account}))

    async def team(self, team: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._read(team, f"/team/{team}", {})
        return found

    async def _read(self, team: str, path: str, query: Mapping[str, str]) -> Any:
        user = ADMINS[team.split("-")[1]]
        answer = await self._http.get(
            BASE + path, params=dict(query), headers=await self._headers(user)
        )
        return answer.raise_for_status().json()["data"]

    async def _headers(self, user: str) -> dict[str, str]:
        key = {"x-api-key": API_KEY}
        if user not in self._tokens:
            body = json.dumps({"externalUserId": user})
            answer = await self._http.post(
                f"{BASE}/auth/token",
                content=body,
                headers=key | {"content-type": "application/json"},
            )
            self._tokens[user] = answer.raise_for_status().json()["data"]["accessToken"]
        return key | {"authorization": f"Bearer {self._tokens[user]}"}

    async def close(self) -> None:
        await self._http.aclose()
