"""What a dashboard costs the platform: its reads are kept and shared like all others, and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from app.clock import today
from app.sandbox.calls import Call
from app.testing.world import World, world

from .asks import ask, dashboard, days

READS = ("getInsights", "getCampaigns")


def asked(running: World) -> list[Call]:
    """The platform's calls for account data since they were last forgotten."""
    return [call for call in running.sandbox.calls.list() if call.name in READS]


def test_one_dashboard_asks_each_question_once(strict_world: World) -> None:
    """Totals, campaigns twice, five breakdowns; the next reader of the page costs nothing."""
    ben = strict_world.sign_in("ben")
    week = days(strict_world, 7)
    dashboard(ben, week)
    assert len(asked(strict_world)) == 8
    dashboard(ben, week)
    assert len(asked(strict_world)) == 8


def test_parts_are_kept_like_the_reads_that_they_are(strict_world: World) -> None:
    """What a dashboard fetched serves whoever asks for such figures alone."""
    ben = strict_world.sign_in("ben")
    week = days(strict_world, 7)
    dashboard(ben, week)
    strict_world.forget_calls()
    path = "/teams/team-acme-brand/meta/insights"
    answer = ben.api("GET", path, params=week | {"level": "account"})
    assert answer.headers["cache-status"].startswith("bff; hit")
    assert asked(strict_world) == []


def test_a_trend_asks_again_for_open_days_only(strict_world: World) -> None:
    """After two minutes only today, and yesterday, which is still today somewhere, are asked for."""
    ben = strict_world.sign_in("ben")
    month = days(strict_world, 31) | {"parts": "trend"}
    dashboard(ben, month)
    assert len(asked(strict_world)) == 31
    strict_world.forget_calls()
    strict_world.advance(120)
    # Only the read after the next shows what the refresh in the background brought.
    while dashboard(ben, month)["trend"]["status"] != "ok":
        pass
    now = today(strict_world.clock)
    assert {_end(call) for call in asked(strict_world)} == {now, now - timedelta(days=1)}


@pytest.mark.holds(86)
def test_dashboards_leave_room_for_everybody_else() -> None:
    """Dashboards together keep to their half of the connections; a write goes past those that wait."""
    with world(upstream={"max_connections": 8}) as running, ThreadPoolExecutor(6) as pool:
        users = [running.sign_in("ben") for _ in range(6)]
        ask(users[0], days(running, 1))
        running.fault("getInsights", "latency", seconds=0.3, times=None)
        with at_most(running) as most:
            waiting = [
                pool.submit(ask, user, days(running, 5, until=n + 1))
                for n, user in enumerate(users)
            ]
            path = "/teams/team-acme-brand/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
            ana = running.sign_in("ana")
            assert ana.api("PATCH", path, json={"status": "PAUSED"}).status_code == 200
            assert not all(one.done() for one in waiting)
            assert [one.result().status_code for one in waiting] == [200] * 6
        assert max(most) == 4


def test_a_trend_runs_four_of_its_points_at_a_time(strict_world: World) -> None:
    """One long trend does not take all of the dashboards' room."""
    ben = strict_world.sign_in("ben")
    ask(ben, days(strict_world, 1))
    strict_world.fault("getInsights", "latency", seconds=0.1, times=None)
    with at_most(strict_world) as most:
        dashboard(ben, days(strict_world, 31) | {"parts": "trend"})
    assert max(most) == 4


@pytest.mark.holds(82)
def test_who_gave_up_leaves_the_room_to_the_next() -> None:
    """Reads whose dashboard had no time left are not asked for later, before those of the next one."""
    upstream = {"max_connections": 2, "read_deadline": 2.0}
    with world(upstream=upstream) as running:
        ben = running.sign_in("ben")
        ask(ben, days(running, 1))
        running.fault("getInsights", "latency", seconds=1.2, times=None)
        first = dashboard(ben, days(running, 7, until=1))
        assert first["trend"]["status"] == "omitted"
        assert "failed" in {part["status"] for part in first["breakdowns"].values()}
        figures = {"parts": ["totals", "breakdowns"]}
        assert ask(ben, days(running, 7, until=2) | figures).status_code == 200


@contextmanager
def at_most(running: World) -> Iterator[list[int]]:
    """How many questions for figures were at the platform at a time, looked at again and again."""
    seen, over = [0], Event()

    def look() -> None:
        while not over.wait(0.01):
            seen.append(sum(call.status is None for call in asked(running)))

    watching = Thread(target=look)
    watching.start()
    yield seen
    over.set()
    watching.join()


def _end(call: Call) -> date:
    return date.fromisoformat(_query(call)["endDate"])


def _query(call: Call) -> Mapping[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(call.path).query).items()}
