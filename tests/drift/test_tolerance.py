"""One odd row of a list is left out and said to be; money, and what access is decided on, never is."""

from __future__ import annotations

from typing import Any

import pytest

from app.catalogue.operation import ListOf
from app.catalogue.operations import BUILT_IN
from app.sandbox.faults import Fault
from app.testing.world import Browser, World, world
from tests.dashboard.asks import dashboard, days
from tests.drift.answers import ACCOUNT, CAMPAIGNS, TEAM, answers, campaign
from tests.money.asks import named, outcome, spend

PARTIAL = "bff; fwd=miss; detail=partial"


def test_a_row_that_does_not_say_what_it_is_is_left_out(platform: World, ana: Browser) -> None:
    """The others are answered, and the answer says that it lacks something."""
    answers(platform, "getCampaigns", [campaign(1), campaign(2, id=...), campaign(3)])
    answer = ana.api("GET", CAMPAIGNS)
    assert [item["id"] for item in answer.json()["items"]] == ["cmp_1", "cmp_3"]
    assert answer.headers["cache-status"] == PARTIAL


@pytest.mark.parametrize("odd", [7, None, "cmp_2", [], {"id": {"value": "cmp_2"}}])
def test_whatever_is_no_row_is_left_out(platform: World, ana: Browser, odd: Any) -> None:
    """Something else in its place is as odd as a row without an id."""
    answers(platform, "getCampaigns", [campaign(1), odd])
    assert [item["id"] for item in ana.read(CAMPAIGNS)["items"]] == ["cmp_1"]


@pytest.mark.parametrize(
    ("field", "odd", "shown"),
    [("name", {"en": "Tent"}, "name"), ("created_time", "yesterday", "createdTime")],
)
def test_a_text_or_a_moment_of_another_type_is_null(
    platform: World, ana: Browser, field: str, odd: Any, shown: str
) -> None:
    """The row stays, and everything else that it says."""
    answers(platform, "getCampaigns", [campaign(1), campaign(2, **{field: odd})])
    answer = ana.api("GET", CAMPAIGNS)
    first, second = answer.json()["items"]
    assert (first[shown] is None, second[shown]) == (False, None)
    assert (second["id"], second["dailyBudget"]) == ("cmp_2", 5000)
    assert answer.headers["cache-status"] == PARTIAL


@pytest.mark.holds(40)
@pytest.mark.parametrize(
    "odd",
    [{"daily_budget": "much"}, {"daily_budget": True}, {"status": 1}, {"effective_status": {}}],
    ids=str,
)
def test_money_and_what_it_depends_on_are_never_made_up(
    platform: World, ana: Browser, odd: dict[str, Any]
) -> None:
    """A budget or a status that cannot be read refuses the list, however many rows are whole."""
    answers(platform, "getCampaigns", [*map(campaign, range(50)), campaign(50, **odd)])
    answer = ana.api("GET", CAMPAIGNS)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-invalid")


@pytest.mark.holds(40)
def test_figures_are_whole_or_refused(platform: World, ana: Browser) -> None:
    """A row of insights less would be a wrong total."""
    rows = [{"campaign_id": f"cmp_{n}", "spend": "1.5"} for n in range(50)]
    answers(platform, "getInsights", [*rows, {"campaign_id": 7, "spend": "1.5"}])
    period = "startDate=2026-01-01&endDate=2026-01-31"
    answer = ana.api("GET", f"{TEAM}/meta/insights?{ACCOUNT}&{period}")
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-invalid")


def test_what_access_is_decided_on_is_whole_or_refused(platform: World, ana: Browser) -> None:
    """A member who cannot be read is not a team without him."""
    members = [{"id": "m", "role": "ADMIN", "user": {"externalUserId": "ana"}}, {"id": "x"}]
    answers(platform, "getTeamMembers", members)
    answer = ana.api("GET", f"{TEAM}/members")
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-invalid")


def test_that_is_all_that_is_spared() -> None:
    """A reviewed list: no operation that access is decided on, none whose rows are money."""
    spared = {
        operation.id: set(operation.spares)
        for operation in BUILT_IN.operations
        if issubclass(operation, ListOf) and operation.spares is not None
    }
    moments = {"created_time", "updated_time"}
    assert spared == {
        "listCampaigns": {"name", "objective", "start_time", "stop_time"} | moments,
        "listAds": {"name"} | moments,
        "listAdSets": {"name", "optimization_goal", "start_time", "end_time"} | moments,
        "listAdCreatives": {
            *("name", "title", "body", "image_url", "thumbnail_url", "call_to_action_type"),
        },
        "listMetaPages": {"name"},
        "searchTargeting": {"type", "country_code", "region", "path"},
        "listLeadForms": {"name"},
    }


