"""Acme's brand team and its ad account Acme Tents, which most tests here are about."""

from __future__ import annotations

import asyncio

import httpx2 as httpx

from app.ledger.grants import Remembered
from app.testing.world import Browser, World

TEAM = "team-acme-brand"
ACCOUNT = "act_1001"
CAMPAIGNS = f"/teams/{TEAM}/meta/campaigns?adAccountId={ACCOUNT}"
PERMISSIONS = f"/teams/{TEAM}/ad-accounts/{ACCOUNT}/permissions"
MEMBERS = f"/teams/{TEAM}/members"


def set_status(browser: Browser, status: str = "PAUSED") -> httpx.Response:
    path = f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId={ACCOUNT}"
    return browser.api("PATCH", path, json={"status": status})


def grant(admin: Browser, user: str, permission: str) -> httpx.Response:
    """To somebody to whom the platform gave nothing yet."""
    body = {"externalUserId": user, "permission": permission}
    return admin.api("POST", PERMISSIONS, json=body)


def change(admin: Browser, user: str, permission: str) -> httpx.Response:
    return admin.api("PATCH", f"{PERMISSIONS}/{user}", json={"permission": permission})


def revoke(admin: Browser, user: str) -> httpx.Response:
    return admin.api("DELETE", f"{PERMISSIONS}/{user}")


def remove(admin: Browser, user: str, team: str = TEAM) -> None:
    answer = admin.api("DELETE", f"/teams/{team}/members", params={"externalUserId": user})
    assert answer.status_code == 204, answer.text


def assign(admin: Browser, user: str, role: str = "MEMBER") -> None:
    answer = admin.api("POST", MEMBERS, json={"members": [{"externalUserId": user, "role": role}]})
    assert answer.json()["failed"] == [], answer.text


def remembered(world: World, user: str) -> Remembered | None:
    """The ledger's permission of this user on the account."""
    row = asyncio.run(world.parts.grants.find(TEAM, ACCOUNT, user))
    return row.permission if row else None


def asked(world: World, operation: str) -> int:
    """How often the platform saw this operation since the call log was cleared."""
    return sum(call.name == operation for call in world.sandbox.calls.list())


def code(answer: httpx.Response) -> str:
    """The code of a problem."""
    return str(answer.json()["code"])
