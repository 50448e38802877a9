"""A soak of some seconds, so that the long one cannot rot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.cluster.plan import REDIS
from tests.soak.phases import SHORT
from tests.soak.report import as_json, as_text
from tests.soak.soak import Plan, soak
from tests.soak.verdict import TOLD_OF


@pytest.mark.holds(88, 89)
def test_nothing_is_lost_or_made_twice(tmp_path: Path) -> None:
    """While the platform resets connections, Redis restarts and a replica is killed, what was told is
    there, once."""
    if REDIS is None:
        pytest.skip("redis-server is not installed: scripts/system-packages says why")
    plan = Plan(seconds=9, seed=7, replicas=2, phases=SHORT, patience=5, late=1)
    result = soak(plan, tmp_path)
    assert result.verdict.broken == []
    assert any(intent.end in TOLD_OF for intent in result.intents)
    assert {"redis killed", "replica killed"} <= set(result.arranged)
    told = as_json(result, "pytest")
    assert json.loads(json.dumps(told))["seed"] == 7
    assert as_text(told).rstrip().endswith("Nothing is broken.")
