"""The example dashboard: built, served by the gateway, and used in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.clock import today
from app.page_policy import STANDARD
from app.testing.world import World, world
from tests.console.screen import REFUSED

from .building import run
from .conftest import OpenVisitor
from .visitor import BRAND, Visitor

# What a browser does when another window is put before this one, or taken away.
SEEN = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
INSIGHTS = "/teams/team-acme-brand/meta/insights"


def test_the_types_hold() -> None:
    """The example is strict TypeScript against the types that are made of openapi/bff.json."""
    run("typescript", "--noEmit")


def test_the_build_needs_no_lax_policy(build: Path) -> None:
    """Scripts and styles are files named after their content; nothing is inline, nothing is mapped."""
    page = (build / "index.html").read_text("utf-8")
    assert "style=" not in page
    assert re.findall(r"<script(?![^>]* src=)", page) == []
    kinds = {file.suffix for file in build.rglob("*.*")}
    assert kinds == {".html", ".js", ".css", ".svg"}


def totals(running: World, first: date, last: date) -> tuple[float, int]:
    """Spend and clicks, added up from what the platform reports campaign by campaign."""
    ben = running.sign_in("ben")
    rows = ben.read(INSIGHTS, adAccountId="act_1001", startDate=first, endDate=last)["items"]
    return sum(row["spend"] for row in rows), sum(row["clicks"] for row in rows)


def test_figures_are_those_of_the_platform(visitor: Visitor, product: World) -> None:
    """Totals, change, chart, campaigns and breakdown are there, and agree with what is reported."""
    last = today(product.clock) - timedelta(days=1)
    spend, clicks = totals(product, last - timedelta(days=27), last)
    visitor.come("ben", BRAND)
    visitor.rest()
    expect(visitor.page.get_by_role("heading", level=1, name="Acme Tents")).to_be_visible()
    expect(visitor.tile("Spend")).to_have_text(f"{spend:,.2f}")
    expect(visitor.tile("Clicks")).to_have_text(f"{clicks:,}")
    expect(visitor.page.locator(".change").first).to_have_text(
        re.compile(r"[+-]?[\d.]+% on before")
    )
    expect(visitor.page.get_by_role("img", name=re.compile("Spend, 28 points"))).to_be_visible()
    expect(visitor.page.locator(".chart canvas")).to_be_visible()
    campaigns = visitor.page.locator("#campaigns tbody tr")
    expect(campaigns).to_have_count(9)  # eight, and all of them together
    expect(campaigns.last).to_contain_text(f"{spend:,.2f}")
    expect(visitor.page.locator("#breakdown tbody tr")).not_to_have_count(0)
    assert visitor.faults == []
    assert visitor.hosts == {product.origin.removeprefix("http://")} | sandbox_host(product)


def sandbox_host(running: World) -> set[str]:
    """Where one signs in."""
    return {running.sandbox_server.origin.removeprefix("http://")}


def test_another_period_has_other_figures(visitor: Visitor, product: World) -> None:
    """A choice stands in the address; "back" undoes it."""
    last = today(product.clock) - timedelta(days=1)
    week, _ = totals(product, last - timedelta(days=6), last)
    month, _ = totals(product, last - timedelta(days=27), last)
    visitor.come("ben", BRAND)
    expect(visitor.tile("Spend")).to_have_text(f"{month:,.2f}")
    visitor.choice("Period").select_option("Last 7 days")
    expect(visitor.tile("Spend")).to_have_text(f"{week:,.2f}")
    expect(visitor.page).to_have_url(re.compile(r"\?days=7&"))
    visitor.page.go_back()
    expect(visitor.tile("Spend")).to_have_text(f"{month:,.2f}")
    visitor.choice("Period").select_option("Other days…")
    visitor.page.get_by_label("From").fill((last - timedelta(days=6)).isoformat())
    visitor.page.get_by_label("To", exact=True).fill(last.isoformat())
    visitor.page.get_by_role("button", name="Show", exact=True).click()
    expect(visitor.tile("Spend")).to_have_text(f"{week:,.2f}")
    visitor.page.reload()
    expect(visitor.tile("Spend")).to_have_text(f"{week:,.2f}")
    assert visitor.faults == []


def test_a_failed_part_is_named_and_spoils_no_other(visitor: Visitor, product: World) -> None:
    """Without the list of campaigns the section says so; the figures are there all the same."""
    product.fault("getCampaigns", "status", status=500, times=None)
    visitor.come("ben", BRAND)
    note = visitor.page.locator("#campaigns .note")
    expect(note).to_contain_text("The campaigns could not be read")
    expect(visitor.tile("Spend")).to_have_text(re.compile(r"^[\d,]+\.\d\d$"))
    expect(visitor.page.locator("#totals .note")).to_be_hidden()
    assert visitor.faults == []


def test_what_is_old_is_marked(visitor: Visitor, product: World) -> None:
    """While the platform cannot say anything newer, the section says of when its figures are."""
    visitor.come("ben", BRAND)
    visitor.rest()
    product.fault("getCampaigns", "status", status=500, times=None)
    product.advance(120)
    note = visitor.page.locator("#campaigns .note")
    expect(note).to_contain_text(re.compile("The campaigns: as of .*Newer figures are on their"))
    expect(visitor.page.locator("#campaigns tbody tr")).to_have_count(9)
    product.heal()
    expect(note).to_be_hidden(timeout=15_000)
    assert visitor.faults == []


def test_changes_arrive_by_themselves(visitor: Visitor, product: World) -> None:
    """A campaign that a colleague pauses is paused here, without a reload."""
    visitor.come("dora", BRAND)
    visitor.rest()
    campaign = visitor.page.locator("#campaigns tr", has_text="Spring launch")
    expect(campaign.locator(".state")).to_have_text("Active")
    path = "/teams/team-acme-brand/meta/campaigns/cmp_1001_1"
    paused = product.sign_in("ben").api(
        "PATCH", path, params={"adAccountId": "act_1001"}, json={"status": "PAUSED"}
    )
    assert paused.status_code == 200
    expect(campaign.locator(".state")).to_have_text("Paused")
    assert visitor.faults == []


def test_a_problem_is_told_with_the_id_of_its_request(visitor: Visitor, product: World) -> None:
    """Whoever asks for help can say which request it was, and another attempt goes on from there."""
    product.fault("getTeamConnections", "status", status=500, times=None)
    visitor.come("ben", BRAND)
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_contain_text("The ads platform failed", timeout=15_000)
    expect(alert).to_contain_text(re.compile(r"Request [0-9a-f]{24}"))
    product.heal()
    alert.get_by_role("button", name="Try again").click()
    visitor.rest()
    expect(alert).to_be_hidden()


def test_a_refusal_is_told_and_shows_no_figures(visitor: Visitor) -> None:
    """emil is in the team and may not see the account: he reads why, whether the stream was refused
    or ended."""
    visitor.come("emil", BRAND)
    expect(visitor.page.get_by_role("alert")).to_contain_text("Your role does not allow this")
    expect(visitor.page.locator("#main")).to_be_hidden()
    assert [fault for fault in visitor.faults if not fault.startswith(f"{REFUSED}403")] == []


def test_who_signs_out_leaves_nothing(visitor: Visitor) -> None:
    """The way out leads by the identity provider back to the start, and no address shows a figure."""
    visitor.come("ben", BRAND)
    visitor.rest()
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(visitor.page.get_by_role("link", name="Sign in")).to_be_visible()
    visitor.open(BRAND)
    expect(visitor.page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(visitor.page.locator("#main")).to_be_hidden()
    assert visitor.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert visitor.faults == []


def test_a_session_that_ended_is_said_and_the_place_is_kept(
    visitor: Visitor, product: World
) -> None:
    """Whoever signs in again is where he was."""
    visitor.come("ben", BRAND + "?days=7")
    visitor.rest()
    elsewhere = product.browser()
    elsewhere.cookies.set("bff-dev", visitor.session_cookie())
    assert elsewhere.post("/auth/logout").status_code == 200
    expect(visitor.page.get_by_text("Your session has ended.")).to_be_visible()
    visitor.page.get_by_role("link", name="Sign in").click()
    visitor.page.locator('button[value="ben"]').click()
    visitor.rest()
    expect(visitor.choice("Period")).to_have_value("7")


def test_a_page_that_nobody_sees_has_no_stream(visitor: Visitor) -> None:
    """After half a minute behind other windows the stream is closed; whoever comes back sees what is
    so by now."""
    page = visitor.page
    page.clock.install()
    visitor.come("ben", BRAND)
    visitor.rest()
    with page.expect_event("requestfailed", lambda request: "/stream?" in request.url):
        page.evaluate(SEEN, True)
        page.clock.fast_forward(31_000)
    with page.expect_request("**/dashboard/stream?*"):
        page.evaluate(SEEN, False)
    visitor.rest()
    assert visitor.faults == []


def test_other_teams_are_chosen_from_lists(visitor: Visitor) -> None:
    """kim works for two companies: each choice offers what there is below it."""
    visitor.come("kim")
    visitor.rest()
    assert visitor.choices("Workspace") == ["Acme Outdoor", "Globex Home"]
    visitor.choice("Workspace").select_option("Globex Home")
    expect(visitor.page.get_by_role("heading", level=1, name="Globex Sofas")).to_be_visible()
    assert visitor.choices("Ad account") == ["Globex Sofas"]
    visitor.rest()
    assert visitor.faults == []


def test_somebody_without_a_workspace(visitor: Visitor) -> None:
    """zoe's company has none yet, and the page says what is missing."""
    visitor.come("zoe")
    expect(visitor.page.get_by_text("No team of this workspace lists you.")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (1280, 900)])
