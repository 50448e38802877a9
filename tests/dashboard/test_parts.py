"""Every part says how it came about: a missing one is named, and spoils the whole only if asked to."""

from __future__ import annotations

from typing import Any

import pytest

from app.testing.world import World

from .asks import ask, dashboard, days

PARTS = ("totals", "comparison", "campaigns", "trend")


def statuses(shown: dict[str, Any]) -> dict[str, str]:
    """The status of each part; of the breakdowns that of age."""
    return {name: shown[name]["status"] for name in PARTS} | {
        "breakdowns": shown["breakdowns"]["age"]["status"]
    }


def test_what_was_not_asked_for_is_omitted(strict_world: World) -> None:
    """All but the trend is the default; otherwise what is named, and the trend with its step."""
    ben = strict_world.sign_in("ben")
    ok = dict.fromkeys(("totals", "campaigns", "breakdowns"), "ok")
    omitted = dict.fromkeys((*PARTS, "breakdowns"), "omitted")
    week = days(strict_world, 7)
    assert statuses(dashboard(ben, week)) == omitted | ok
    assert statuses(dashboard(ben, week | {"parts": "totals"})) == omitted | {"totals": "ok"}
    with_trend = statuses(dashboard(ben, week | {"parts": "totals", "trend": "day"}))
    assert with_trend == omitted | {"totals": "ok", "trend": "ok"}


def test_nothing_is_said_of_currency_and_time_zone(strict_world: World) -> None:
    """The platform names neither, so they are null."""
    shown = dashboard(strict_world.sign_in("ben"), days(strict_world, 7))
    assert (shown["currency"], shown["timeZone"]) == (None, None)


def test_a_failed_part_is_named_and_the_others_are_there(strict_world: World) -> None:
    """Without the list of campaigns their figures are still shown, and the part says what failed."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getCampaigns", "status", status=500, times=None)
    shown = dashboard(ben, days(strict_world, 7))
    part = shown["campaigns"]
    assert (part["status"], part["problem"]["code"]) == ("failed", "upstream-error")
    assert [one["status"] for one in part["data"]["items"] if one["figures"]]
    assert {one["status"] for one in part["data"]["items"]} == {None}
    assert statuses(shown)["totals"] == "ok"


@pytest.mark.parametrize("kind", ["reset", "garbage", "unsuccessful", "rate-limit"])
def test_every_kind_of_failure_is_a_part_that_failed(strict_world: World, kind: str) -> None:
    """However the platform fails, the campaigns are listed without figures and the rest is named."""
    ben = strict_world.sign_in("ben")
    ask(ben, days(strict_world, 1))  # proves that he may see the account
    strict_world.fault("getInsights", kind, times=None)
    shown = dashboard(ben, days(strict_world, 7))
    assert statuses(shown) == {
        "totals": "failed",
        "comparison": "omitted",
        "campaigns": "failed",
        "trend": "omitted",
        "breakdowns": "failed",
    }
    assert shown["totals"]["data"] is None
    assert {one["figures"] for one in shown["campaigns"]["data"]["items"]} == {None}


def test_when_nothing_can_be_shown_the_answer_is_the_problem(strict_world: World) -> None:
    """A dashboard without any part is no answer."""
    ben = strict_world.sign_in("ben")
    ask(ben, days(strict_world, 1) | {"parts": "totals"})
    for operation in ("getInsights", "getCampaigns"):
        strict_world.fault(operation, "status", status=500, times=None)
    answer = ask(ben, days(strict_world, 7))
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-error")


def test_what_is_required_is_all_or_nothing(strict_world: World) -> None:
    """The problem of a required part is the answer; that of another is not."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getCampaigns", "status", status=500, times=None)
    week = days(strict_world, 7)
    refused = ask(ben, week | {"require": ["totals", "campaigns"]})
    assert (refused.status_code, refused.json()["code"]) == (502, "upstream-error")
    assert ask(ben, week | {"require": "totals"}).status_code == 200


def test_an_old_part_says_so(strict_world: World) -> None:
    """In an outage what is kept is shown as stale, with the moment that it is of."""
    ben = strict_world.sign_in("ben")
    before = dashboard(ben, days(strict_world, 7))
    strict_world.fault("*", "status", status=500, times=None)
    strict_world.advance(90)
    shown = dashboard(ben, days(strict_world, 7))
    assert set(statuses(shown).values()) == {"stale", "omitted"}
    assert shown["totals"] == before["totals"] | {"status": "stale"}


def test_each_point_of_a_trend_has_its_own_status(strict_world: World) -> None:
    """One day that failed leaves the others where they are."""
    ben = strict_world.sign_in("ben")
    ask(ben, days(strict_world, 1))
    strict_world.fault("getInsights", "garbage", times=1)
    shown = dashboard(ben, days(strict_world, 7, until=1) | {"parts": "trend"})
    points = shown["trend"]["data"]["points"]
    assert shown["trend"]["status"] == "failed"
    assert sorted(point["status"] for point in points) == ["failed"] + ["ok"] * 6
    (failed,) = (point for point in points if point["status"] == "failed")
    assert (failed["figures"], failed["asOf"]) == (None, None)


@pytest.mark.holds(53, 77)
def test_a_refusal_is_the_refusal_of_the_whole(strict_world: World) -> None:
    """Who may not see the account any more sees no part of it, not even one that is kept."""
    emil, ben = strict_world.sign_in("emil"), strict_world.sign_in("ben")
    grant = {"externalUserId": "emil", "permission": "VIEWER"}
    path = "/teams/team-acme-brand/ad-accounts/act_1001/permissions"
    assert ben.api("POST", path, json=grant).status_code == 201
    week = days(strict_world, 7)
    assert set(statuses(dashboard(emil, week)).values()) == {"ok", "omitted"}
    account = strict_world.sandbox.world.account("act_1001")
    assert account is not None
    strict_world.sandbox.world.revoke("team-acme-brand", account.id, "emil")
    strict_world.advance(61)
    answer = ask(emil, week)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.holds(80)
def test_the_answer_is_as_old_as_its_oldest_part(strict_world: World) -> None:
    """Age, Cache-Status and ETag speak of the whole; whoever has it already is told so."""
    ben = strict_world.sign_in("ben")
    week = days(strict_world, 7)
    first = ask(ben, week)
    assert first.headers["cache-status"] == "bff; fwd=miss; stored"
    strict_world.advance(20)
    second = ask(ben, week)
    assert second.headers["cache-status"].startswith("bff; hit; ttl=")
    assert int(second.headers["age"]) >= 20
    assert second.headers["etag"] == first.headers["etag"]
    again = ben.api(
        "GET",
        "/teams/team-acme-brand/dashboard",
        params=week,
        headers={"If-None-Match": first.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