@pytest.mark.holds(75)
def test_what_lacks_something_is_not_kept(platform: World, ana: Browser) -> None:
    """The next one asks the platform again, and gets what it says then."""
    answers(platform, "getCampaigns", [campaign(1), {}], times=1)
    answers(platform, "getCampaigns", [campaign(1), campaign(2)], times=1)
    assert [len(ana.read(CAMPAIGNS)["items"]) for _ in range(3)] == [1, 2, 2]
    assert ana.api("GET", CAMPAIGNS).headers["cache-status"].startswith("bff; hit")


@pytest.mark.parametrize(
    ("budget", "rows", "odd", "status"),
    [
        (0.1, 1, 1, 502),  # nothing would be left
        (0.1, 2, 1, 200),  # one of several
        (0.1, 20, 2, 200),
        (0.1, 20, 3, 502),
        (0.5, 4, 2, 200),
        (0.5, 4, 4, 502),
        (0.0, 20, 1, 502),
    ],
)
def test_the_budget_says_how_many(budget: float, rows: int, odd: int, status: int) -> None:
    """A share of the list, one at least, and none at all with 0."""
    with world(drift={"budget": budget}) as running:
        ana = running.sign_in("ana")
        listed = [{} if n < odd else campaign(n) for n in range(rows)]
        answers(running, "getCampaigns", listed)
        assert ana.api("GET", CAMPAIGNS).status_code == status


def test_a_dashboard_stands_with_what_can_be_read(platform: World, ana: Browser) -> None:
    """Its campaigns are there and say that some are not; every other part is as ever."""
    known = [campaign(1, id="cmp_1001_1"), {"name": "odd"}]
    answers(platform, "getCampaigns", known)
    shown = dashboard(ana, days(platform, 7))
    part = shown["campaigns"]
    assert (part["status"], part["problem"]["code"]) == ("failed", "upstream-invalid")
    assert "PAUSED" in {one["status"] for one in part["data"]["items"]}
    assert shown["totals"]["status"] == "ok"


def test_a_dashboard_that_requires_them_wants_them_whole(platform: World, ana: Browser) -> None:
    """`require` is for what must not be missing, in whole or in part."""
    answers(platform, "getCampaigns", [campaign(1), {}])
    asked = days(platform, 7) | {"require": "campaigns"}
    answer = ana.api("GET", f"{TEAM}/dashboard", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-invalid")


@pytest.mark.holds(89)
def test_money_is_not_settled_by_a_list_that_lacks_a_row() -> None:
    """A campaign that was there and could not be read must not be taken for the new one."""
    with world() as running:
        ben = running.sign_in("ben")
        assert spend(ben, "key-1", campaignName="Twice").status_code == 201
        (colleagues,) = named(running, "Twice")
        # Before the second is sent the list does not say what the first is.
        number = running.sandbox.operations.number_of("createTrafficCampaign")
        answers(running, "getCampaigns", [campaign(1), {"name": "Twice"}], times=1)
        running.sandbox.faults.add(Fault("reset", number, 1))
        refused = spend(ben, "key-2", campaignName="Twice")
        assert refused.status_code == 502
        assert named(running, "Twice") == [colleagues]
        assert outcome(ben, "key-2")["state"] == "failed"


@pytest.mark.holds(74)
def test_what_lacks_something_lets_nobody_into_a_line() -> None:
    """A row that could not be read would have told two readers apart: each goes on asking for himself."""
    with world() as running:
        ana, ben = running.sign_in("ana"), running.sign_in("ben")
        answers(running, "getCampaigns", [campaign(1)], times=1)
        ana.read(CAMPAIGNS)
        answers(running, "getCampaigns", [campaign(1), campaign(2, id=...)], times=1)
        assert ben.api("GET", CAMPAIGNS).headers["cache-status"] == PARTIAL
        answers(running, "getCampaigns", [campaign(1), campaign(2)], times=1)
        again = ben.api("GET", CAMPAIGNS)
        assert [item["id"] for item in again.json()["items"]] == ["cmp_1", "cmp_2"]
        assert [item["id"] for item in ana.read(CAMPAIGNS)["items"]] == ["cmp_1"]


@pytest.mark.holds(77, 84)
def test_a_stale_answer_pauses_after_an_odd_one() -> None:
    """The refresh that came to nothing that is kept is not tried again by every reader."""
    with world() as running:
        ana = running.sign_in("ana")
        answers(running, "getCampaigns", [campaign(1)], times=1)
        ana.read(CAMPAIGNS)
        answers(running, "getCampaigns", [campaign(1), {}])
        running.advance(61)
        ana.read(f"{TEAM}/meta/ad-sets?{ACCOUNT}")
        running.forget_calls()
        for _ in range(5):
            assert "detail=stale" in ana.api("GET", CAMPAIGNS).headers["cache-status"]
            while running.parts.cache._flights:
                ana.read(f"{TEAM}/members")
        assert len(running.calls("getCampaigns")) == 1