def test_it_fits_every_window(open_visitor: OpenVisitor, width: int, height: int) -> None:
    """From a phone to a desk nothing is wider than the window, and all is within reach."""
    visitor = open_visitor(width, height)
    visitor.come("ben", BRAND)
    visitor.rest()
    assert visitor.overflow() == 0
    visitor.page.get_by_text("Show as a table").click()
    expect(visitor.page.locator("#trend details tbody tr")).to_have_count(28)
    assert visitor.overflow() == 0
    assert visitor.axe() == []
    visitor.press_until(visitor.page.get_by_role("button", name="Sign out"))
    assert visitor.faults == []


@pytest.fixture
def held(build: Path) -> Iterator[World]:
    """A gateway whose policy also forbids markup made from text."""
    policy = f"{STANDARD}; require-trusted-types-for 'script'; trusted-types 'none'"
    with world(spa={"directory": build, "content_security_policy": policy}) as running:
        yield running


def test_it_works_under_trusted_types(held: World, chromium: Browser) -> None:
    """Nothing in it makes markup from text, the chart's library included."""
    context = chromium.new_context(locale="en-GB", color_scheme="dark")
    visitor = Visitor(context.new_page(), held)
    visitor.come("ben", BRAND)
    visitor.rest()
    visitor.choice("Measure").select_option("Clicks")
    expect(visitor.page.get_by_role("img", name=re.compile("^Clicks, 28 points"))).to_be_visible()
    visitor.page.locator(".chart .u-over").hover()
    assert visitor.faults == []
    context.close()
