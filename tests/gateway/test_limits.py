"""One user, and one team, may ask the platform only so often; nobody else notices who asks too much."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import httpx2 as httpx
import pytest

from app.cache.entries import State
from app.cache.rates import LocalCounts, Quota, Rates, Share
from app.catalogue.campaigns import CampaignField
from app.catalogue.operation import Operation
from app.catalogue.workspaces import GetWorkspace, ListWorkspaceTeams
from app.clock import MovableClock
from app.errors import RateLimited
from app.gateway.pipeline import Answered
from app.observe.counters import Counters
from app.testing.world import Browser, World, world
from tests import drafts
from tests.cache.reads import CAMPAIGNS, MEMBERS, TEAM, campaigns, insights, members
from tests.harness import begin_minute
from tests.inside import Inside, inside, platform

AGENCY = "team-acme-agency"
STATUS = f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
TRAFFIC = f"/teams/{TEAM}/meta/campaigns/traffic?adAccountId=act_1001"


@contextmanager
def limited(**limits: int) -> Iterator[World]:
    """A world at the beginning of a minute."""
    with world(limits=limits) as running:
        begin_minute(running.clock)
        yield running


def pause(browser: Browser) -> httpx.Response:
    """A change."""
    return browser.api("PATCH", STATUS, json={"status": "PAUSED"})


def rename(browser: Browser, team: str) -> httpx.Response:
    return browser.api("PATCH", f"/teams/{team}", json={"name": "Renamed"})


def figures(browser: Browser, day: int) -> httpx.Response:
    """A read that nobody asked for yet, another one for each day."""
    dates = f"startDate=2026-01-{day:02}&endDate=2026-01-{day:02}"
    return browser.api("GET", f"/teams/{TEAM}/meta/insights?adAccountId=act_1001&{dates}")


def refused_by(policy: str, quota: int, answer: httpx.Response) -> bool:
    """It is a problem that says which limit it is, when to come back, and nothing of others."""
    assert answer.status_code == 429, answer.text
    assert answer.json()["code"] == "rate-limited"
    assert ("Your team" in answer.json()["detail"]) == policy.startswith("team-")
    assert answer.headers["ratelimit-policy"] == f'"{policy}";q={quota};w=60'
    told = re.fullmatch(r'"([a-z-]+)";r=0;t=(\d{1,2})', answer.headers["ratelimit"])
    assert told is not None
    assert told.groups() == (policy, answer.headers["retry-after"])
    return 1 <= int(told[2]) <= 60


@pytest.mark.holds(63, 90)
def test_a_user_may_change_so_much() -> None:
    """The next change is 429 and reaches nobody, whichever team it is for; reads go on."""
    with limited(writes_per_minute=2) as running:
        ana, ben = running.sign_in("ana"), running.sign_in("ben")
        assert rename(ana, TEAM).status_code == 200
        assert rename(ana, AGENCY).status_code == 200
        running.forget_calls()
        assert refused_by("writes", 2, rename(ana, TEAM))
        assert running.calls("updateTeamName") == []
        assert ana.api("GET", MEMBERS).status_code == 200
        assert pause(ben).status_code == 200


@pytest.mark.holds(63, 90)
def test_a_team_may_change_so_much() -> None:
    """All of its users together; who is refused for its sake has lost nothing of his own."""
    with limited(writes_per_minute=3) as running:
        ana, ben = running.sign_in("ana"), running.sign_in("ben")
        assert [pause(one).status_code for one in (ben, ben, ana)] == [200] * 3
        for _ in range(3):
            assert refused_by("team-writes", 3, pause(ana))
        assert [rename(ana, AGENCY).status_code for _ in range(2)] == [200] * 2
        assert refused_by("writes", 3, rename(ana, AGENCY))


@pytest.mark.holds(90)
def test_reads_are_counted_for_themselves() -> None:
    """By user and by team; changes go on."""
    with limited(reads_per_minute=3) as running:
        ana, ben, cleo = (running.sign_in(user) for user in ("ana", "ben", "cleo"))
        assert [figures(ben, day).status_code for day in (1, 2)] == [200] * 2
        assert figures(ana, 3).status_code == 200
        running.forget_calls()
        assert refused_by("team-reads", 3, figures(cleo, 4))
        assert ben.api("GET", "/workspaces/acme/teams").status_code == 200
        assert refused_by("reads", 3, figures(ben, 5))
        assert running.calls("getInsights") == []
        assert pause(ben).status_code == 200


@pytest.mark.holds(90)
def test_what_is_kept_costs_nothing() -> None:
    """It is served to who may ask for nothing new."""
    with limited(reads_per_minute=2) as running:
        ben = running.sign_in("ben")
        assert ben.api("GET", MEMBERS).status_code == 200
        assert figures(ben, 1).status_code == 200
        assert refused_by("reads", 2, figures(ben, 2))
        for _ in range(5):
            assert ben.api("GET", MEMBERS).headers["cache-status"].startswith("bff; hit")
            assert figures(ben, 1).status_code == 200


@pytest.mark.holds(90)
def test_what_is_stale_costs_nothing() -> None:
    """It is served, and renewed in the background, to who may ask for nothing new."""

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", members())
        await gateway.ask("ben", campaigns())
        gateway.platform.clock.advance(31)
        gateway.platform.forget()
        for state in (State.STALE, State.HIT):
            found = (await gateway.ask("ben", members())).found
            assert found is not None
            assert found.state is state
            await gateway.settle()
        assert gateway.platform.asked("getTeamMembers") == 1
        with pytest.raises(RateLimited):
            await gateway.ask("ben", insights(date(2026, 1, 1)))

    with platform() as running:
        begin_minute(running.clock)
        inside(running, scenario, limits={"reads_per_minute": 2})


@pytest.mark.holds(53, 90)
def test_a_limit_is_no_outage() -> None:
    """Whose proof is over is not served what is kept: a flood of his own must not keep his rights."""
    with limited(reads_per_minute=2) as running:
        ben = running.sign_in("ben")
        assert [figures(ben, day).status_code for day in (1, 2)] == [200] * 2
        running.advance(31)
        assert refused_by("reads", 2, figures(ben, 1))


@pytest.mark.holds(63, 88)
def test_what_spends_money_is_counted_once() -> None:
    """A replay is free; one too many sends nothing at all, not even a look, and its key is free."""
    with limited(writes_per_minute=1) as running:
        ben = running.sign_in("ben")
        body, key, other = drafts.BODIES["createTrafficCampaign"], "key-1", "key-2"

        def spend(key: str) -> httpx.Response:
            return ben.api("POST", TRAFFIC, json=body, headers={"Idempotency-Key": key})

        assert spend(key).status_code == 201
        assert [spend(key).headers["idempotency-replayed"] for _ in range(3)] == ["true"] * 3
        running.forget_calls()
        assert refused_by("writes", 1, spend(other))
        assert running.calls("createTrafficCampaign") == running.calls("getCampaigns") == []
        told = ben.read(f"/writes/{other}")
        assert (told["state"], told["answer"]) == ("failed", None)
        running.advance(120)
        assert spend(other).status_code == 201


@pytest.mark.holds(63)
def test_what_is_refused_before_costs_nothing() -> None:
    """Wrong fields, missing rights and addresses that are not ours are no changes."""
    with limited(writes_per_minute=1) as running:
        ben, gwen = running.sign_in("ben"), running.sign_in("gwen")
        evil = {"platform": "meta", "redirect": "https://evil.example/"}
        for _ in range(2):
            assert ben.api("POST", f"/teams/{TEAM}/connections", json=evil).status_code == 422
            assert ben.api("PATCH", STATUS, json={"status": "OFF"}).status_code == 422
            assert ben.api("POST", TRAFFIC, json={}).status_code == 422
            assert pause(gwen).status_code == 404
        assert pause(ben).status_code == 200


@pytest.mark.holds(90)
def test_a_minute_passes() -> None:
    """After as long as `Retry-After` says there is room for one; after two minutes for all."""
    with limited(writes_per_minute=2) as running:
        ben = running.sign_in("ben")
        assert [pause(ben).status_code for _ in range(3)] == [200, 200, 429]
        running.advance(int(pause(ben).headers["retry-after"]) + 0.1)
        assert [pause(ben).status_code for _ in range(2)] == [200, 429]
        running.advance(120)
        assert [pause(ben).status_code for _ in range(3)] == [200, 200, 429]


def test_zero_is_any_number() -> None:
    """Both limits can be switched off."""
    with limited(writes_per_minute=0, reads_per_minute=0) as running:
        ben = running.sign_in("ben")
        assert {pause(ben).status_code for _ in range(130)} == {200}


@pytest.mark.holds(90)
def test_a_part_of_a_dashboard_may_be_too_much() -> None:
    """What is left is answered, and the part says why it is missing."""
    with limited(reads_per_minute=1) as running:
        ben = running.sign_in("ben")
        path = (
            f"/teams/{TEAM}/dashboard?adAccountId=act_1001&startDate=2026-01-01&endDate=2026-01-02"
        )
        answer = ben.api("GET", path)
        assert answer.status_code == 200, answer.text
        problems = re.findall(r'"code":"([a-z-]+)"', answer.text)
        assert problems
        assert set(problems) == {"rate-limited"}


@pytest.mark.holds(78, 90)
def test_nobody_waits_for_who_asked_too_much() -> None:
    """Of two who share and ask the same at the same moment, the limit of one is his alone."""

    async def outcome(asking: Inside, user: str, day: int) -> Answered | RateLimited:
        try:
            return await asking.ask(user, insights(date(2026, 1, day)))
        except RateLimited as limited:
            return limited

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):  # the same answer: they share from now on
            await gateway.ask(user, insights(date(2026, 1, 1)))
        more: list[Operation[Any]] = [
            ListWorkspaceTeams(enterprise_id="acme"),
            GetWorkspace(enterprise_id="acme"),
            ListWorkspaceTeams(enterprise_id="acme"),
        ]
        for read in more:
            await gateway.ask("ben", read)
        await gateway.settle()
        ben, cleo = await asyncio.gather(outcome(gateway, "ben", 2), outcome(gateway, "cleo", 2))
        assert isinstance(ben, RateLimited)
        assert isinstance(cleo, Answered)
        # And he is still in the line, and may still read what he was given.
        assert (await gateway.ask("ben", insights(date(2026, 1, 2)))).body == cleo.body
        assert (await gateway.ask("ben", insights(date(2026, 1, 1)))).status == 200

    with platform() as running:
        begin_minute(running.clock)
        inside(running, scenario, limits={"reads_per_minute": 3})


def test_a_flood_of_names_is_bounded() -> None:
    """However many are counted, so many are remembered; who was counted last is among them."""
    clock = MovableClock()
    begin_minute(clock)
    counts = LocalCounts(clock, most=100)

    async def flood() -> None:
        for number in range(10_000):
            assert await counts.acquire_sliding_window_entry(f"name-{number}", 1, 60)
        assert not await counts.acquire_sliding_window_entry("name-9999", 1, 60)

    asyncio.run(flood())
    assert len(counts._counts) == 100
    assert not counts.storage


def test_quotas_do_not_meet() -> None:
    """The same name in two quotas is two."""
    one, other = Quota("one", 1, "One."), Quota("other", 1, "Other.")

    async def count() -> None:
        rates = Rates(b"salt", None, MovableClock(), Counters())
        await rates.count(Share(one, "ana"), Share(other, "ana"))
        with pytest.raises(RateLimited):
            await rates.count(Share(one, "ana"))

    asyncio.run(count())


@pytest.mark.holds(90)
def test_the_document_says_so(strict_world: World) -> None:
    """Every read, dashboard and change can be answered 429, with the three headers."""
    paths = strict_world.browser().get("/openapi.json").json()["paths"]
    told = {
        operation["operationId"]: set(operation["responses"]["429"].get("headers", ()))
        for path, operations in paths.items()
        for operation in operations.values()
        if path.startswith("/api/") and "429" in operation["responses"]
    }
    every = {
        operation["operationId"]
        for path, operations in paths.items()
        for operation in operations.values()
        if path.startswith("/api/")
    }
    assert every - told.keys() == {"getWrite", "listAdAccountAccess"}
    assert {frozenset(headers) for headers in told.values()} == {
        frozenset({"Retry-After", "RateLimit-Policy", "RateLimit"})
    }


def test_lists_share_what_was_asked_for_before() -> None:
    """A read that another of the line made costs nothing."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await gateway.ask(user, campaigns())
        await gateway.ask("ben", campaigns(CampaignField.NAME))
        assert (await gateway.ask("cleo", campaigns(CampaignField.NAME))).status == 200

    with platform() as running:
        begin_minute(running.clock)
        inside(running, scenario, limits={"reads_per_minute": 3})


def test_a_page_of_what_is_kept_costs_nothing() -> None:
    """Lists are cut from our own copy."""
    with limited(reads_per_minute=1) as running:
        ben = running.sign_in("ben")
        for limit in (1, 2, 3):
            assert ben.api("GET", f"{CAMPAIGNS}&limit={limit}").status_code == 200
