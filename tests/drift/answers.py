"""Answers of the platform with odd rows in them."""

from __future__ import annotations

import json
from typing import Any

from app.testing.world import World

TEAM = "/teams/team-acme-brand"
ACCOUNT = "adAccountId=act_1001"
CAMPAIGNS = f"{TEAM}/meta/campaigns?{ACCOUNT}"


def campaign(number: int, **changes: Any) -> dict[str, Any]:
    """A whole row; a change to `...` takes the field away."""
    row = {
        "id": f"cmp_{number}",
        "name": f"Tent {number}",
        "status": "PAUSED",
        "daily_budget": "5000",
        "created_time": "2026-01-01T00:00:00+0000",
    } | changes
    return {name: value for name, value in row.items() if value is not ...}


def answers(world: World, operation: str, data: Any, times: int | None = None) -> None:
    """From now on the platform answers that."""
    body = json.dumps({"success": True, "data": data, "statusCode": 200})
    world.fault(operation, "status", status=200, body=body, times=times)
