"""However many ask for the same, the platform is asked once, and nobody hurts the others."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.cache.flights import Flights
from app.catalogue import tags
from app.catalogue.operation import Read
from app.errors import Forbidden
from app.gateway.pipeline import Answered
from app.testing.world import API, Browser, World
from tests.cache.reads import CAMPAIGNS, PAST, campaigns, insights, members, pause
from tests.harness import reads_together
from tests.inside import Inside, Platform, inside


@pytest.mark.holds(78, 95)
def test_a_thousand_misses_are_one_call(sandbox: Platform) -> None:
    """1,000 concurrent misses, the first requests of all, cost one call and one exchange."""
    sandbox.fault("getCampaigns", "latency", seconds=0.3)

    async def scenario(gateway: Inside) -> list[Answered]:
        return await asyncio.gather(*(gateway.ask("ben", campaigns()) for _ in range(1000)))

    answers = inside(sandbox, scenario)
    assert len({answered.body for answered in answers}) == 1
    for operation in ("getCampaigns", "getTeam", "getTeamConnections", "exchangeToken"):
        assert sandbox.asked(operation) == 1


@pytest.mark.holds(78)
@pytest.mark.parametrize(
    ("operation", "name"), [(campaigns(), "getCampaigns"), (members(), "getTeamMembers")]
)
def test_an_aborted_leader_hurts_nobody(sandbox: Platform, operation: Read[Any], name: str) -> None:
    """Who set out first is cancelled under way: those who wait get the answer all the same."""

    async def scenario(gateway: Inside) -> list[Answered]:
        await gateway.ask("ben", insights(PAST, "act_1002"))  # so that facts and tokens are there
        sandbox.fault(name, "latency", seconds=0.2)
        leader = asyncio.create_task(gateway.ask("ben", operation))
        await gateway.until(lambda: sandbox.asked(name) == 1)
        others = [asyncio.create_task(gateway.ask("ben", operation)) for _ in range(5)]
        await asyncio.sleep(0)
        leader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        return await asyncio.gather(*others)

    assert len({answered.body for answered in inside(sandbox, scenario)}) == 1
    assert sandbox.asked(name) == 1


@pytest.mark.holds(78)
def test_a_leader_whose_browser_goes_away_hurts_nobody(shared_world: World, ben: Browser) -> None:
    """The first one's connection is cut: the others get the answer of the call it had started."""
    shared_world.advance(61)
    shared_world.forget_calls()
    shared_world.fault("getCampaigns", "latency", seconds=0.5)
    host = urlsplit(shared_world.origin)
    with (
        ThreadPoolExecutor() as others,
        socket.create_connection((host.hostname or "", host.port or 80)) as leader,
    ):
        leader.sendall(
            f"GET {API}{CAMPAIGNS} HTTP/1.1\r\nHost: {host.netloc}\r\nX-BFF: 1\r\n"
            f"Sec-Fetch-Site: same-origin\r\nCookie: bff-dev={ben.session_cookie}\r\n\r\n".encode()
        )
        while not shared_world.sandbox.calls.list(33):
            pass
        waiting = others.submit(reads_together, ben, CAMPAIGNS, 5)
        proving = shared_world.gateway.app.state.parts.reading._proving
        while proving.waiting < 6:
            time.sleep(0.001)
        leader.close()
        answers = waiting.result()
    assert {answer.status_code for answer in answers} == {200}
    assert len(shared_world.calls("getCampaigns")) == 1


@pytest.mark.holds(76, 78)
def test_a_read_after_a_write_joins_no_fetch_from_before(sandbox: Platform) -> None:
    """While a slow read is under way a campaign is paused: who asks then sees it paused."""

    async def scenario(gateway: Inside) -> tuple[Answered, Answered]:
        await gateway.ask("ben", pause("cmp_1001_2"))  # so that facts are there
        sandbox.fault("getCampaigns", "latency", seconds=0.3, after_effect=True)
        slow = asyncio.create_task(gateway.ask("ben", campaigns()))
        await gateway.until(lambda: len(_lists(sandbox)) == 1)
        await gateway.ask("ben", pause())
        assert not slow.done()
        after = await gateway.ask("ben", campaigns())
        return await slow, after

    before, after = inside(sandbox, scenario)
    assert (_status(before), _status(after)) == ("ACTIVE", "PAUSED")


def test_who_was_granted_rights_does_not_wait_for_an_older_refusal(sandbox: Platform) -> None:
    """A refusal that is under way while rights are granted is not for those who ask afterwards."""

    async def scenario(gateway: Inside) -> bytes:
        await gateway.ask("emil", members())  # so that tokens are there
        sandbox.fault("getCampaigns", "status", status=403, seconds=0.3)
        early = asyncio.create_task(gateway.ask("emil", campaigns()))
        await gateway.until(lambda: sandbox.asked("getCampaigns") == 1)
        sandbox.sandbox.world.grant("team-acme-brand", "acc-1001", "emil", "VIEWER")
        await gateway.parts.epochs.bump(_of_emil(gateway))
        after = await gateway.ask("emil", campaigns())
        with pytest.raises(Forbidden):
            await early
        return after.body

    try:
        assert b"cmp_1001_1" in inside(sandbox, scenario)
    finally:
        sandbox.sandbox.world.revoke("team-acme-brand", "acc-1001", "emil")


def test_a_failure_that_nobody_waits_for_is_no_complaint() -> None:
    """A fetch fails after all who waited for it went away: the event loop has nothing to say."""
    complaints: list[dict[str, Any]] = []

    async def fail() -> None:
        await asyncio.sleep(0)
        raise Forbidden

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        flights: Flights[None] = Flights(needless_end=False)
        waiting = asyncio.create_task(flights.join("one", fail))
        await asyncio.sleep(0)
        waiting.cancel()
        flights.start("two", fail)
        await asyncio.sleep(0.01)
        assert not flights.under_way("one")
        await flights.close()

    asyncio.run(scenario())
    assert complaints == []


def _lists(sandbox: Platform) -> list[str]:
    """The campaigns asked for in full, and not as facts."""
    return [call.path for call in sandbox.calls("getCampaigns") if "fields=" not in call.path]


def _of_emil(gateway: Inside) -> set[Any]:
    return {tags.user("emil"), tags.reader("emil", "team-acme-brand", "act_1001")}


def _status(answered: Answered) -> str:
    items = json.loads(answered.body)["items"]
    return next(str(item["status"]) for item in items if item["id"] == "cmp_1001_1")
