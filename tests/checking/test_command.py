"""`bff check` for people and for pipelines: what it prints, and what it exits with."""

from __future__ import annotations

import json
from pathlib import Path

from app.commands.sandbox import sandbox_environment
from tests.commands.running import bff
from tests.commands.test_commands import PRODUCTION
from tests.inside import platform


def test_programs_read_findings(tmp_path: Path) -> None:
    """Each with its severity, setting and sentence; risks are exit code 2 where that is asked for."""
    done = bff("check", "--format", "json", "--strict", cwd=tmp_path, **PRODUCTION)
    told = json.loads(done.stdout)
    assert (done.returncode, told["starts"], done.stderr) == (2, True, "")
    settings = {finding["setting"]: finding["severity"] for finding in told["findings"]}
    assert settings["BFF_ACCESS__UNKNOWN_GRANTS"] == "risk"
    wrong = PRODUCTION | {"BFF_PUBLIC__ORIGIN": ""}
    done = bff("check", "--format", "json", "--strict", cwd=tmp_path, **wrong)
    told = json.loads(done.stdout)
    assert (done.returncode, told["starts"]) == (1, False)
    faults = [one for one in told["findings"] if one["severity"] == "fault"]
    assert [one["setting"] for one in faults] == ["BFF_PUBLIC__ORIGIN"]


def test_everybody_is_asked_by_one_command(tmp_path: Path) -> None:
    """On a sandbox: all is in order, and a wrong address is a fault with its advice below."""
    with platform() as on:
        settings = sandbox_environment(on.server.origin, on.sandbox.options)
        wrong = {"BFF_UPSTREAM__ROUTES": '{"getTeam": "GET /teamz/{id}"}'}
        done = bff("check", "--live", "--routes", cwd=tmp_path, **settings | wrong)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("fault: "))
    assert "getTeam GET /teamz/{id}: missing" in lines[at]
    assert lines[at + 1] == "    Give the operation the platform's own address."
    assert lines[-1] == "1 fault(s): the settings are sound, and not all that they name is."
