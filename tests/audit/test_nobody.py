"""What is in the audit of those who are nobody, and of what was never sent: little, and nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.catalogue.known import Known
from app.catalogue.operation import Write
from app.errors import AccessUnavailable
from app.session.journal import MOST_REFUSALS
from app.testing.world import plain_client, world
from tests.drift.answers import ACCOUNT, TEAM


def events(path: Path) -> list[str]:
    return [json.loads(line)["event"] for line in path.read_text("utf-8").splitlines()]


@pytest.mark.holds(16)
def test_who_is_nobody_fills_no_disk(tmp_path: Path) -> None:
    """Orders to end sessions that nobody signed: some of a minute are told, the log has all."""
    path, times = tmp_path / "audit.jsonl", 4 * MOST_REFUSALS
    with world(audit={"path": path}) as running:
        with plain_client(running.gateway.origin) as client:
            for _ in range(times):
                told = client.post("/auth/backchannel-logout", data={"logout_token": "x.y.z"})
                assert told.status_code == 400
        lines = running.log.getvalue().splitlines()
    # The clock may have begun another minute meanwhile.
    assert MOST_REFUSALS <= events(path).count("logout-refused") <= 2 * MOST_REFUSALS
    assert sum('"logout.refused"' in line for line in lines) == times


def test_what_was_never_sent_is_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the ledger cannot be written nothing is sent, and nothing is told to have ended."""

    async def away(_operation: Write[Any], _known: Known) -> None:
        raise AccessUnavailable(reason="the ledger")

    path = tmp_path / "audit.jsonl"
    with world(audit={"path": path}) as running:
        ben = running.sign_in("ben")
        monkeypatch.setattr(running.parts.pipeline._recording, "before", away)
        url = f"{TEAM}/meta/campaigns/cmp_1001_1?{ACCOUNT}"
        running.forget_calls()
        assert ben.api("PATCH", url, json={"status": "PAUSED"}).status_code == 503
        assert running.calls("updateCampaignStatus") == []
    assert "write-ended" not in events(path)
