"""Conditions on the kept answer: what was dropped, replaced or is over is not recalled."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.clock import next_day
from app.sandbox.faults import Fault
from app.testing.world import GatewayServer, World, world
from tests.cache.reads import ACCOUNT, CAMPAIGNS, MEMBERS, TEAM
from tests.recall.asker import INSIGHTS, Asker, asker, memory_of, recalls

# As declared (seconds).
FRESH = {CAMPAIGNS: 60, MEMBERS: 30}
PAUSE = f"/api/v1/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId={ACCOUNT}"


def paused(one: Asker) -> list[str]:
    """The campaigns that are paused, from whoever answers."""
    answer = one.ask()
    assert answer.status_code == 200
    return [item["id"] for item in answer.json()["items"] if item["status"] == "PAUSED"]


@pytest.mark.holds(76)
def test_after_a_write(here: World, ben: Asker, cleo: Asker) -> None:
    """After a change the old answer is recalled to nobody, neither to its author nor to others."""
    for status in ("PAUSED", "ACTIVE", "PAUSED"):
        ben.known()
        cleo.known()
        changed = ben.client.request("PATCH", PAUSE, json={"status": status})
        assert changed.status_code < 300, changed.text
        for one in (ben, cleo):
            before = recalls(here.gateway)
            assert ("cmp_1001_1" in paused(one)) is (status == "PAUSED")
            assert recalls(here.gateway) == before


def test_ones_own_answer_is_known_while_no_line_is_earned(here: World, cleo: Asker) -> None:
    """His own answer keeps for longer than the way to a shared copy: a proof that other questions renew
    is enough to recall it."""
    insights = Asker(here.gateway, cleo.client, INSIGHTS)
    cleo.known()
    here.advance(25)
    assert insights.anew().status_code == 200
    here.advance(10)
    assert "hit" in cleo.anew().headers["cache-status"]
    assert "hit" in cleo.known().headers["cache-status"]


@pytest.mark.holds(76)
def test_during_a_write(here: World, ben: Asker, cleo: Asker) -> None:
    """While a change is under way its answers are neither recalled nor remembered, of either side."""
    cleo.known()
    here.fault("updateCampaignStatus", "latency", seconds=1.0, times=1)
    done: list[int] = []

    def change() -> None:
        answer = ben.client.request("PATCH", PAUSE, json={"status": "PAUSED"})
        done.append(answer.status_code)

    writing = threading.Thread(target=change)
    writing.start()
    while not here.calls("updateCampaignStatus") and writing.is_alive():
        pass
    asked = 0
    while writing.is_alive():
        before = recalls(here.gateway)
        cleo.ask()
        if writing.is_alive():
            asked += 1
            assert recalls(here.gateway) == before
    writing.join()
    assert done[0] < 300
    assert asked
    assert "cmp_1001_1" in paused(cleo)
    cleo.known()


@pytest.mark.holds(76)
def test_a_write_whose_end_nobody_saw(here: World, ben: Asker, cleo: Asker) -> None:
    """It may have happened, or happen yet: nothing is remembered for as long."""
    cleo.known()
    here.sandbox.faults.add(Fault("reset", 34, after_effect=True))
    lost = ben.client.request("PATCH", PAUSE, json={"status": "PAUSED"})
    assert (lost.status_code, lost.json()["code"]) == (504, "outcome-unknown")
    for _ in range(3):
        assert cleo.anew().status_code == 200
    here.advance(here.parts.settings.upstream.write_deadline + 1)
    cleo.known()


@pytest.mark.holds(77, 80)
@pytest.mark.parametrize("path", FRESH)
def test_when_it_is_stale(here: World, ben: Asker, path: str) -> None:
    """Only what is fresh is recalled; a stale answer is the long way's to mark and to renew."""
    one = Asker(ben.gateway, ben.client, path)
    one.known()
    here.advance(FRESH[path] + 1)
    assert one.anew(X_BFF_Background="1").status_code == 200
    one.known()


@pytest.mark.holds(77, 80)
def test_stale_while_all_else_stands(way: type[GatewayServer]) -> None:
    """The same where facts and proof would be believed for longer."""
    with world(gateway=way(), access={"ttl_seconds": 60}) as running:
        members = asker(running, "ben", MEMBERS)
        members.known()
        running.advance(FRESH[MEMBERS] - 2)
        members.known()
        running.advance(3)
        members.anew(X_BFF_Background="1")


@pytest.mark.holds(77)
def test_when_the_date_changes(here: World) -> None:
    """Dates are judged by today's: what was asked for yesterday is judged again."""
    here.advance(next_day(here.clock) - here.clock.now() - 20)
    figures = asker(here, "ben", INSIGHTS)
    figures.known()
    here.advance(21)
    figures.anew(X_BFF_Background="1")
    figures.known()


def test_when_it_was_pushed_out(here: World, ben: Asker) -> None:
    """A memo holds no answer: without the kept one there is nothing to recall."""
    ben.known()
    here.parts.cache.store.clear()
    assert ben.anew().status_code == 200
    ben.known()


def test_when_it_was_replaced(here: World, ben: Asker) -> None:
    """A newer answer in its place was given on something newer: the memo is made anew."""
    figures = Asker(ben.gateway, ben.client, INSIGHTS)
    figures.known()
    here.advance(40)
    (memo,) = [
        one for (_, target), one in memory_of(here.gateway)._memos.items() if b"insights" in target
    ][-1:]
    here.parts.cache.store.drop(memo.standing.digest)
    older = memo.standing
    figures.anew(X_BFF_Background="1")
    figures.known()
    assert [one.standing.at for one in memory_of(here.gateway)._memos.values()][-1] > older.at


@pytest.mark.holds(75)
@pytest.mark.parametrize("query", ["&limit=2", "&limit=2&cursor=Mg", "&status=PAUSED"])
def test_parts_are_not_remembered(ben: Asker, query: str) -> None:
    """A page is cut for one request, and is no kept answer."""
    ben.known()
    part = Asker(ben.gateway, ben.client, CAMPAIGNS + query)
    assert {part.anew().status_code for _ in range(3)} <= {200, 422}


@pytest.mark.holds(75)
def test_errors_are_not_remembered(here: World, ben: Asker) -> None:
    """What was not answered with 200 or 304 is asked for anew each time."""
    here.fault("getCampaigns", "status", status=500, times=None)
    assert {ben.anew().status_code for _ in range(3)} <= {502, 503}
    here.heal()
    here.advance(60)
    ben.known()


@pytest.fixture
def small(way: type[GatewayServer]) -> Iterator[World]:
    """One that keeps a megabyte."""
    with world(gateway=way(), cache={"max_bytes": 1_048_576}) as running:
        yield running


@pytest.mark.holds(79)
def test_a_flood_of_answers(small: World) -> None:
    """However many different things are asked and recalled, what is kept stays under its limit, all
    forms of it included."""
    ben = asker(small, "ben")
    codings = ("identity", "gzip", "br", "zstd")
    for day in range(1, 29):
        dates = f"startDate=2025-{day % 12 + 1:02}-{day:02}&endDate=2025-{day % 12 + 1:02}-{day:02}"
        figures = Asker(
            ben.gateway, ben.client, f"/teams/{TEAM}/meta/insights?adAccountId={ACCOUNT}&{dates}"
        )
        for coding in codings:
            figures.known(Accept_Encoding=coding)
        assert small.parts.cache.store.size_bytes <= 1_048_576
