"""Operations 33 and 34: campaigns and their status."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.clock import today

from .platform import Platform, refused

_LIST = "/team-acme-brand/meta/campaigns?adAccountId=act_1001"


def _status_path(campaign: str, account: str = "act_1001") -> str:
    return f"/team-acme-brand/meta/campaigns/{campaign}/status?adAccountId={account}"


def test_listing(readonly: Platform) -> None:
    """An account lists its campaigns with four fields, in mixed states and scripts."""
    listed = readonly.data("GET", _LIST, "dora")
    assert all(set(one) == {"id", "name", "status", "objective"} for one in listed)
    assert [one["id"] for one in listed] == [f"cmp_1001_{n}" for n in range(1, 9)]
    assert {one["status"] for one in listed} == {"ACTIVE", "PAUSED"}
    assert not all(one["name"].isascii() for one in listed)
    assert len({one["objective"] for one in listed}) == 5


def test_fields_and_filter(readonly: Platform) -> None:
    """Fields and ids are comma lists; money is text in minor units; unknown fields are refused."""
    path = f"{_LIST}&campaignId=cmp_1001_2,cmp_1001_5,cmp_2001_1&fields=id,daily_budget"
    assert readonly.data("GET", path, "dora") == [
        {"id": "cmp_1001_2", "daily_budget": "25000"},
        {"id": "cmp_1001_5", "daily_budget": "15000"},
    ]
    refused(readonly.call("GET", f"{_LIST}&fields=secret", "dora"), 400, "BAD_REQUEST")
    missing = readonly.call("GET", "/team-acme-brand/meta/campaigns", "dora")
    refused(missing, 400, "BAD_REQUEST")


def test_pausing(platform: Platform) -> None:
    """A paused campaign is listed as paused and stops delivering, its past unchanged."""
    day = today(platform.clock)
    period = f"startDate={day - timedelta(days=9)}&endDate={day - timedelta(days=1)}"
    path = "/team-acme-brand/meta/insights?adAccountId=act_1001&fields=campaign_id,spend&"
    before = platform.data("GET", path + period, "cleo")
    changed = platform.data("PATCH", _status_path("cmp_1001_1"), "cleo", json={"status": "PAUSED"})
    assert changed == {"id": "cmp_1001_1", "status": "PAUSED"}
    listed = platform.data("GET", f"{_LIST}&campaignId=cmp_1001_1", "cleo")
    assert listed[0]["status"] == "PAUSED"
    assert platform.data("GET", path + period, "cleo") == before
    platform.clock.advance(3 * 86_400)
    later = today(platform.clock)
    since = f"startDate={later - timedelta(days=1)}&endDate={later}"
    token = platform.sandbox.tokens.issue("cleo", "access")
    rows = platform.call("GET", path + since, bearer=token).json()["data"]
    delivering = {row["campaign_id"] for row in rows}
    assert "cmp_1001_1" not in delivering
    assert "cmp_1001_2" in delivering


@pytest.mark.parametrize(
    ("campaign", "account"),
    [("cmp_1002_1", "act_1001"), ("cmp_1001_1", "act_1002"), ("nothing", "act_1001")],
)
def test_campaign_of_another_account(readonly: Platform, campaign: str, account: str) -> None:
    """A campaign is only found in its own account."""
    path = _status_path(campaign, account)
    refused(readonly.call("PATCH", path, "ben", json={"status": "PAUSED"}), 404, "NOT_FOUND")


def test_status_values(readonly: Platform) -> None:
    """Only the two documented states can be set."""
    answer = readonly.call("PATCH", _status_path("cmp_1001_1"), "ben", json={"status": "DELETED"})
    assert "status" in refused(answer, 400, "BAD_REQUEST")["details"][0]
