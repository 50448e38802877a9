"""The main job, end to end, over HTTP."""

from __future__ import annotations

import pytest

from app.testing.world import World
from tests.harness import reads_together

CAMPAIGNS = "/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001"


def test_a_user_reads_pauses_reads_again_and_signs_out(strict_world: World) -> None:
    """A signed-in team admin sees his campaigns, pauses one, sees it paused, and signs out."""
    ben = strict_world.sign_in("ben")
    first = ben.read(CAMPAIGNS)["items"]
    campaign = next(c for c in first if c["status"] == "ACTIVE")

    paused = ben.api(
        "PATCH",
        f"/teams/team-acme-brand/meta/campaigns/{campaign['id']}?adAccountId=act_1001",
        json={"status": "PAUSED"},
    )
    assert paused.json() == {"id": campaign["id"], "status": "PAUSED"}
    again = {c["id"]: c["status"] for c in ben.read(CAMPAIGNS)["items"]}
    assert again[campaign["id"]] == "PAUSED"

    old = ben.session_cookie
    assert ben.post("/auth/logout").status_code == 200
    ben.cookies.set("bff-dev", old)
    assert ben.api("GET", CAMPAIGNS).status_code == 401


@pytest.mark.holds(78, 95)
def test_parallel_first_requests_make_one_exchange_and_one_call(strict_world: World) -> None:
    """50 first requests of one user exchange once; 200 identical reads ask the platform once."""
    ben = strict_world.sign_in("ben")
    strict_world.forget_calls()
    answers = reads_together(ben, CAMPAIGNS, 50)
    assert {answer.status_code for answer in answers} == {200}
    assert len(strict_world.calls("exchangeToken")) == 1
    assert len(strict_world.calls("getCampaigns")) == 1

    strict_world.advance(61)
    strict_world.forget_calls()
    answers = reads_together(ben, CAMPAIGNS, 200)
    assert {answer.status_code for answer in answers} == {200}
    assert len(strict_world.calls("getCampaigns")) == 1
