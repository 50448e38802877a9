"""The overview follows the dashboard's stream: what comes by itself, and what is said meanwhile."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from app.clock import today
from app.testing.world import World

from .conftest import OpenScreen
from .screen import REFUSED, Screen

STREAM = "**/dashboard/stream*"
DASHBOARD = "/teams/team-acme-brand/dashboard"
CAMPAIGN = "/teams/team-acme-brand/meta/campaigns/cmp_1001_5"
HIDE = """hidden => {
  Object.defineProperty(document, "visibilityState",
    { configurable: true, get: () => hidden ? "hidden" : "visible" });
  document.dispatchEvent(new Event("visibilitychange"));
}"""

AWAY = re.compile("The ads platform (failed|cannot be reached)")


def connection(screen: Screen) -> Locator:
    return screen.page.locator(".connection")


def told(*events: tuple[str, Any]) -> dict[str, Any]:
    """An answer that tells these events, and ends."""
    body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    return {"status": 200, "content_type": "text/event-stream", "body": body}


def streams(page: Page) -> list[str]:
    """Every stream that the page asks for from now on."""
    asked: list[str] = []
    page.on(
        "request", lambda one: asked.append(one.url) if "/dashboard/stream" in one.url else None
    )
    return asked


def test_what_others_change_comes_by_itself(screen: Screen, strict_world: World) -> None:
    """A campaign that a colleague pauses is paused here as well; the focus stays where it was, and
    nothing is asked for anew."""
    screen.sign_in("ben")
    screen.rest()
    asked = streams(screen.page)
    expect(connection(screen)).to_have_text("Live")
    button = screen.page.get_by_role("button", name="Pause Brand film")
    button.focus()
    cleo = strict_world.sign_in("cleo")
    answer = cleo.api("PATCH", f"{CAMPAIGN}?adAccountId=act_1001", json={"status": "PAUSED"})
    assert answer.status_code == 200
    expect(screen.row("Brand film")).to_contain_text("Paused")
    expect(screen.page.get_by_role("button", name="Resume Brand film")).to_be_focused()
    assert asked == []
    assert screen.faults == []


def test_each_part_tells_its_age(screen: Screen, strict_world: World) -> None:
    """A part says of when it is. What is older than it should be says so, until it is newer."""
    screen.sign_in("ben")
    screen.rest()
    for part in ("tiles", "trend", "campaigns", "breakdown"):
        source = screen.page.locator(f"#{part} .source")
        expect(source).to_have_text(re.compile(r"as of \d\d:\d\d:\d\d$"))
    strict_world.fault("getInsights", "status", status=500, times=None)
    strict_world.advance(300)
    expect(screen.page.locator("#tiles .source")).to_contain_text("being refreshed")
    expect(screen.page.locator("#tiles .figure").first).to_have_text(re.compile(r"\d"))
    strict_world.heal()
    strict_world.advance(60)
    expect(screen.page.locator("#tiles .source")).not_to_contain_text("being refreshed")
    assert screen.faults == []


def test_a_failing_part_spoils_no_other(open_screen: OpenScreen, strict_world: World) -> None:
    """When only the figures fail, the campaigns are there and can be paused; each part says why it
    is missing, and is there by itself once the platform works again."""
    screen, phone = open_screen(), open_screen(360, 740)
    strict_world.fault("getInsights", "status", status=500, times=None)
    for one in (screen, phone):
        one.sign_in("ben")
        one.rest()
        for part in ("tiles", "trend", "breakdown", "campaigns"):
            place = one.page.locator(f"#{part}")
            # So many questions fail at once that the platform is soon left alone.
            expect(place).to_contain_text(AWAY)
            expect(place).to_contain_text("It is tried again by itself.")
        assert one.axe() == []
        assert one.overflow() == 0
    screen.page.get_by_role("button", name="Pause Brand film").click()
    for one in (screen, phone):
        expect(one.row("Brand film")).to_contain_text("Paused")
    strict_world.heal()
    strict_world.advance(61)  # the longest that a stream waits before it tries again
    expect(screen.page.locator("#tiles .figure").first).to_have_text(re.compile(r"\d"))
    expect(screen.page.locator("#page")).not_to_contain_text(AWAY)
    assert screen.faults + phone.faults == []


def test_what_is_on_its_way_has_its_place(screen: Screen) -> None:
    """Before anything came each part is a grey shape as high as the figures that replace it."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.page.route(STREAM, hold)
    with screen.page.expect_request(STREAM):
        screen.sign_in("ben")
    trend = screen.page.locator("#trend")
    expect(screen.page.locator("#tiles")).to_have_attribute("aria-busy", "true")
    expect(screen.page.locator("#tiles .skeleton")).to_have_count(9)
    expect(connection(screen)).to_have_text("Connecting…")
    assert screen.axe() == []
    before = trend.bounding_box()
    held[0].continue_()
    screen.rest()
    expect(screen.page.locator(".skeleton")).to_have_count(0)
    after = trend.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) <= 1
    assert screen.faults == []


