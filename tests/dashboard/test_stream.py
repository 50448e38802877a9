"""The dashboard as a stream: what is news, for as long as the caller may know it."""

from __future__ import annotations

from typing import Any

import pytest

from app.gateway.streaming import MOST_PER_USER
from app.testing.world import API, World

from .asks import PATH, dashboard, days, stream

CAMPAIGN = "/teams/team-acme-brand/meta/campaigns/cmp_1001_1"
ACCESS = "/teams/team-acme-brand/ad-accounts/act_1001/permissions"
ALL = {"compare": "previous", "trend": "day"}


def test_it_tells_what_one_call_would(strict_world: World) -> None:
    """Put together, the parts that a stream begins with are the dashboard."""
    ben = strict_world.sign_in("ben")
    week = days(strict_world, 7) | ALL
    with stream(ben, week) as opened:
        assert opened.answer.headers["content-type"] == "text/event-stream"
        assert opened.answer.headers["cache-control"] == "no-store"
        name, scope = opened.event()
        assert (name, scope) == (
            "scope",
            {**_without(week, "compare", "trend"), "currency": None, "timeZone": None},
        )
        assert scope | opened.ready() == dashboard(ben, week)


def test_a_failed_part_is_told_and_mended(strict_world: World) -> None:
    """What could not be had at first is told as failed, and again when it came after all."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getCampaigns", "status", status=500, times=None)
    with stream(ben, days(strict_world, 7)) as opened:
        assert opened.ready()["campaigns"]["status"] == "failed"
        strict_world.heal()
        strict_world.advance(6)
        _, news = opened.until("parts")
        assert news["campaigns"]["status"] == "ok"


@pytest.mark.holds(76)
def test_a_write_is_news_at_once(strict_world: World) -> None:
    """Whoever pauses a campaign, those who look see it without asking again."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    with stream(ben, days(strict_world, 7)) as opened:
        assert _status(opened.ready()["campaigns"]) == "ACTIVE"
        query = {"adAccountId": "act_1001"}
        paused = ana.api("PATCH", CAMPAIGN, params=query, json={"status": "PAUSED"})
        assert paused.status_code == 200
        status = "ACTIVE"
        while status != "PAUSED":  # what was read while the write was under way may come first
            _, news = opened.until("parts")
            status = _status(news["campaigns"]) if "campaigns" in news else status


def test_what_became_old_is_asked_for_anew(strict_world: World) -> None:
    """After a minute the figures of today are refreshed, and told because they are of another time."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        before = opened.ready()["totals"]
        strict_world.advance(61)
        totals = before
        while totals["asOf"] == before["asOf"] or totals["status"] != "ok":
            _, news = opened.until("parts")
            totals = news.get("totals", totals)
        assert totals["data"] == before["data"]


@pytest.mark.holds(77)
def test_in_an_outage_the_parts_are_told_as_stale(strict_world: World) -> None:
    """What is shown stays, and says that it is old."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        before = opened.ready()
        strict_world.fault("*", "status", status=500, times=None)
        strict_world.advance(90)
        stale: dict[str, Any] = {}
        while not {"totals", "campaigns"} <= stale.keys():
            stale |= opened.until("parts")[1]
        assert stale["totals"] == before["totals"] | {"status": "stale"}


