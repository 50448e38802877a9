"""The figures that the console shows: they are the platform's, as a chart and as a table."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Locator, expect

from app.clock import today
from app.testing.world import World

from .screen import Screen

INSIGHTS = "/teams/team-acme-brand/meta/insights"


def tile(screen: Screen, name: str) -> Locator:
    return screen.page.locator(".tile").filter(has_text=name)


def figure(screen: Screen, name: str) -> Locator:
    return tile(screen, name).locator(".figure")


def reported(world: World, first: date, last: date) -> list[dict[str, Any]]:
    """The rows of the ad account's campaigns in these days."""
    ben = world.sign_in("ben")
    rows: list[dict[str, Any]] = ben.read(
        INSIGHTS, adAccountId="act_1001", startDate=first, endDate=last
    )["items"]
    return rows


def days(world: World) -> tuple[date, date]:
    first, last = (today(world.clock) - timedelta(days=n) for n in (12, 3))
    return first, last


def show(screen: Screen, first: date, last: date) -> None:
    screen.page.get_by_role("radio", name="Custom").check()
    screen.page.get_by_label("From").fill(first.isoformat())
    screen.page.get_by_label("To", exact=True).fill(last.isoformat())
    screen.page.get_by_role("button", name="Show", exact=True).click()
    expect(screen.page).to_have_url(re.compile(f"from={first}"))
    screen.rest()


def numbers(cells: Locator) -> list[float]:
    return [float(text.replace(",", "")) for text in cells.all_inner_texts()]


def test_totals_are_the_platforms(screen: Screen, strict_world: World) -> None:
    """The tiles are the sum of the rows of the chosen days, and rates come from the sums."""
    first, last = days(strict_world)
    rows = reported(strict_world, first, last)
    spend = sum(row["spend"] for row in rows)
    clicks = sum(row["clicks"] for row in rows)
    impressions = sum(row["impressions"] for row in rows)

    screen.sign_in("ben")
    show(screen, first, last)
    expect(figure(screen, "Spend").first).to_have_text(f"{spend:,.2f}")
    expect(figure(screen, "Clicks")).to_have_text(f"{clicks:,}")
    expect(figure(screen, "Cost per click")).to_have_text(f"{spend / clicks:.2f}")
    expect(figure(screen, "Click rate")).to_have_text(f"{clicks / impressions:.2%}")
    assert screen.faults == []


def test_changes_are_against_the_days_before(screen: Screen, strict_world: World) -> None:
    """A tile tells the change in per cent and whether it is good, and in full for who asks."""
    first, last = days(strict_world)
    now = sum(row["clicks"] for row in reported(strict_world, first, last))
    length = last - first + timedelta(days=1)
    then = sum(row["clicks"] for row in reported(strict_world, first - length, last - length))
    screen.sign_in("ben")
    show(screen, first, last)
    change = tile(screen, "Clicks").locator(".change")
    news = "better" if now > then else "worse"
    expect(change).to_contain_text(f"{abs(now / then - 1):.1%} {news}")
    sign = "+" if now > then else "−"
    expect(change).to_contain_text(f"({sign}{abs(now - then):,} from {then:,})")
    expect(screen.page.locator("#tiles")).to_contain_text("Compared with")


def test_parts_add_up_to_the_totals(screen: Screen, strict_world: World) -> None:
    """The days, the ages and the campaigns are the same spend as the total of the tile."""
    screen.sign_in("ben")
    show(screen, *days(strict_world))
    screen.page.get_by_role("button", name="As a table of the trend").click()
    screen.page.get_by_role("button", name="As a table of the breakdown").click()
    total = float(figure(screen, "Spend").first.inner_text().replace(",", ""))
    spend = screen.page.locator('#campaigns tbody td[data-label="Spend"]').filter(has_text=".")
    shares = screen.page.locator("#breakdown tbody td:nth-child(2)")
    trend = numbers(screen.page.locator("#trend tbody td"))
    assert len(trend) == 10
    for parts in (trend, numbers(spend), numbers(shares)):
        assert round(sum(parts), 2) == total
    assert numbers(spend) == sorted(numbers(spend), reverse=True)


