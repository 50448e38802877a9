"""What happens is told in numbers, and as what it is: each metric moves when its thing happens."""

from __future__ import annotations

import pytest

from app.testing.world import API_KEY, World, world
from tests.dashboard.asks import ACCOUNT, stream
from tests.faults.test_breaker import failing, until_open
from tests.harness import reads_together
from tests.metrics.scrape import scraped
from tests.money.asks import outcome as outcome_of
from tests.money.asks import spend
from tests.money.test_unknown_outcomes import lose

TEAM = "/teams/team-acme-brand"
CAMPAIGNS = f"{TEAM}/meta/campaigns?adAccountId=act_1001"
WEEK = {"adAccountId": ACCOUNT, "startDate": "2026-01-01", "endDate": "2026-01-07"}
INSIGHTS = f"{TEAM}/meta/insights?adAccountId=act_1001&startDate=2026-01-01&endDate="


def test_what_never_happened_is_told_as_nought(strict_world: World) -> None:
    """So that the first time is an increase, which is what alerts look at."""
    scrape = scraped(strict_world)
    for name in ("key_refused", "redis_away", "cache_collapsed", "cache_evictions"):
        assert scrape.value(f"bff_{name}_total") == 0
    for name in ("shed", "retries", "upstream_invalid", "undeclared_fields", "undecoded"):
        assert scrape.value(f"bff_{name}_total", operation="listCampaigns") == 0
    for state in ("succeeded", "failed", "unknown"):
        assert scrape.value("bff_money_writes_total", operation="createLeadForm", state=state) == 0


@pytest.mark.parametrize(
    ("kind", "outcome", "phase"),
    [
        ("status", "failed", "answered"),
        ("rate-limit", "limited", "answered"),
        ("reset", "broken", "sent"),
        ("garbage", "success", "answered"),
    ],
)
def test_the_end_of_a_request_to_the_platform(
    strict_world: World, kind: str, outcome: str, phase: str
) -> None:
    """By operation, how it ended and how far it came; what was wrong with the data is another count."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getInsights", kind, times=None)
    problem = ben.api("GET", f"{INSIGHTS}2026-01-07").json()
    scrape = scraped(strict_world)
    told = {"operation": "getMetaInsights", "outcome": outcome, "phase": phase}
    assert scrape.value("bff_platform_requests_total", **told) > 0
    assert (
        scrape.value("bff_problems_total", operation="getMetaInsights", code=problem["code"]) == 1
    )


def test_a_breaker_and_what_it_holds_back(strict_world: World) -> None:
    """Its group is named, and what was not sent because of it is counted."""
    ben = strict_world.sign_in("ben")
    ben.read(CAMPAIGNS)
    assert scraped(strict_world).value("bff_breaker_open") == 0
    failing(strict_world)
    until_open(strict_world, ben)
    scrape = scraped(strict_world)
    assert scrape.value("bff_breaker_open") == 1
    assert scrape.value("bff_refrained_total", reason="breaker") > 0
    assert scrape.value("bff_retries_total", operation="getMetaInsights") > 0


@pytest.mark.holds(93)
def test_the_refused_key_is_told_without_itself(strict_world: World) -> None:
    """An alert in the metrics, as in the log; the key is in neither."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("*", "key-revoked", times=None)
    assert ben.api("GET", CAMPAIGNS).json()["code"] == "upstream-credentials"
    scrape = scraped(strict_world)
    assert scrape.value("bff_key_refused_total") == 1
    assert API_KEY not in scrape.text


@pytest.mark.holds(63)
def test_a_quota_that_is_used_up() -> None:
    """By its policy, and never by whom."""
    with world(limits={"writes_per_minute": 1}) as running:
        ben = running.sign_in("ben")
        for expected in (200, 429):
            assert ben.api("PATCH", TEAM, json={"name": "Acme"}).status_code == expected
        assert scraped(running).value("bff_rate_limited_total", policy="writes") == 1


def test_access_that_is_refused(strict_world: World) -> None:
    """By the rule that refused."""
    zoe = strict_world.sign_in("zoe")
    assert zoe.api("GET", CAMPAIGNS).status_code == 404
    refused = {"operation": "listCampaigns", "rule": "account.read", "code": "not-found"}
    assert scraped(strict_world).value("bff_access_refused_total", **refused) == 1


@pytest.mark.holds(77)
def test_stale_answers(strict_world: World) -> None:
    """What is shown although it is old is counted as that."""
    ben = strict_world.sign_in("ben")
    ben.read(TEAM)
    strict_world.advance(40)
    assert "detail=stale" in ben.api("GET", TEAM).headers["cache-status"]
    assert scraped(strict_world).value("bff_cache_answers_total", state="stale") == 1


@pytest.mark.holds(78)
def test_reads_that_wait_for_the_same(strict_world: World) -> None:
    """Of many at once one asks, and the others are counted as collapsed."""
    ben = strict_world.sign_in("ben")
    ben.read(TEAM)
    strict_world.fault("getInsights", "latency", seconds=0.3)
    before = scraped(strict_world).value("bff_cache_collapsed_total")
    answers = reads_together(ben, f"{INSIGHTS}2026-01-09", 10)
    assert {answer.status_code for answer in answers} == {200}
    assert scraped(strict_world).value("bff_cache_collapsed_total") > before


@pytest.mark.holds(89)
def test_money_whose_end_was_not_seen(strict_world: World) -> None:
    """It is being found out, and then is what was found out."""
    ben, of = strict_world.sign_in("ben"), {"operation": "createTrafficCampaign"}
    assert spend(ben, "key-1").status_code == 201
    assert scraped(strict_world).value("bff_money_writes_total", state="succeeded", **of) == 1
    lose(strict_world, done=False)
    assert spend(ben, "key-2", campaignName="Lost tents").status_code == 504
    scrape = scraped(strict_world)
    assert scrape.value("bff_outcomes_open") == 1
    assert scrape.value("bff_problems_total", code="outcome-unknown", **of) == 1
    strict_world.advance(121)
    assert outcome_of(ben, "key-2")["state"] == "unknown"
    assert scraped(strict_world).value("bff_money_writes_total", state="unknown", **of) == 1


def test_places_in_use(strict_world: World) -> None:
    """All places are told by lane, and are free when nothing is under way."""
    strict_world.sign_in("ben").read(CAMPAIGNS)
    scrape = scraped(strict_world)
    assert scrape.value("bff_lane_places") == 100
    assert scrape.value("bff_lane_inside") == scrape.value("bff_lane_waiting") == 0


def test_streams_and_sessions(strict_world: World) -> None:
    """Open streams are told while they are open; sessions as they begin and end."""
    ben = strict_world.sign_in("ben")
    with stream(ben, WEEK) as opened:
        opened.ready()
        assert scraped(strict_world).value("bff_streams_open") == 1
    assert ben.post("/auth/logout").status_code == 200
    scrape = scraped(strict_world)
    assert scrape.value("bff_session_events_total", event="started") == 1
    assert scrape.value("bff_session_events_total", event="ended") == 1
    assert scrape.value("bff_sessions_kept") == 0
