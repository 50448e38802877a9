"""Operations 29–31: ads, ad sets and creatives."""

from __future__ import annotations

from typing import Any

import pytest

from .platform import Platform, refused

_META = "/team-acme-brand/meta"


def _listed(platform: Platform, what: str, more: str = "", user: str = "dora") -> Any:
    return platform.data("GET", f"{_META}/{what}?adAccountId=act_1001{more}", user)


def test_usual_items(readonly: Platform) -> None:
    """Items have the samples' fields, their parents exist, and budgets add up to the campaign's."""
    campaigns = _listed(readonly, "campaigns", "&fields=id,daily_budget")
    ad_sets, ads = _listed(readonly, "adsets"), _listed(readonly, "ads")
    assert all(set(one) == {"id", "name", "status", "campaign_id", "adset_id"} for one in ads)
    assert {one["adset_id"] for one in ads} == {one["id"] for one in ad_sets}
    assert {one["campaign_id"] for one in ads} == {one["id"] for one in campaigns}
    for campaign in campaigns:
        own = [one["daily_budget"] for one in ad_sets if one["campaign_id"] == campaign["id"]]
        assert sum(own) == int(campaign["daily_budget"])
    assert all(
        set(one) == {"id", "name", "object_story_spec"} for one in _listed(readonly, "adcreatives")
    )


def test_filters(readonly: Platform) -> None:
    """Ids filter as comma lists, all filters at once; ids of other accounts match nothing."""
    ads = _listed(readonly, "ads", "&campaignId=cmp_1001_1,cmp_1001_2,cmp_1002_1")
    assert {one["campaign_id"] for one in ads} == {"cmp_1001_1", "cmp_1001_2"}
    ads = _listed(readonly, "ads", "&adsetId=set_1001_1_1&adId=ad_1001_1_1_1,ad_1001_2_1_1")
    assert [one["id"] for one in ads] == ["ad_1001_1_1_1"]
    ad_sets = _listed(readonly, "adsets", "&campaignId=cmp_1001_2&adsetId=set_1001_2_1")
    assert [one["id"] for one in ad_sets] == ["set_1001_2_1"]
    creatives = _listed(readonly, "adcreatives", "&adcreativeId=cr_1001_1_1_1")
    assert [one["id"] for one in creatives] == ["cr_1001_1_1_1"]
    assert _listed(readonly, "ads", "&adId=ad_1002_1_1_1") == []


def test_nested_parents(readonly: Platform) -> None:
    """Asked for through `fields`, parents are objects with their id."""
    ad = _listed(readonly, "ads", "&adId=ad_1001_1_1_1&fields=campaign,adset,creative,bid_amount")
    assert ad == [
        {
            "campaign": {"id": "cmp_1001_1"},
            "adset": {"id": "set_1001_1_1"},
            "creative": {"id": "cr_1001_1_1_1"},
        }
    ]
    fields = "&fields=id,campaign,effective_status,optimization_goal,targeting"
    ad_set = _listed(readonly, "adsets", f"&adsetId=set_1001_3_1{fields}")[0]
    assert ad_set["campaign"] == {"id": "cmp_1001_3"}
    assert ad_set["effective_status"] == "CAMPAIGN_PAUSED"
    assert ad_set["targeting"]["geo_locations"]["countries"]


@pytest.mark.parametrize(
    ("what", "field"), [("ads", "adset_id"), ("adsets", "campaign_id"), ("adcreatives", "secret")]
)
def test_undocumented_fields(readonly: Platform, what: str, field: str) -> None:
    """A field that is not documented is refused, even where the usual item has it."""
    path = f"{_META}/{what}?adAccountId=act_1001&fields={field}"
    refused(readonly.call("GET", path, "dora"), 400, "BAD_REQUEST")


@pytest.mark.parametrize("what", ["ads", "adsets", "adcreatives"])
def test_rights(readonly: Platform, what: str) -> None:
    """A VIEWER reads; who has no permission does not, nor without naming the account."""
    path = f"{_META}/{what}"
    assert readonly.call("GET", f"{path}?adAccountId=act_1001", "dora").status_code == 200
    refused(readonly.call("GET", f"{path}?adAccountId=act_1001", "emil"), 403, "FORBIDDEN")
    refused(readonly.call("GET", f"{path}?adAccountId=act_1001", "hugo"), 404, "NOT_FOUND")
    refused(readonly.call("GET", path, "dora"), 400, "BAD_REQUEST")
