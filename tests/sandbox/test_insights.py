"""Figures that add up, over HTTP and over many ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clock import MovableClock, today
from app.sandbox.demo import demo_world
from app.sandbox.insights import BREAKDOWNS, LEVELS, Question, read_question, report

from .platform import Platform, refused

_PATH = "/team-acme-brand/meta/insights?adAccountId=act_1001"
_FIELDS = "campaign_id,impressions,clicks,spend,actions,action_values"

_DAYS_AGO = st.integers(min_value=-3, max_value=800)


@pytest.fixture(scope="module")
def clock() -> MovableClock:
    return MovableClock()


def _rows(clock: MovableClock, start: date, end: date, **query: str) -> list[dict[str, Any]]:
    asked = {"startDate": str(start), "endDate": str(end), "fields": _FIELDS, **query}
    return report(read_question(asked, clock), demo_world(clock).campaigns_of("acc-1001"))


def _sums(rows: Iterable[dict[str, Any]], *by: str) -> Counter[tuple[str, ...]]:
    """Every number of the rows added up, in whole units or cents, per campaign or breakdown."""
    sums: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        group = tuple(str(row[one]) for one in by)
        for name in ("impressions", "clicks", "spend"):
            sums[(*group, name)] += round(float(row[name]) * 100)
        for name in ("actions", "action_values"):
            for one in row[name]:
                sums[(*group, name, one["action_type"])] += round(float(one["value"]) * 100)
    return sums


@settings(max_examples=25, deadline=None)
@given(days=st.lists(_DAYS_AGO, min_size=3, max_size=3))
def test_ranges_add_up(clock: MovableClock, days: list[int]) -> None:
    """Two ranges side by side hold exactly what the range over both of them holds."""
    start, middle, end = (today(clock) - timedelta(days=n) for n in sorted(days, reverse=True))
    whole = _sums(_rows(clock, start, end), "campaign_id")
    first = _sums(_rows(clock, start, middle), "campaign_id")
    if middle < end:
        first += _sums(_rows(clock, middle + timedelta(days=1), end), "campaign_id")
    assert first == whole


@settings(max_examples=25, deadline=None)
@given(
    start=_DAYS_AGO,
    length=st.integers(min_value=0, max_value=40),
    level=st.sampled_from(LEVELS),
    breakdown=st.sampled_from(sorted(BREAKDOWNS)),
)
def test_breakdowns_partition(
    clock: MovableClock, start: int, length: int, level: str, breakdown: str
) -> None:
    """At every level the rows of a breakdown add up to the rows without, and those to the total."""
    first = today(clock) - timedelta(days=start)
    last = first + timedelta(days=length)
    whole = _rows(clock, first, last, level=level)
    parts = _rows(clock, first, last, level=level, breakdown=breakdown)
    by = () if level == "account" else ("campaign_id",)
    assert _sums(parts, *by) == _sums(whole, *by)
    assert {row[breakdown] for row in parts} <= {value for value, _ in BREAKDOWNS[breakdown]}
    assert _sums(whole) == _sums(_rows(clock, first, last, level="account"))


def test_figures_are_believable(clock: MovableClock) -> None:
    """Rates follow from the sums, and each step of the way loses people."""
    last = today(clock) - timedelta(days=1)
    fields = "impressions,clicks,spend,cpm,cpc,ctr,reach,frequency,actions"
    for row in _rows(clock, last - timedelta(days=29), last, level="account", fields=fields):
        shown, clicks, spend = (float(row[one]) for one in ("impressions", "clicks", "spend"))
        assert float(row["cpm"]) == pytest.approx(spend / shown * 1000, abs=1e-5)
        assert float(row["cpc"]) == pytest.approx(spend / clicks, abs=1e-5)
        assert float(row["ctr"]) == pytest.approx(clicks / shown * 100, abs=1e-5)
        assert float(row["frequency"]) == pytest.approx(shown / float(row["reach"]), abs=1e-5)
        steps = {one["action_type"]: int(one["value"]) for one in row["actions"]}
        assert shown > clicks > steps["link_click"] > steps["landing_page_view"]
        assert steps["landing_page_view"] > steps["add_to_cart"] > steps["purchase"] > 0
        assert steps["purchase"] == steps["omni_purchase"]


def test_nothing_before_and_after(clock: MovableClock) -> None:
    """There are no figures after today, nor before the campaigns began."""
    now = today(clock)
    assert _rows(clock, now + timedelta(days=1), now + timedelta(days=9)) == []
    assert _rows(clock, now - timedelta(days=900), now - timedelta(days=740)) == []
    assert _sums(_rows(clock, now, now + timedelta(days=9))) == _sums(_rows(clock, now, now))


def test_stored_figures(readonly: Platform) -> None:
    """The documented combination is answered from the store: numbers, and the usual five fields."""
    rows = readonly.data("GET", f"{_PATH}&startDate=2026-01-01&endDate=2026-01-31", "dora")
    usual = {"impressions", "clicks", "spend", "cpm", "cpc"}
    assert all(set(row) == {*usual, "date_start", "date_stop"} for row in rows)
    assert all(isinstance(row[one], int | float) for row in rows for one in usual)
    assert rows[0]["date_start"] == "2026-01-01"


@pytest.mark.parametrize("more", ["&level=account", "&fields=spend,ctr", "&fields=spend,ad_name"])
def test_live_figures(readonly: Platform, more: str) -> None:
    """Any other level or field comes from Meta live: figures as text."""
    path = f"{_PATH}&startDate=2026-01-01&endDate=2026-01-31{more}"
    rows = readonly.data("GET", path, "dora")
    assert rows
    assert all(isinstance(row["spend"], str) for row in rows)


def test_identity_on_request(readonly: Platform) -> None:
    """A row says what it is about only as far as asked, and as far as its level goes."""
    fields = "&fields=spend,campaign_name,adset_id,ad_id"
    path = f"{_PATH}&startDate=2026-01-01&endDate=2026-01-31{fields}"
    for level, names in (
        ("account", set()),
        ("campaign", {"campaign_name"}),
        ("adset", {"campaign_name", "adset_id"}),
        ("ad", {"campaign_name", "adset_id", "ad_id"}),
    ):
        row = readonly.data("GET", f"{path}&level={level}", "dora")[0]
        assert set(row) == {"spend", "date_start", "date_stop", *names}


@pytest.mark.parametrize(
    "more",
    [
        "",
        "&startDate=2026-01-01",
        "&startDate=2026-01-01&endDate=soon",
        "&startDate=2026-02-01&endDate=2026-01-01",
        "&startDate=2026-01-01&endDate=2026-01-01&level=planet",
        "&startDate=2026-01-01&endDate=2026-01-01&breakdown=mood",
        "&startDate=2026-01-01&endDate=2026-01-01&fields=spend,luck",
    ],
)
def test_bad_questions(readonly: Platform, more: str) -> None:
    """Missing, broken or reversed dates and unknown names are validation errors."""
    assert refused(readonly.call("GET", _PATH + more, "dora"), 400, "BAD_REQUEST")["details"]


def test_pausing_in_the_middle_of_a_day(platform: Platform) -> None:
    """A day on which a campaign was paused keeps what it did until then."""
    clock, world = platform.clock, platform.sandbox.world
    clock.advance(86_400 - clock.now() % 86_400 + 6 * 3_600)
    question, running = _one_day(clock), world.campaigns["cmp_1001_1"]
    stopped = world.set_status("cmp_1001_1", "PAUSED")
    clock.advance(86_400)
    over = replace(question, until=clock.now())
    whole, paused = (float(str(report(over, [one])[0]["spend"])) for one in (running, stopped))
    assert paused == pytest.approx(whole / 4, rel=0.01)


def test_today_grows(clock: MovableClock) -> None:
    """Today's figures hold the hours until now, and no more."""
    moving = MovableClock()
    moving.advance(86_400 - moving.now() % 86_400 + 3 * 3_600)
    campaigns = demo_world(clock).campaigns_of("acc-1001")
    shown = [_impressions(report(_one_day(moving), campaigns))]
    moving.advance(6 * 3_600)
    shown.append(_impressions(report(_one_day(moving), campaigns)))
    moving.advance(14 * 3_600)
    shown.append(_impressions(report(_one_day(moving), campaigns)))
    assert 0 < shown[0] < shown[1] < shown[2]
    assert shown[0] / shown[2] == pytest.approx(4 / 24, rel=0.02)


def _impressions(rows: list[dict[str, object]]) -> int:
    return sum(int(str(row["impressions"])) for row in rows)


def test_finer_levels_add_up(clock: MovableClock) -> None:
    """Ad sets and ads of a campaign add up to it exactly, and there are one to three of each."""
    last = today(clock) - timedelta(days=1)
    period = (last - timedelta(days=20), last)
    whole = _sums(_rows(clock, *period), "campaign_id")
    for level in ("adset", "ad"):
        assert _sums(_rows(clock, *period, level=level), "campaign_id") == whole
    campaigns = demo_world(clock).campaigns.values()
    ad_sets = [ad_set for campaign in campaigns for ad_set in campaign.ad_sets]
    assert {len(campaign.ad_sets) for campaign in campaigns} == {1, 2, 3}
    assert {len(ad_set.ads) for ad_set in ad_sets} == {1, 2, 3}


def _one_day(clock: MovableClock) -> Question:
    day = str(today(clock))
    return read_question({"startDate": day, "endDate": day}, clock)
