"""A write whose end was not seen: found out by what it made, and never claimed for another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.main import create_app
from app.sandbox.faults import Fault
from app.testing.world import GatewayServer, World, world

from .asks import named, outcome, sent, spend


def lose(
    running: World, kind: str = "reset", *, done: bool, operation: str = "createTrafficCampaign"
) -> None:
    """The next such write gets no answer; `done` says whether it was carried out."""
    running.fault(operation, kind, afterEffect=done)


@pytest.mark.holds(89)
@pytest.mark.parametrize("kind", ["reset", "status", "garbage", "unsuccessful", "content-type"])
def test_what_was_made_after_all_is_found(strict_world: World, kind: str) -> None:
    """Whatever became of the answer: the one new campaign of that name is the one that was asked for."""
    ben = strict_world.sign_in("ben")
    lose(strict_world, kind, done=True)
    answer = spend(ben, "key-1", campaignName="Lost tents")
    assert (answer.status_code, answer.json()["code"]) == (504, "outcome-unknown")
    assert answer.json()["statusUrl"] == "/api/v1/writes/key-1"
    told = outcome(ben, "key-1")
    assert told["state"] == "succeeded"
    assert [told["answer"]["campaignId"]] == named(strict_world, "Lost tents")
    again = spend(ben, "key-1", campaignName="Lost tents")
    assert (again.status_code, again.json()) == (201, told["answer"])
    assert sent(strict_world) == 1


@pytest.mark.holds(82, 89)
def test_it_is_looked_for_although_nobody_asks() -> None:
    """When the time of the request has long been over as well."""
    with world(upstream={"write_deadline": 0.5}) as running:
        ben = running.sign_in("ben")
        lose(running, done=True)
        assert spend(ben, "key-1").status_code == 504
        running.forget_calls()
        until = time.monotonic() + 10
        while not running.calls("getCampaigns"):
            assert time.monotonic() < until, "nobody looks"
            time.sleep(0.02)


@pytest.mark.holds(88, 89)
def test_what_was_read_long_ago_is_not_written_over_what_happened_since(
    strict_world: World,
) -> None:
    """Somebody asks while nothing was sent yet, and access takes its time: the write went on meanwhile."""
    ben = strict_world.sign_in("ben")
    ben.read("/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001")
    strict_world.forget_calls()
    strict_world.fault("getCampaigns", "latency", seconds=0.7)
    lose(strict_world, done=True)
    with ThreadPoolExecutor() as elsewhere:
        spending = elsewhere.submit(spend, ben, "key-1", campaignName="Lost tents")
        while not strict_world.calls("getCampaigns"):
            time.sleep(0.005)
        strict_world.advance(31)
        strict_world.fault("getTeam", "latency", seconds=1.2)
        told = outcome(ben, "key-1")
        assert spending.result().status_code == 504
    assert len(named(strict_world, "Lost tents")) == 1
    assert told["state"] != "failed"
    assert outcome(ben, "key-1")["state"] == "succeeded"


@pytest.mark.holds(89)
def test_a_lead_form_is_found_as_well(strict_world: World) -> None:
    """Its list is another one."""
    ben = strict_world.sign_in("ben")
    lose(strict_world, done=True, operation="createLeadForm")
    assert spend(ben, "key-1", "createLeadForm", name="Lost form").status_code == 504
    told = outcome(ben, "key-1")
    assert told["state"] == "succeeded"
    assert told["answer"]["id"]


@pytest.mark.holds(89)
def test_what_was_not_made_ends_as_unknown(strict_world: World) -> None:
    """For two minutes it is pending, and never sent again; then nobody knows, and it says what to do."""
    ben = strict_world.sign_in("ben")
    lose(strict_world, done=False)
    assert spend(ben, "key-1").status_code == 504
    assert outcome(ben, "key-1")["state"] == "pending"
    strict_world.advance(121)
    told = outcome(ben, "key-1")
    assert (told["state"], told["answer"]) == ("unknown", None)
    assert "new key" in told["advice"]
    again = spend(ben, "key-1")
    assert (again.status_code, again.json()["code"]) == (409, "write-pending")
    assert sent(strict_world) == 1


@pytest.mark.holds(89)
def test_what_was_there_before_is_not_claimed(strict_world: World) -> None:
    """A campaign of the same name that existed is somebody's; only a new one counts."""
    ben = strict_world.sign_in("ben")
    assert spend(ben, "key-1", campaignName="Twice").status_code == 201
    lose(strict_world, done=False)
    assert spend(ben, "key-2", campaignName="Twice").status_code == 504
    assert outcome(ben, "key-2")["state"] == "pending"
    lose(strict_world, done=True)
    # While that one is open, what is new may be either's.
    assert spend(ben, "key-3", campaignName="Twice").status_code == 504
    assert outcome(ben, "key-3")["state"] == "pending"
    assert outcome(ben, "key-2")["state"] == "pending"