@pytest.mark.holds(15)
def test_it_ends_with_the_session(strict_world: World) -> None:
    """Signing out in another tab ends it, and it says why."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        assert ben.post("/auth/logout").status_code == 200
        name, data = opened.rest()[-1]
        assert (name, data["reason"]) == ("bye", "signed-out")
        assert data["problem"]["code"] == "unauthenticated"


@pytest.mark.holds(12)
def test_it_does_not_keep_the_session_alive(strict_world: World) -> None:
    """Nobody is at work while a page is only open: the idle time ends session and stream."""
    ben = strict_world.sign_in("ben")
    strict_world.advance(1799)
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        strict_world.advance(2)
        name, data = opened.rest()[-1]
        assert (name, data["reason"]) == ("bye", "signed-out")


@pytest.mark.holds(53)
def test_it_ends_with_the_permission(strict_world: World) -> None:
    """Whose access is revoked here hears no more of the account, at once."""
    ben, cleo = strict_world.sign_in("ben"), strict_world.sign_in("cleo")
    with stream(cleo, days(strict_world, 7)) as opened:
        opened.ready()
        assert ben.api("DELETE", f"{ACCESS}/cleo").status_code == 204
        name, data = opened.rest()[-1]
        assert (name, data["reason"]) == ("bye", "refused")
        assert data["problem"]["code"] == "forbidden"


@pytest.mark.holds(53)
def test_it_ends_when_the_platform_refuses(strict_world: World) -> None:
    """Who was removed elsewhere hears no more once the facts are a minute old."""
    cleo = strict_world.sign_in("cleo")
    with stream(cleo, days(strict_world, 7)) as opened:
        opened.ready()
        strict_world.sandbox.world.remove("team-acme-brand", "cleo")
        strict_world.advance(61)
        name, data = opened.rest()[-1]
        assert (name, data["reason"]) == ("bye", "refused")


def test_what_cannot_be_decided_is_not_told(strict_world: World) -> None:
    """While nobody can say whether the caller may, and nothing is believed, there is silence."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        strict_world.fault("*", "status", status=500, times=None)
        strict_world.advance(1000)  # longer than the last decision is believed
        strict_world.heal()
        before, news = opened.until("parts")
        assert {name for name, _ in before} <= {""}
        assert {part["status"] for part in news.values() if "status" in part} <= {"ok", "failed"}


@pytest.mark.holds(91)
def test_it_says_good_bye_when_the_gateway_stops(strict_world: World) -> None:
    """The stream ends in order, so that the frontend opens another one elsewhere."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        strict_world.gateway.stop()
        assert opened.rest()[-1] == ("bye", {"reason": "drain", "problem": None})


def test_what_is_required_ends_it(strict_world: World) -> None:
    """Without a required part there is no stream to begin with."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getCampaigns", "status", status=500, times=None)
    strict_world.fault("getInsights", "latency", seconds=0.5, times=None)
    asked = days(strict_world, 7) | {"require": "campaigns"}
    answer = ben.api("GET", f"{PATH}/stream", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-error")


@pytest.mark.holds(45, 46)
def test_a_refusal_is_an_ordinary_problem(strict_world: World) -> None:
    """Who may not see the account gets no stream but the answer that every operation gives."""
    emil = strict_world.sign_in("emil")
    answer = emil.api("GET", f"{PATH}/stream", params=days(strict_world, 7))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_user_has_so_many_streams_and_gets_a_place_back(strict_world: World) -> None:
    """One more is refused with words; when one is closed there is room again, and for others always."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    week = days(strict_world, 7)
    opened = [stream(ben, week) for _ in range(MOST_PER_USER)]
    for one in opened:
        one.__enter__()
    answer = ben.api("GET", f"{PATH}/stream", params=week)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate-limited")
    assert answer.headers["retry-after"] == "5"
    with stream(ana, week):
        pass
    opened.pop().__exit__(None, None, None)
    while ben.api("HEAD", f"{PATH}/stream", params=week).status_code == 429:
        pass
    for one in opened:
        one.__exit__(None, None, None)


def test_silence_is_broken(strict_world: World) -> None:
    """A comment now and then keeps proxies from closing what is merely quiet."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7, until=40)) as opened:
        opened.ready()
        strict_world.advance(16)
        assert opened.event() == ("", "ping")


def test_its_head_is_told_without_it(strict_world: World) -> None:
    """HEAD works as everywhere, and does not stay open."""
    ben = strict_world.sign_in("ben")
    answer = ben.api("HEAD", f"{PATH}/stream", params=days(strict_world, 7))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/event-stream"


@pytest.mark.holds(26)
def test_a_caller_who_wants_json_is_told_what_there_is(strict_world: World) -> None:
    """The stream is offered as what it is."""
    ben = strict_world.sign_in("ben")
    answer = ben.get(
        f"{API}{PATH}/stream",
        params=days(strict_world, 7),
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 406
    assert answer.json()["detail"] == "This operation answers text/event-stream."


def _status(part: dict[str, Any]) -> str:
    (found,) = (one["status"] for one in part["data"]["items"] if one["campaignId"] == "cmp_1001_1")
    return str(found)


def _without(asked: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in asked.items() if name not in names}
