"""A disk that is full costs the tape, and nothing else."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from app.tape import TapeWriter, read_tape
from tests.recorder.stage import recording

ACCOUNT = "adAccountId=act_1001"
CAMPAIGNS = f"/teams/team-acme-brand/meta/campaigns?{ACCOUNT}"
CAMPAIGN = f"/teams/team-acme-brand/meta/campaigns/cmp_1001_1?{ACCOUNT}"


def test_what_was_carried_out_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that the platform made is no unknown outcome because nobody could write it down."""

    def full(_writer: TapeWriter, _line: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with recording(tmp_path / "tape.jsonl") as recorded:
        ben = recorded.world.sign_in("ben")
        ben.read(CAMPAIGNS)
        monkeypatch.setattr(TapeWriter, "write", full)
        answer = ben.api("PATCH", CAMPAIGN, json={"status": "PAUSED"})
        assert answer.status_code == 200
        assert recorded.recorder.withheld > 0
        monkeypatch.undo()
        (paused,) = [one for one in ben.read(CAMPAIGNS)["items"] if one["id"] == "cmp_1001_1"]
        assert paused["status"] == "PAUSED"


def test_a_line_that_was_cut_off_is_none(tmp_path: Path) -> None:
    """Wherever on the tape it is, the others are read."""
    path = tmp_path / "tape.jsonl"
    with recording(path) as recorded:
        recorded.world.sign_in("ben").read(CAMPAIGNS)
    head, *rest = path.read_bytes().splitlines(keepends=True)
    whole = read_tape(path)
    path.write_bytes(head + rest[0][:20] + rest[0] + b"".join(rest[1:]))
    assert read_tape(path) == whole[1:]