@pytest.mark.holds(89)
def test_a_colleagues_campaign_is_not_claimed(strict_world: World) -> None:
    """What another attempt is known to have made is its own."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    lose(strict_world, done=False)
    assert spend(ben, "key-1", campaignName="Same name").status_code == 504
    assert spend(ana, "key-1", campaignName="Same name").status_code == 201
    assert outcome(ben, "key-1")["state"] == "pending"


@pytest.mark.holds(89)
def test_a_success_without_ids_is_nobody_elses(strict_world: World) -> None:
    """Whose id the platform did not tell, and nobody could look up, may be what is new: then no
    other attempt claims it."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    lose(strict_world, done=False)
    assert spend(ben, "key-1", campaignName="Silent").status_code == 504
    # The other one succeeds without an id, and the first one, still open, keeps it from its own.
    strict_world.control("POST", "/switches", {"documentedBodies": True})
    told = spend(ana, "key-1", campaignName="Silent")
    assert (told.status_code, told.json()["campaignId"]) == (201, None)
    assert outcome(ben, "key-1")["state"] == "pending"


@pytest.mark.holds(89)
def test_what_is_known_stays_known(strict_world: World) -> None:
    """An attempt that was found to have succeeded is not in doubt again because of a later one."""
    ben = strict_world.sign_in("ben")
    lose(strict_world, done=True)
    assert spend(ben, "key-1", campaignName="Certain").status_code == 504
    assert outcome(ben, "key-1")["state"] == "succeeded"
    lose(strict_world, done=False)
    assert spend(ben, "key-2", campaignName="Certain").status_code == 504
    strict_world.advance(121)
    assert outcome(ben, "key-2")["state"] == "unknown"
    assert outcome(ben, "key-1")["state"] == "succeeded"


@pytest.mark.holds(88)
def test_a_success_without_ids_finds_them(strict_world: World) -> None:
    """A 2xx is success whatever its body; the id that it lacks is looked for."""
    ben = strict_world.sign_in("ben")
    empty = '{"success":true,"data":null,"statusCode":201}'
    number = strict_world.sandbox.operations.number_of("createTrafficCampaign")
    strict_world.sandbox.faults.add(
        Fault("status", number, 1, status=201, body=empty, after_effect=True)
    )
    answer = spend(ben, "key-1", campaignName="Silent tents")
    assert answer.status_code == 201
    assert [answer.json()["campaignId"]] == named(strict_world, "Silent tents")


@pytest.mark.holds(89)
def test_it_survives_the_process(tmp_path: Path) -> None:
    """What was begun before the gateway died is known to the next one, and found out there."""
    ledger = {"path": str(tmp_path / "ledger.db")}
    with world(ledger=ledger) as running:
        ben = running.sign_in("ben")
        lose(running, "reset", done=True)
        assert spend(ben, "key-1", campaignName="Orphan").status_code == 504
        with another_process(running):
            ben = running.sign_in("ben")
            told = outcome(ben, "key-1")
            assert told["state"] == "succeeded"
            assert [told["answer"]["campaignId"]] == named(running, "Orphan")
            assert spend(ben, "key-1", campaignName="Orphan").status_code == 201
            assert sent(running) == 1


@contextmanager
def another_process(running: World) -> Iterator[None]:
    """In the place of the gateway comes a new one, which knows what is on the disk."""
    running.gateway.stop()
    settings, clock = running.parts.settings, running.clock
    gateway = GatewayServer(port=urlsplit(running.origin).port or 0)
    gateway.start(create_app(settings, clock=clock, log_stream=running.log))
    try:
        yield
    finally:
        gateway.stop()
