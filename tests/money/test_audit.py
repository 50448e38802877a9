"""Every attempt to spend money is in the audit: that it began, before anything is sent, and its end."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest

from app.catalogue.writes import WriteState
from app.clock import MovableClock
from app.gateway.attempts import Attempt
from app.gateway.spend_audit import SpendAudit
from app.observe.audit import Audit, AuditRecord, Event
from app.observe.audit_channels import FileChannel, StreamChannel
from app.observe.logs import make_log
from app.session.records import LocalRecords
from app.settings import LogSettings, SettingsFault
from app.testing.world import API_KEY, World, world
from tests import drafts
from tests.inside import inside, platform

from .asks import PATHS, outcome, sent, spend
from .lines import begun, ends, told

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"


@contextmanager
def audited(path: Path) -> Iterator[World]:
    """A world whose audit has a file, and is of money alone."""
    with world(audit={"path": path, "scope": "money"}) as running:
        yield running


def attempt(now: float) -> Attempt:
    """One that was begun a minute before, and of which nothing else is known."""
    return Attempt(
        user="ben",
        key="key-1",
        operation="createTrafficCampaign",
        fingerprint="",
        team_id="team-acme-brand",
        ad_account_id="act_1001",
        name="Lost",
        state=WriteState.PENDING,
        began_at=now - 60,
        until=now - 30,
    )


@pytest.mark.parametrize("operation", PATHS)
def test_beginning_and_end_are_told(strict_world: World, operation: str) -> None:
    """All six: who, where, what, under which key, for how much, and what was made."""
    ben = strict_world.sign_in("ben")
    answer = spend(ben, "key-1", operation)
    assert answer.status_code == 201
    begin, end = told(strict_world)
    same = {
        "channel": "audit",
        "who": "ben",
        "team": "team-acme-brand",
        "account": "act_1001",
        "operation": operation,
        "key": "key-1",
        "request_id": answer.headers["x-request-id"],
    }
    if "budget" in drafts.BODIES[operation]:
        same |= {"budget": drafts.BODIES[operation]["budget"], "budget_kind": "daily"}
    times = [datetime.fromisoformat(line.pop("time")) for line in (begin, end)]
    assert times == sorted(times)
    assert all(moment.utcoffset() is not None for moment in times)
    assert begin == same | {"event": "write-begun", "state": "pending"}
    assert end == same | {"event": "write-ended", "state": "succeeded", "made": answer.json()}


def test_what_was_told_before_is_sent_again_by_nobody(strict_world: World) -> None:
    """Replays, other requests under the key and invalid ones are no attempts."""
    ben = strict_world.sign_in("ben")
    assert spend(ben, "key-1").status_code == 201
    assert spend(ben, "key-1").status_code == 201
    assert spend(ben, "key-1", campaignName="Another").status_code == 422
    assert spend(ben, "key-2", budget=0).status_code == 422
    assert len(told(strict_world)) == 2


def test_one_too_many_is_no_attempt() -> None:
    """A limit is asked first."""
    with world(limits={"writes_per_minute": 1}) as running:
        ben = running.sign_in("ben")
        assert [spend(ben, f"key-{n}").status_code for n in (1, 2)] == [201, 429]
        assert {line["key"] for line in told(running)} == {"key-1"}


def test_a_refusal_is_an_end(strict_world: World) -> None:
    """By the platform, or because its list could not be read; each attempt under a key is one."""
    ben = strict_world.sign_in("ben")
    for _ in range(2):
        strict_world.fault("createTrafficCampaign", "status", status=400)
        assert spend(ben, "key-1").status_code == 422
    strict_world.fault("getCampaigns", "status", status=500, times=None)
    assert spend(ben, "key-1").status_code == 502
    strict_world.heal()
    assert spend(ben, "key-1").status_code == 201
    assert begun(strict_world, "key-1") == 4
    assert ends(strict_world, "key-1") == [
        ("failed", "invalid"),
        ("failed", "invalid"),
        ("failed", "upstream-error"),
        ("succeeded", None),
    ]


@pytest.mark.holds(89)
def test_an_end_that_was_found_is_told_once(strict_world: World) -> None:
    """However many ask what became of it at the same moment."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("createTrafficCampaign", "reset", afterEffect=True)
    assert spend(ben, "key-1", campaignName="Lost").status_code == 504
    strict_world.fault("getCampaigns", "latency", seconds=0.3, times=20)
    with ThreadPoolExecutor(10) as pool:
        states = list(pool.map(lambda _: outcome(ben, "key-1")["state"], range(10)))
    assert set(states) == {"succeeded"}
    assert (begun(strict_world, "key-1"), ends(strict_world, "key-1")) == (
        1,
        [("succeeded", None)],
    )
    assert told(strict_world)[-1]["made"] == {
        "campaignId": outcome(ben, "key-1")["answer"]["campaignId"]
    }


