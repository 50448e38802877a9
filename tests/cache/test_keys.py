"""What is one entry and what are two."""

from __future__ import annotations

import pytest

from app.cache.entries import State
from app.catalogue.campaigns import CampaignField
from app.catalogue.teams import GetTeam
from app.testing.world import Browser, World
from tests.cache.reads import ACCOUNT, CAMPAIGNS, MEMBERS, TEAM, campaigns, members
from tests.inside import Inside, Platform, inside

INSIGHTS = f"/teams/{TEAM}/meta/insights?adAccountId={ACCOUNT}"
PERIOD = "startDate=2026-01-01&endDate=2026-01-31"
SAME = [
    (f"{CAMPAIGNS}&fields=name&fields=status", f"{CAMPAIGNS}&fields=status&fields=name"),
    (f"{CAMPAIGNS}&fields=name", f"{CAMPAIGNS}&fields=name&fields=name"),
    (f"{INSIGHTS}&{PERIOD}", f"/teams/{TEAM}/meta/insights?{PERIOD}&adAccountId={ACCOUNT}"),
    (f"{INSIGHTS}&{PERIOD}", f"{INSIGHTS}&{PERIOD}&level=campaign"),
    (f"{INSIGHTS}&{PERIOD}", f"{INSIGHTS}&{PERIOD}&limit=3"),
    (
        f"{CAMPAIGNS}&fields=name",
        f"/teams/{TEAM}/meta/campaigns?fields=name&adAccountId=act%5F1001",
    ),
    (CAMPAIGNS, f"{CAMPAIGNS}&campaignId=cmp_1001_2"),
    (CAMPAIGNS, f"{CAMPAIGNS}&limit=2"),
]
OTHER = [
    (f"{INSIGHTS}&{PERIOD}", f"{INSIGHTS}&startDate=2026-01-02&endDate=2026-01-31"),
    (f"{INSIGHTS}&{PERIOD}", f"{INSIGHTS}&{PERIOD}&level=ad"),
    (f"{INSIGHTS}&{PERIOD}", f"{INSIGHTS}&{PERIOD}&breakdown=gender"),
    (CAMPAIGNS, f"{CAMPAIGNS}&fields=name"),
    (CAMPAIGNS, f"/teams/{TEAM}/meta/campaigns?adAccountId=act_1002"),
]


def was_kept(browser: Browser, path: str) -> bool:
    answer = browser.api("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.headers["cache-status"].startswith("bff; hit")


@pytest.mark.holds(73)
@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_same_question_is_one_entry(
    shared_world: World, ben: Browser, first: str, second: str
) -> None:
    """Another order, another spelling, a default said aloud or a page of it is the same question."""
    shared_world.parts.cache.store.clear()
    assert not was_kept(ben, first)
    assert was_kept(ben, second)


@pytest.mark.holds(73)
@pytest.mark.parametrize(("first", "second"), OTHER)
def test_another_question_is_another_entry(
    shared_world: World, ben: Browser, first: str, second: str
) -> None:
    """Whatever changes the answer is a part of the key."""
    shared_world.parts.cache.store.clear()
    assert not was_kept(ben, first)
    assert not was_kept(ben, second)


@pytest.mark.holds(73)
def test_headers_are_no_part_of_the_key(shared_world: World, ben: Browser) -> None:
    """What a caller writes into headers makes no entry of its own."""
    shared_world.parts.cache.store.clear()
    assert not was_kept(ben, CAMPAIGNS)
    ben.headers.update({"X-Anything": "1", "Accept-Language": "fi"})
    assert was_kept(ben, CAMPAIGNS)


@pytest.mark.holds(73, 74)
@pytest.mark.parametrize(
    ("path", "operation"), [(CAMPAIGNS, "getCampaigns"), (MEMBERS, "getTeamMembers")]
)
def test_another_user_is_another_entry(
    shared_world: World, ben: Browser, path: str, operation: str
) -> None:
    """What was fetched for one user is asked anew for the next, though he may read it too."""
    cleo = shared_world.sign_in("cleo")
    was_kept(cleo, f"{CAMPAIGNS}&fields=objective")  # so that his proof is alive
    shared_world.parts.cache.store.clear()
    assert not was_kept(ben, path)
    shared_world.forget_calls()
    assert not was_kept(cleo, path)
    assert [call["user"] for call in shared_world.calls(operation)] == ["cleo"]


@pytest.mark.holds(73)
def test_another_view_is_another_entry(sandbox: Platform) -> None:
    """A new role behind our back shows at once when the facts tell it, though the team is kept."""

    async def scenario(gateway: Inside) -> None:
        team = GetTeam(team_id=TEAM)
        assert b'"myRole":"MEMBER"' in (await gateway.ask("cleo", team)).body
        sandbox.sandbox.world.remove(TEAM, "cleo")
        sandbox.sandbox.world.assign(TEAM, "cleo", "ADMIN")
        sandbox.clock.advance(31)
        answered = await gateway.ask("cleo", team)
        assert answered.found is not None
        assert answered.found.state is State.MISS
        assert b'"myRole":"ADMIN"' in answered.body

    try:
        inside(sandbox, scenario)
    finally:
        sandbox.sandbox.world.remove(TEAM, "cleo")
        sandbox.sandbox.world.assign(TEAM, "cleo", "MEMBER")
        sandbox.sandbox.world.grant(TEAM, "acc-1001", "cleo", "MANAGER")


def test_fields_of_different_order_are_told_in_one_order(sandbox: Platform) -> None:
    """However the fields are asked for, the answer has the same bytes."""
    name, status = CampaignField.NAME, CampaignField.STATUS

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", members())
        one = await gateway.ask("ben", campaigns(name, status))
        assert (await gateway.ask("ben", campaigns(status, name))).body == one.body

    inside(sandbox, scenario)