def test_a_breakdown_is_a_chart_and_a_table(screen: Screen) -> None:
    """The chart says in words what it shows, and a table holds the same figures."""
    screen.sign_in("ben")
    screen.choice("Split by").select_option("Country")
    screen.choice("Figure").select_option("Clicks")
    chart = screen.page.get_by_role("img", name=re.compile("Clicks by country: Germany leads"))
    expect(chart).to_be_visible()
    drawn = chart.locator(".value").all_text_contents()
    screen.page.get_by_role("button", name="As a table of the breakdown").click()
    table = screen.page.locator("#breakdown table")
    expect(table.get_by_role("row")).to_have_count(len(drawn) + 1)
    cells = [row.split(" · ") for row in drawn]
    assert [cell for row in cells for cell in row] == table.locator("td").all_inner_texts()
    assert screen.faults == []


def test_the_keyboard_reads_the_trend(screen: Screen, strict_world: World) -> None:
    """Arrow keys go from point to point, and what is read out stands in the table too. Newer figures
    leave the reader where he is."""
    screen.sign_in("ben")
    screen.page.get_by_role("radio", name="7 days").check()  # all of them old after ten minutes
    screen.choice("Trend of").select_option("Clicks")
    expect(screen.page.get_by_role("img", name="Clicks per day")).to_be_visible()
    reader = screen.page.get_by_role("slider")
    screen.press_until(reader)
    read = []
    for key in ("Home", "ArrowRight", "End", "ArrowLeft"):
        screen.page.keyboard.press(key)
        read.append(reader.get_attribute("aria-valuetext"))
        day, _, value = (read[-1] or "").rpartition(": ")
        expect(screen.page.locator(".read-out")).to_have_text(f"{value} {day}")
    age = screen.page.locator("#trend time")
    before = age.get_attribute("datetime") or ""
    strict_world.advance(700)
    expect(age).not_to_have_attribute("datetime", before)
    expect(reader).to_be_focused()
    expect(reader).to_have_attribute("aria-valuetext", read[-1] or "")
    screen.page.get_by_role("button", name="As a table of the trend").click()
    rows = screen.page.locator("#trend tbody tr")
    expect(rows).to_have_count(7)
    texts = [row.replace("\t", ": ") for row in rows.all_inner_texts()]
    assert read == [texts[0], texts[1], texts[6], texts[5]]
    assert screen.faults == []


def test_long_periods_go_by_week(screen: Screen, strict_world: World) -> None:
    """More days than there is room for are weeks, which a short period may be as well; where not
    even weeks fit the trend says so."""
    screen.sign_in("ben")
    screen.choice("Step").select_option("Weekly")
    expect(screen.page.get_by_role("img", name="Spend per week")).to_be_visible()
    screen.choice("Step").select_option("Daily")
    screen.page.get_by_role("radio", name="90 days").check()
    expect(screen.choice("Step")).to_be_disabled()
    expect(screen.page.get_by_role("img", name="Spend per week")).to_be_visible()
    last = today(strict_world.clock)
    show(screen, last - timedelta(days=220), last)
    expect(screen.page.locator("#trend")).to_contain_text("too long for a trend")
    expect(figure(screen, "Spend").first).not_to_be_empty()
    assert screen.faults == []


def test_charts_follow_the_window(screen: Screen) -> None:
    """In a narrower window each chart is drawn anew, and fits."""
    screen.sign_in("ben")
    screen.rest()
    charts = screen.page.locator("svg.chart")
    expect(charts).to_have_count(2)
    drawn = [chart.get_attribute("width") or "" for chart in charts.all()]
    screen.page.set_viewport_size({"width": 400, "height": 800})
    for chart, width in zip(charts.all(), drawn, strict=True):
        expect(chart).not_to_have_attribute("width", width)
    assert screen.overflow() == 0
    assert screen.faults == []


def test_reload_and_back_keep_the_place(screen: Screen) -> None:
    """What was chosen stands in the address: reload keeps it, back undoes one choice."""
    screen.sign_in("ben")
    screen.choice("Split by").select_option("Gender")
    screen.page.get_by_role("radio", name="90 days").check()
    expect(screen.page.get_by_role("img", name=re.compile("by gender"))).to_be_visible()
    screen.page.reload()
    expect(screen.page.get_by_role("img", name=re.compile("by gender"))).to_be_visible()
    expect(screen.page.get_by_role("radio", name="90 days")).to_be_checked()
    screen.page.go_back()
    expect(screen.page.get_by_role("radio", name="28 days")).to_be_checked()
    expect(screen.choice("Split by")).to_have_value("gender")
