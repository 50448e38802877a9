"""What is not as declared is counted by operation, kind and path, and nothing of it is a value."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.gateway.drift import LONGEST_PATH, MOST_PATHS
from app.testing.world import World, world
from tests.drift.answers import CAMPAIGNS, answers, campaign

CANARY = "canary-4d1f"


def seen(world: World, operation: str = "listCampaigns") -> dict[tuple[str, str], int]:
    """How often, by kind and path."""
    report = world.parts.drift.report()
    return {
        (one.difference, one.path): one.count for one in report.seen if one.operation == operation
    }


@pytest.fixture
def fresh() -> Iterator[World]:
    with world(cache={"max_bytes": 0}) as running:
        yield running


@pytest.mark.holds(59)
def test_each_kind_is_told_by_its_path(fresh: World) -> None:
    """Undeclared, missing and retyped, whether the answer was refused or amended."""
    ana = fresh.sign_in("ana")
    rows = [campaign(n, shade="green", box={"inner": 1}) for n in range(20)]
    answers(fresh, "getCampaigns", [*rows, campaign(20, id=...)], times=1)
    assert ana.api("GET", CAMPAIGNS).status_code == 200
    answers(fresh, "getCampaigns", [campaign(1, daily_budget="much", created_time=[])], times=1)
    assert ana.api("GET", CAMPAIGNS).status_code == 502
    answers(fresh, "getCampaigns", {"list": []}, times=1)
    assert ana.api("GET", CAMPAIGNS).status_code == 502
    assert seen(fresh) == {
        ("undeclared", "shade"): 20,
        ("undeclared", "box"): 20,
        ("missing", "id"): 1,
        ("retyped", "daily_budget"): 1,
        ("retyped", "created_time"): 1,
        ("retyped", "(itself)"): 1,
        ("undeclared", "list"): 1,
    }
    counters = fresh.parts.counters
    assert counters.value("drift", operation="listCampaigns", difference="undeclared") == 41
    assert counters.value("drift", operation="listCampaigns", difference="retyped") == 3
    assert counters.value("tolerated", operation="listCampaigns") == 1


@pytest.mark.holds(27, 59)
def test_neither_values_nor_names_that_may_be_data_are_told(fresh: World) -> None:
    """A key that is an id, and whatever a field holds, stay unsaid in report, log and problem."""
    ana = fresh.sign_in("ana")
    odd = {f"{CANARY}-9": CANARY, "name": {CANARY: CANARY}, "daily_budget": CANARY}
    answers(fresh, "getCampaigns", [campaign(1) | odd])
    answer = ana.api("GET", CAMPAIGNS)
    assert answer.status_code == 502
    assert ("undeclared", "…") in seen(fresh)
    report = str(fresh.parts.drift.report())
    assert CANARY not in report + fresh.log.getvalue() + answer.text


@pytest.mark.holds(79)
def test_the_memory_is_bounded(fresh: World) -> None:
    """A platform that invents names fills neither the report nor the log."""
    ana = fresh.sign_in("ana")
    invented = {f"field_{n}": n for n in range(100, 1000)} | {f"more_{n}": n for n in range(900)}
    answers(fresh, "getCampaigns", [campaign(1) | invented | {"long" * 16: 1}])
    assert ana.api("GET", CAMPAIGNS).status_code == 200
    report = fresh.parts.drift.report()
    assert len(report.seen) == MOST_PATHS
    assert report.overlooked > 0
    assert all(len(one.path) <= LONGEST_PATH for one in report.seen)
    lines = [line for line in fresh.log.getvalue().splitlines() if '"event":"drift"' in line]
    assert len(lines) <= MOST_PATHS


def test_when_it_was_seen_first_and_last(fresh: World) -> None:
    """Whether it goes on is what decides about it."""
    ana = fresh.sign_in("ana")
    answers(fresh, "getCampaigns", [campaign(1, shade="green")])
    ana.read(CAMPAIGNS)
    fresh.advance(60)
    ana.read(CAMPAIGNS)
    (one,) = [d for d in fresh.parts.drift.report().seen if d.path == "shade"]
    assert one.count == 2
    assert one.first < one.last


@pytest.mark.holds(54)
def test_what_access_cannot_be_decided_on_is_told_as_well(fresh: World) -> None:
    """Nobody is let in on an answer of another shape, and the report says what was odd about it."""
    ana = fresh.sign_in("ana")
    team = {"id": "team-acme-brand", "name": "x", "isDefault": False, "TeamMembers": [{"role": 7}]}
    answers(fresh, "getTeam", team)
    assert ana.api("GET", "/teams/team-acme-brand").status_code == 503
    answers(fresh, "getWorkspace", {"id": "w", "name": "x", "createdAt": 1, "updatedAt": 1})
    assert ana.api("GET", "/workspaces/acme").status_code == 503
    assert seen(fresh, "getTeam").keys() == {
        ("missing", "workspace.enterpriseId"),
        ("missing", "TeamMembers.id"),
        ("missing", "TeamMembers.user.externalUserId"),
        ("retyped", "TeamMembers.role"),
    }
    assert seen(fresh, "getWorkspace").keys() == {("missing", "enterpriseId")}