def test_gaps_and_what_is_left_over_are_shown(screen: Screen, strict_world: World) -> None:
    """A point without a figure is a gap, and says whether it failed or was not reported; a figure
    that is not known is no zero, and spend of no listed campaign has a row of its own."""
    last = today(strict_world.clock) - timedelta(days=1)
    ben = strict_world.sign_in("ben")
    known = ben.read(
        DASHBOARD,
        adAccountId="act_1001",
        startDate=last - timedelta(days=6),
        endDate=last,
        trend="day",
    )
    points = known["trend"]["data"]["points"]
    points[2] |= {"status": "failed", "figures": None}
    points[4]["figures"]["spend"] = None
    known["totals"]["data"]["roas"] = None
    known["campaigns"]["data"]["other"] = known["totals"]["data"]
    parts = {name: known[name] for name in ("totals", "campaigns", "breakdowns", "trend")}
    screen.page.route(
        STREAM, lambda route: route.fulfill(**told(("scope", {}), ("parts", parts))), times=1
    )
    screen.sign_in("ben")
    trend = screen.page.locator("#trend")
    expect(trend.locator("svg .curve")).to_have_count(2)
    expect(trend.locator("svg .alone")).to_have_count(1)
    expect(trend).to_contain_text("Without a figure: 2 of 7.")
    expect(screen.page.locator('[data-measure="roas"] .figure')).to_have_text("–")
    rest = screen.page.locator("#campaigns tr.rest")
    expect(rest).to_contain_text("Not in these campaigns")
    expect(rest.locator('[data-label="Spend"]')).to_have_text(
        screen.page.locator('[data-measure="spend"] .figure').inner_text()
    )


def test_a_lost_connection_is_found_again(screen: Screen, strict_world: World) -> None:
    """Whoever looks at figures keeps them, and reads quietly that the page reconnects; whoever has
    none reads why. Both are live again by themselves, without being asked."""
    screen.page.route(STREAM, lambda route: route.abort("connectionrefused"))
    screen.sign_in("ben")
    expect(screen.page.get_by_text("The gateway cannot be reached")).to_be_visible()
    expect(connection(screen)).to_have_text("Reconnecting…")
    screen.page.unroute(STREAM)
    screen.rest()
    expect(connection(screen)).to_have_text("Live")
    expect(screen.page.get_by_text("The gateway cannot be reached")).to_be_hidden()

    spend = screen.page.locator("#tiles .figure").first.inner_text()
    screen.page.context.set_offline(True)
    expect(connection(screen)).to_have_text("Reconnecting…")
    expect(screen.page.locator("#tiles .figure").first).to_have_text(spend)
    expect(screen.page.get_by_role("alert")).to_have_count(0)
    screen.page.context.set_offline(False)
    expect(connection(screen)).to_have_text("Live")


def test_a_gateway_that_stops_is_left_for_another(screen: Screen, strict_world: World) -> None:
    """After `bye: drain` the page opens another stream, as a background request."""
    screen.page.route(
        STREAM, lambda route: route.fulfill(**told(("bye", {"reason": "drain"}))), times=1
    )
    asked = streams(screen.page)
    with screen.page.expect_request(
        lambda one: one.headers.get("x-bff-background") == "1" and "/stream" in one.url
    ):
        screen.sign_in("ben")
    screen.rest()
    expect(connection(screen)).to_have_text("Live")
    assert len(asked) == 2
    assert screen.faults == []


