"""A dashboard's figures are the platform's own, to the last digit, whatever the period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.dashboard import steps
from app.catalogue.dashboard_shapes import TrendStep
from app.clock import today
from app.sandbox.figures import Figures, delivered, total
from app.sandbox.records import days as each_day
from app.testing.world import Browser, World, world

from .asks import dashboard, period

ALL = {"parts": ["totals", "campaigns", "breakdowns", "trend"], "compare": "previous"}


@pytest.fixture(scope="module")
def calm_world() -> Iterator[World]:
    """One world for all periods: nothing in it changes."""
    with world() as running:
        yield running


@pytest.fixture(scope="module")
def ben(calm_world: World) -> Browser:
    return calm_world.sign_in("ben")


@st.composite
def periods(draw: st.DrawFn) -> tuple[int, int, TrendStep]:
    """How many days ago it ended, how long it was, and the step of its trend."""
    step = draw(st.sampled_from(TrendStep))
    longest = 31 if step is TrendStep.DAY else 200
    return draw(st.integers(0, 500)), draw(st.integers(1, longest)), step


@given(periods())
@settings(max_examples=12, deadline=None, derandomize=True)
def test_every_part_agrees_with_the_sandbox(
    calm_world: World, ben: Browser, drawn: tuple[int, int, TrendStep]
) -> None:
    """Totals, comparison, campaigns, breakdowns and trend are what the sandbox's days add up to."""
    ago, length, step = drawn
    end = today(calm_world.clock) - timedelta(days=ago)
    start = end - timedelta(days=length - 1)
    shown = dashboard(ben, period(start, end) | ALL | {"trend": step.value})

    whole = _own(calm_world, start, end)
    assert _same(shown["totals"]["data"], whole)
    before = _own(calm_world, start - timedelta(days=length), start - timedelta(days=1))
    assert _same(shown["comparison"]["data"]["figures"], before)
    for one in shown["campaigns"]["data"]["items"]:
        assert _same(one["figures"], _own(calm_world, start, end, one["campaignId"]))
    points = shown["trend"]["data"]["points"]
    assert [(p["startDate"], p["endDate"]) for p in points] == [
        (first.isoformat(), last.isoformat()) for first, last in steps(start, end, step)
    ]
    for point in points:
        first, last = (date.fromisoformat(point[name]) for name in ("startDate", "endDate"))
        assert _same(point["figures"], _own(calm_world, first, last))
    for by, part in shown["breakdowns"].items():
        sums = _added(one["figures"] for one in part["data"]["items"])
        assert sums == _added([shown["totals"]["data"]]), by
    campaigns = [one["figures"] for one in shown["campaigns"]["data"]["items"]]
    assert _added([*campaigns, shown["campaigns"]["data"]["other"]]) == _added(
        [shown["totals"]["data"]]
    )


def test_rates_come_from_sums(calm_world: World, ben: Browser) -> None:
    """No rate is an average: each follows from the figures beside it."""
    end = today(calm_world.clock) - timedelta(days=3)
    shown = dashboard(ben, period(end - timedelta(days=9), end) | ALL)
    rows = [
        shown["totals"]["data"],
        *(one["figures"] for one in shown["campaigns"]["data"]["items"]),
    ]
    for row in filter(None, rows):
        assert row["ctr"] == pytest.approx(row["clicks"] / row["impressions"] * 100)
        assert row["cpc"] == pytest.approx(row["spend"] / row["clicks"])
        assert row["cpm"] == pytest.approx(row["spend"] / row["impressions"] * 1000)
        assert row["roas"] == pytest.approx(row["purchaseValue"] / row["spend"])


def test_changes_are_absolute_and_relative(calm_world: World, ben: Browser) -> None:
    """Each figure's change is told both ways, from the period of equal length just before."""
    end = today(calm_world.clock) - timedelta(days=2)
    shown = dashboard(ben, period(end - timedelta(days=6), end) | ALL)
    now, then = shown["totals"]["data"], shown["comparison"]["data"]["figures"]
    assert shown["comparison"]["data"]["endDate"] == (end - timedelta(days=7)).isoformat()
    assert shown["comparison"]["data"]["change"].keys() == now.keys()
    for name, change in shown["comparison"]["data"]["change"].items():
        assert change["absolute"] == pytest.approx(now[name] - then[name])
        assert change["relative"] == pytest.approx((now[name] - then[name]) / then[name])


def test_what_was_not_reported_is_null(calm_world: World, ben: Browser) -> None:
    """Before the first campaign there was nothing to report: no figure is made up, not even 0."""
    shown = dashboard(ben, period(date(2019, 3, 1), date(2019, 3, 3)) | ALL)
    assert set(shown["totals"]["data"].values()) == {None}
    changes = shown["comparison"]["data"]["change"].values()
    assert {value for change in changes for value in change.values()} == {None}
    assert all(one["figures"] is None for one in shown["campaigns"]["data"]["items"])
    assert [set(p["figures"].values()) for p in shown["trend"]["data"]["points"]] == [{None}] * 3
    assert shown["breakdowns"]["age"]["data"] == {"items": []}


def test_campaigns_come_by_spend_and_with_their_names(calm_world: World, ben: Browser) -> None:
    """Those that spent the most first; each says what it is called, and whether it delivers."""
    end = today(calm_world.clock)
    items = dashboard(ben, period(end - timedelta(days=27), end))["campaigns"]["data"]["items"]
    spent = [one["figures"]["spend"] for one in items if one["figures"]]
    assert spent == sorted(spent, reverse=True)
    sandbox = calm_world.sandbox.world
    account = sandbox.account("act_1001")
    assert account is not None
    assert {(one["campaignId"], one["name"], one["status"]) for one in items} == {
        (one.id, one.name, one.status) for one in sandbox.campaigns_of(account.id)
    }


def _own(world: World, start: date, end: date, campaign: str | None = None) -> Figures:
    """The sandbox's figures of those days, all campaigns of the account or one."""
    sandbox = world.sandbox.world
    account = sandbox.account("act_1001")
    assert account is not None
    hour = (world.clock.now() // 3600 + 1) * 3600
    return total(
        delivered(one, day, hour)
        for one in sandbox.campaigns_of(account.id)
        if campaign in {None, one.id}
        for day in each_day(start, end)
    )


def _same(shown: dict[str, Any] | None, own: Figures) -> bool:
    """Nothing delivered is nothing reported: then there are no figures."""
    if own == Figures():
        return shown is None or set(shown.values()) == {None}
    assert shown is not None
    return (
        shown["impressions"],
        shown["clicks"],
        Decimal(str(shown["spend"])),
        shown["purchases"],
        Decimal(str(shown["purchaseValue"])),
    ) == (
        own.impressions,
        own.clicks,
        Decimal(own.spend) / 100,
        own.purchases,
        Decimal(own.purchase_value) / 100,
    )


def _added(rows: Any) -> dict[str, Decimal]:
    names = ("impressions", "clicks", "spend", "purchases", "purchaseValue")
    found = [row for row in rows if row is not None]
    return {
        name: sum((Decimal(str(row[name] or 0)) for row in found), Decimal(0)) for name in names
    }