@pytest.mark.holds(89)
def test_an_end_is_told_though_nobody_asks(strict_world: World) -> None:
    """The gateway looks by itself, and who asks later adds nothing."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("createTrafficCampaign", "reset", afterEffect=True)
    assert spend(ben, "key-1", campaignName="Lost").status_code == 504
    while not ends(strict_world, "key-1"):
        time.sleep(0.02)
    assert outcome(ben, "key-1")["state"] == "succeeded"
    assert ends(strict_world, "key-1") == [("succeeded", None)]


@pytest.mark.holds(89)
def test_the_gateway_looks_for_longer_than_the_request_had() -> None:
    """The first look fails; the next one comes when the request's own time is over, and finds it."""
    with world(upstream={"write_deadline": 2.0}) as running:
        ben = running.sign_in("ben")
        running.fault("createTrafficCampaign", "reset", afterEffect=True)
        assert spend(ben, "key-1", campaignName="Lost").status_code == 504
        running.fault("getCampaigns", "status", status=500, times=3)
        while not ends(running, "key-1"):
            time.sleep(0.02)
        assert ends(running, "key-1") == [("succeeded", None)]


@pytest.mark.holds(89)
def test_nobody_knows_is_an_end_as_well(strict_world: World) -> None:
    """Told once, two minutes after; before that there is none."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("createTrafficCampaign", "reset")
    assert spend(ben, "key-1").status_code == 504
    assert outcome(ben, "key-1")["state"] == "pending"
    assert ends(strict_world, "key-1") == []
    strict_world.advance(121)
    for _ in range(3):
        assert outcome(ben, "key-1")["state"] == "unknown"
    assert ends(strict_world, "key-1") == [("unknown", None)]


def test_what_ended_before_it_was_sent_is_found_lost(strict_world: World) -> None:
    """The process died between the memory and the sending: whoever asks later is the one who tells."""
    ben = strict_world.sign_in("ben")
    lost = attempt(strict_world.clock.now())
    asyncio.run(strict_world.gateway.parts.attempts.put(lost.place, lost, lost.ends))
    for _ in range(2):
        assert outcome(ben, "key-1")["state"] == "failed"
    assert ends(strict_world, "key-1") == [("failed", None)]


def test_of_many_who_tell_an_end_one_is_heard() -> None:
    """As when replicas find it out at the same moment; another attempt or another end is told."""
    clock, out = MovableClock(), io.StringIO()
    endings = LocalRecords[str](clock, 100)
    log = make_log(LogSettings(), out)
    replicas = [SpendAudit(Audit(StreamChannel(out), clock, log), endings, log) for _ in range(3)]
    first, later = attempt(clock.now()), attempt(clock.now() + 1)
    told = [
        first.became(WriteState.UNKNOWN),
        first.became(WriteState.SUCCEEDED),
        later.became(WriteState.UNKNOWN),
    ]

    async def tell() -> None:
        for one in told:
            await asyncio.gather(*(replica.ended(one) for replica in replicas))

    asyncio.run(tell())
    states = [json.loads(line)["state"] for line in out.getvalue().splitlines()]
    assert states == ["unknown", "succeeded", "unknown"]


@pytest.mark.holds(88)
def test_money_that_cannot_be_audited_is_not_sent(tmp_path: Path) -> None:
    """503, nothing reaches the platform, and the key is free."""
    path = tmp_path / "audit.jsonl"
    with audited(path) as running:
        ben = running.sign_in("ben")
        path.unlink()
        path.mkdir()
        answer = spend(ben, "key-1")
        assert (answer.status_code, answer.json()["code"]) == (503, "access-unavailable")
        assert "nothing was sent" in answer.json()["detail"]
        assert sent(running) == 0
        path.rmdir()
        assert spend(ben, "key-1").status_code == 201
        assert (begun(path, "key-1"), ends(path, "key-1")) == (1, [("succeeded", None)])


def test_an_end_that_cannot_be_audited_is_none_the_less_answered(tmp_path: Path) -> None:
    """It happened; the log says that the audit lacks it."""
    path = tmp_path / "audit.jsonl"
    with audited(path) as running:
        ben = running.sign_in("ben")
        running.fault("createTrafficCampaign", "latency", seconds=1.0)
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(spend, ben, "key-1")
            while sent(running) == 0:
                pass
            path.unlink()
            path.mkdir()
            assert sending.result().status_code == 201
        assert "the end of a write is not in the audit" in running.log.getvalue()


def test_the_file_is_the_owners_and_only_grows(tmp_path: Path) -> None:
    """Mode 0600, lines are added to what is there, and after it was moved away a new one begins."""
    path = tmp_path / "audit.jsonl"
    before = os.umask(0)
    try:
        with audited(path) as running:
            ben = running.sign_in("ben")
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert spend(ben, "key-1").status_code == 201
            path.rename(tmp_path / "audit.1")
            assert spend(ben, "key-2").status_code == 201
            assert told(running) == []
    finally:
        os.umask(before)
    with audited(path) as running:
        assert spend(running.sign_in("ben"), "key-3").status_code == 201
    assert [line["key"] for line in told(tmp_path / "audit.1")] == ["key-1"] * 2
    assert [line["key"] for line in told(path)] == ["key-2"] * 2 + ["key-3"] * 2
    assert API_KEY not in path.read_text()
    assert "eyJ" not in path.read_text()


def test_half_a_line_spoils_no_other(tmp_path: Path) -> None:
    """What a full disk left is followed by a line of its own; odd names stay within theirs."""
    path = tmp_path / "audit.jsonl"
    path.write_text('{"channel":"aud')
    with platform() as running:
        audit = Audit(FileChannel(path), running.clock, make_log(LogSettings(), io.StringIO()))
        record = AuditRecord(event=Event.WRITE_BEGUN, who="an\u2028a\ud800 ü")
        asyncio.run(audit.tell(record))
    half, line = path.read_text("ascii").splitlines()
    assert half == '{"channel":"aud'
    assert line.startswith('{"channel":"audit"')


@pytest.mark.parametrize("kind", ["missing folder", "folder", "pipe", "device"])
def test_a_path_that_is_no_file_does_not_start(tmp_path: Path, kind: str) -> None:
    """The sentence names the setting."""
    path = tmp_path / "audit"
    match kind:
        case "missing folder":
            path = path / "audit.jsonl"
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case _:
            path = Path("/dev/full")

    async def nothing(_: object) -> None: ...

    with platform() as running, pytest.raises(SettingsFault, match="BFF_AUDIT__PATH"):
        inside(running, nothing, audit={"path": path})


def test_the_document_names_every_field_and_event() -> None:
    """docs/audit.md has the fields of the record, and the events, no more and no less."""
    text = DOCUMENT.read_text("utf-8")
    table, events = (part.partition("\n## ")[0] for part in text.split("\n## ")[1:3])
    named = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    assert named == {"channel", "time"} | {field.name for field in fields(AuditRecord)}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", events, re.MULTILINE)) == set(Event)
