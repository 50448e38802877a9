"""The figures that the console shows, and how old they are."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Locator, expect

from app.clock import today
from app.testing.world import World

from .screen import REFUSED, Screen

INSIGHTS = "/teams/team-acme-brand/meta/insights"


def tile(screen: Screen, name: str) -> Locator:
    return screen.page.locator(".tile").filter(has_text=name).locator(".figure")


def test_totals_are_those_of_the_gateway(screen: Screen, strict_world: World) -> None:
    """The tiles add up the rows of the chosen days, and rates come from the sums."""
    first, last = (today(strict_world.clock) - timedelta(days=n) for n in (12, 3))
    ben = strict_world.sign_in("ben")
    rows = ben.read(INSIGHTS, adAccountId="act_1001", startDate=first, endDate=last)["items"]
    spend = sum(row["spend"] for row in rows)
    clicks = sum(row["clicks"] for row in rows)

    screen.sign_in("ben")
    screen.page.get_by_role("radio", name="Custom").check()
    screen.page.get_by_label("From").fill(first.isoformat())
    screen.page.get_by_label("To", exact=True).fill(last.isoformat())
    screen.page.get_by_role("button", name="Show").click()
    expect(tile(screen, "Spend")).to_have_text(f"{spend:,.2f}")
    expect(tile(screen, "Clicks")).to_have_text(f"{clicks:,}")
    expect(tile(screen, "Cost per click")).to_have_text(f"{spend / clicks:.2f}")
    expect(screen.page.get_by_text("Changes are against the 10 days before.")).to_be_visible()
    assert screen.faults == []


def test_a_breakdown_is_a_chart_and_a_table(screen: Screen) -> None:
    """The chart says in words what it shows, and a table holds the same figures."""
    screen.sign_in("ben")
    screen.choice("Split by").select_option("Country")
    screen.choice("Figure").select_option("Clicks")
    chart = screen.page.get_by_role("img", name=re.compile("Clicks by country: Germany leads"))
    expect(chart).to_be_visible()
    drawn = chart.locator(".value").all_text_contents()
    screen.page.get_by_role("button", name="As a table").click()
    table = screen.page.locator("figure table")
    expect(table.get_by_role("row")).to_have_count(len(drawn) + 1)
    cells = [row.split(" · ") for row in drawn]
    assert [cell for row in cells for cell in row] == table.locator("td").all_inner_texts()
    assert screen.faults == []


def test_the_chart_follows_the_window(screen: Screen) -> None:
    """In a narrower window the chart is drawn anew, and fits."""
    screen.sign_in("ben")
    chart = screen.page.locator("svg.chart")
    expect(chart).to_be_visible()
    drawn = chart.get_attribute("width")
    screen.page.set_viewport_size({"width": 400, "height": 800})
    expect(chart).not_to_have_attribute("width", drawn or "")
    assert screen.overflow() == 0
    assert screen.faults == []


def test_reload_and_back_keep_the_place(screen: Screen) -> None:
    """What was chosen stands in the address: reload keeps it, back undoes one choice."""
    screen.sign_in("ben")
    screen.choice("Split by").select_option("Age")
    screen.page.get_by_role("radio", name="90 days").check()
    expect(screen.page.get_by_role("img", name=re.compile("by age"))).to_be_visible()
    screen.page.reload()
    expect(screen.page.get_by_role("img", name=re.compile("by age"))).to_be_visible()
    expect(screen.page.get_by_role("radio", name="90 days")).to_be_checked()
    screen.page.go_back()
    expect(screen.page.get_by_role("radio", name="28 days")).to_be_checked()
    expect(screen.choice("Split by")).to_have_value("age")


def test_the_source_of_an_answer_is_shown(screen: Screen) -> None:
    """The first look comes from the platform, the next one from the cache, with its age."""
    screen.sign_in("ben")
    source = screen.page.locator("#campaigns .source")
    expect(source).to_contain_text("Fresh from the ads platform")
    screen.page.get_by_role("button", name="Refresh").click()
    expect(source).to_contain_text(re.compile(r"Served from cache, \d+ s old"))


def test_failing_figures_leave_the_campaigns_usable(screen: Screen, strict_world: World) -> None:
    """When only the figures fail, the campaigns are there and can be paused; the reason is shown."""
    screen.sign_in("ben")
    screen.rest()
    strict_world.fault("getInsights", "status", status=500, times=None)
    screen.page.get_by_role("radio", name="7 days").check()
    expect(screen.page.locator("#tiles")).to_contain_text("The ads platform failed")
    expect(screen.page.locator("#tiles code")).to_have_text(re.compile("[0-9a-f]{24}"))
    screen.page.get_by_role("button", name="Pause Brand film").click()
    expect(screen.row("Brand film")).to_contain_text("Paused")
    assert set(screen.faults) == {f"{REFUSED}502 (Bad Gateway)"}


def test_an_unreachable_platform_can_be_tried_again(screen: Screen, strict_world: World) -> None:
    """When nothing can be read the page says so, and a button tries again."""
    strict_world.fault("*", "status", status=503, times=None)
    screen.sign_in("ben")
    again = screen.page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    strict_world.heal()
    again.click()
    expect(screen.row("Brand film")).to_be_visible()
