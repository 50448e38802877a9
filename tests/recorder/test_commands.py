"""`bff record` and `bff sandbox --replay` as processes."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

from app.tape import VERSION, read_tape
from app.testing.world import plain_client
from tests.commands.running import BFF, PATIENCE, bff, environment
from tests.ports import free_port

PLATFORM = "https://platform.example/api/v1"


def test_a_recording_ends_with_its_signal(tmp_path: Path) -> None:
    """It says where to point a gateway, sends on nothing that is not declared, and leaves a tape."""
    port = free_port()
    command = [BFF, "record", "--upstream", PLATFORM, "--out", "tape.jsonl", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment({}), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        assert f"BFF_UPSTREAM__BASE_URL=http://127.0.0.1:{port}/api/v1" in said[1]
        with plain_client(f"http://127.0.0.1:{port}") as client:
            assert client.get("/api/v1/admin/keys").status_code == 404
            unknown = client.get("/api/v1/team/t", headers={"authorization": "Bearer other"})
            assert unknown.status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read().endswith("0 exchange(s) recorded.\n")
        assert process.wait(PATIENCE) == 0
    assert read_tape(tmp_path / "tape.jsonl") == []


def test_what_cannot_be_recorded_is_a_sentence(tmp_path: Path) -> None:
    """A tape is never added to, and a key never goes over plain http to another machine."""
    (tmp_path / "there.jsonl").write_text("")
    port = str(free_port())
    for upstream, out, name in (
        (PLATFORM, "there.jsonl", "--out: there is a file already"),
        ("http://platform.example/api/v1", "new.jsonl", "--upstream: name the platform by https"),
    ):
        told = bff("record", "--upstream", upstream, "--out", out, "--port", port, cwd=tmp_path)
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr.startswith(name)


def test_a_tape_of_another_version_is_a_sentence(tmp_path: Path) -> None:
    """It says what to do about it."""
    head = {"tape": "ads-bff", "version": VERSION + 1}
    (tmp_path / "old.jsonl").write_text(json.dumps(head) + "\n")
    told = bff("sandbox", "--replay", "old.jsonl", "--port", str(free_port()), cwd=tmp_path)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("--replay: old.jsonl is a tape of another version than")
    assert "record it anew" in told.stderr
