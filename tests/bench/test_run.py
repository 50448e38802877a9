"""A run of some seconds, so that the long one cannot rot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.goals import Verdict
from bench.machine import CHECKOUT, NGINX, WRK

CONTESTANTS = {
    "bff",
    "bff+jwt",
    "platform",
    "nginx",
    "nginx+njs",
    "fastify",
    "fastify+undici",
    "fastapi",
}


@pytest.mark.timeout(400)
def test_a_run_tells_of_everybody_and_everything(tmp_path: Path) -> None:
    """Each contestant that can run here is verified and measured, none is passed over in silence, and
    what is no matter of time is as it must be. Nothing is said of the numbers."""
    _need("wrk and nginx", WRK and NGINX, "scripts/system-packages bench")
    command = [sys.executable, "-m", "bench", "--plan", "glance", "--results", str(tmp_path)]
    done = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "latest.md").read_text("utf-8") in done.stdout
    told = json.loads((tmp_path / "latest.json").read_text("utf-8"))
    _everybody(told)
    _everything(told)
    _truths(told)


def _everybody(told: Mapping[str, Any]) -> None:
    verified = {one["name"] for one in told["verified"]}
    assert verified | set(told["missing"]) == CONTESTANTS
    assert {one["who"] for one in told["closed loads"]} == verified
    for who, why in told["missing"].items():
        _need(who, None, why)


def _everything(told: Mapping[str, Any]) -> None:
    loads = {one["workload"] for one in told["closed loads"]}
    sizes = {f"{kind} {size}" for kind in ("hit", "miss") for size in ("4 KB", "60 KB")}
    assert loads == sizes | {"304", "mixed", "dashboard, kept", "dashboard, new"}
    assert all(one["requests"] for each in told["closed loads"] for one in each["rounds"])
    assert all(one["achieved"] for one in told["fixed rates"])
    assert all(told[one] for one in ("memory", "changes", "starts", "revision", "versions"))


def _truths(told: Mapping[str, Any]) -> None:
    """A crowd is one call; a read after a change is a new one; and ten sessions say nothing about the
    memory of ten thousand."""
    crowd = next(one for one in told["crowds"] if one["who"] == "bff")
    assert (crowd["answered"], crowd["calls"]) == (crowd["asked"], 1)
    assert told["changes"]["fresh"] == told["changes"]["changes"]
    memory = next(goal for goal in told["goals"] if goal["name"].startswith("memory"))
    assert (memory["measured"], memory["verdict"]) == (None, Verdict.UNKNOWN)


def _need(what: str, there: object, how: str) -> None:
    """Without it a test is skipped; in CI it fails."""
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI runs {what}: {how}")
    pytest.skip(f"{what} cannot be run here: {how}")
