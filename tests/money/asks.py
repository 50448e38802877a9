"""Writes that spend money, as a frontend sends them."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx

from app.testing.world import Browser, World
from tests import drafts

TEAM = "/teams/team-acme-brand"
ACCOUNT = {"adAccountId": "act_1001"}
PATHS = {
    "createTrafficCampaign": "/meta/campaigns/traffic",
    "createSalesCampaign": "/meta/campaigns/sales",
    "createLeadCampaign": "/meta/campaigns/leads",
    "createAwarenessCampaign": "/meta/campaigns/awareness",
    "createEngagementCampaign": "/meta/campaigns/engagement",
    "createLeadForm": "/meta/lead-forms",
}


def spend(
    browser: Browser, key: str, operation: str = "createTrafficCampaign", **changes: Any
) -> httpx.Response:
    """One of the six, under this key; `changes` replace fields of its valid body."""
    return browser.api(
        "POST",
        TEAM + PATHS[operation],
        params=ACCOUNT,
        json=drafts.BODIES[operation] | changes,
        headers={"Idempotency-Key": key},
    )


def outcome(browser: Browser, key: str) -> Any:
    """What became of it."""
    answer = browser.api("GET", f"/writes/{key}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def named(world: World, name: str) -> list[str]:
    """The ids of the campaigns of that name at the platform."""
    return [one.id for one in world.sandbox.world.campaigns.values() if one.name == name]


def sent(world: World, operation: str = "createTrafficCampaign") -> int:
    """How often the platform was asked to make one."""
    return sum(call.name == operation for call in world.sandbox.calls.list())