def test_nobody_looks_at_a_hidden_window(screen: Screen) -> None:
    """A minute after the window was hidden the stream is closed; it is open again once the window
    is seen. A window that was hidden for less keeps its stream."""
    screen.page.clock.install()
    screen.sign_in("ben")
    screen.rest()
    asked = streams(screen.page)
    screen.page.evaluate(HIDE, True)
    screen.page.clock.fast_forward(40_000)
    screen.page.evaluate(HIDE, False)
    expect(connection(screen)).to_have_text("Live")
    assert asked == []
    with screen.page.expect_event("requestfailed"):
        screen.page.evaluate(HIDE, True)
        screen.page.clock.fast_forward(61_000)
    expect(connection(screen)).to_have_text("Paused")
    screen.page.evaluate(HIDE, False)
    expect(connection(screen)).to_have_text("Live")


def test_a_silent_connection_is_given_up(screen: Screen) -> None:
    """Of a stream that says nothing for three heartbeats nobody knows whether it is there: the page
    opens another one."""
    screen.page.clock.install()
    screen.sign_in("ben")
    screen.rest()
    with screen.page.expect_event("requestfailed"), screen.page.expect_request(STREAM):
        screen.page.clock.fast_forward(46_000)
        screen.page.clock.fast_forward(1_000)
    expect(connection(screen)).to_have_text("Live")


def test_leaving_and_choosing_close_the_stream(screen: Screen) -> None:
    """Another period, and then another page, end the stream before; the refresh button opens it
    anew, and another figure of the same period asks for nothing."""
    screen.sign_in("ben")
    screen.rest()
    asked = streams(screen.page)
    screen.choice("Figure").select_option("Clicks")
    screen.choice("Trend of").select_option("Clicks")
    expect(screen.page.get_by_role("img", name="Clicks per day")).to_be_visible()
    assert asked == []
    with screen.page.expect_event("requestfailed"):
        screen.page.get_by_role("button", name="Refresh").click()
    screen.rest()
    with screen.page.expect_event("requestfailed"):
        screen.page.get_by_role("radio", name="7 days").check()
    screen.rest()
    assert len(asked) == 2
    with screen.page.expect_event("requestfailed"):
        screen.turn_to("Sessions")
    assert len(asked) == 2
    assert screen.faults == []


def test_a_stream_keeps_no_session_alive(screen: Screen, strict_world: World) -> None:
    """Who only lets the page follow is signed out like anybody else who is idle, and reads so."""
    screen.sign_in("ben")
    screen.rest()
    idle = strict_world.parts.settings.session.idle_seconds
    strict_world.advance(idle - 60)
    expect(connection(screen)).to_have_text("Live")
    strict_world.advance(61)
    expect(screen.notices).to_contain_text("Your session has ended.")
    expect(screen.page.locator("#console")).to_be_hidden()


def test_a_lost_permission_ends_the_view(screen: Screen, strict_world: World) -> None:
    """Who is taken out of the team while looking sees no figures any more, and reads why."""
    screen.sign_in("cleo")
    screen.rest()
    ben = strict_world.sign_in("ben")
    answer = ben.api("DELETE", "/teams/team-acme-brand/members?externalUserId=cleo")
    assert answer.status_code < 300, answer.text
    expect(screen.page.locator("#unavailable")).to_contain_text(
        "You may not see this ad account any more."
    )
    expect(screen.page.locator("#page > *")).to_have_count(0)
    assert screen.faults == []


def test_a_period_that_is_refused_says_why(screen: Screen, strict_world: World) -> None:
    """What the gateway does not answer is said in its words, and another period is at hand."""
    screen.sign_in("ben")
    screen.rest()
    screen.page.evaluate("location.hash += '&from=2019-01-01&to=2026-01-01'")
    expect(screen.page.get_by_text("must be less than")).to_be_visible()
    expect(screen.page.locator("#tiles")).to_be_hidden()
    screen.page.get_by_role("radio", name="7 days").check()
    screen.rest()
    expect(screen.page.locator("#tiles")).to_be_visible()
    assert all(fault.startswith(f"{REFUSED}4") for fault in screen.faults)


def test_an_unreachable_platform_can_be_tried_again(screen: Screen, strict_world: World) -> None:
    """When nothing can be read the page says so, and a button tries again."""
    strict_world.fault("*", "status", status=503, times=None)
    screen.sign_in("ben")
    again = screen.page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    strict_world.heal()
    again.click()
    expect(screen.row("Brand film")).to_be_visible()
