"""Where two promises meet: consent and cache, revocation and refusal, proof and failure."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from app.testing.world import API, World
from tests.harness import together

CONNECTIONS = "/teams/team-acme-brand/connections"
EMIL = "/teams/team-acme-brand/ad-accounts/act_1001/permissions/emil"


@pytest.mark.holds(76, 77)
def test_while_a_consent_is_under_way_connections_are_at_most_two_seconds_old(
    strict_world: World,
) -> None:
    """After createConnection the list is asked for again after 2 s, and is never served stale."""
    ben = strict_world.sign_in("ben")
    started = ben.api("POST", CONNECTIONS, json={"platform": "meta"})
    assert started.status_code == 201, started.text
    ben.read(CONNECTIONS)
    strict_world.sandbox.world.connect("team-acme-brand", ["acc-1003"])
    strict_world.advance(3)
    answer = ben.api("GET", CONNECTIONS)
    assert "act_1003" in answer.text
    assert answer.headers["cache-status"] == "bff; fwd=miss; stored"


@pytest.mark.holds(53)
def test_taking_away_what_the_platform_never_gave_locks_the_member_out(
    either_world: World,
) -> None:
    """A revocation that the platform answers with 404 is done: reads are refused from now on."""
    ana = either_world.sign_in("ana")
    assert ana.api("DELETE", EMIL).status_code == 204
    emil = either_world.sign_in("emil")
    campaigns = emil.api("GET", "/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001")
    assert campaigns.status_code == 403
    assert campaigns.json()["code"] == "forbidden"


@pytest.mark.holds(78)
def test_a_failing_operation_does_not_take_its_neighbours_down(strict_world: World) -> None:
    """Without a proof, a read that fails at the platform leaves other reads their own attempt."""
    ben = strict_world.sign_in("ben")
    ben.read("/teams/team-acme-brand/connections")
    strict_world.fault("getInsights", "status", status=500, seconds=0.3, times=None)
    headers = {"X-BFF": "1", "Cookie": f"bff-dev={ben.session_cookie}"}
    below = f"{API}/teams/team-acme-brand/meta"

    async def insights(client: httpx.AsyncClient) -> httpx.Response:
        period = "startDate=2026-01-01&endDate=2026-01-02"
        return await client.get(f"{below}/insights?adAccountId=act_1001&{period}", headers=headers)

    async def campaigns(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get(f"{below}/campaigns?adAccountId=act_1001", headers=headers)

    first, second = together([insights, campaigns], ben.origin)
    assert (first.status_code, second.status_code) == (502, 200), second.text
