"""What is drawn and what alerts: of metrics that exist, by their labels, and each rule does its work."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.observe.metrics import TABLE

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "docs" / "dashboards"
ALERTS = DASHBOARDS / "alerts.yml"
PROMTOOL = shutil.which("promtool")

SERIES = {series: metric for metric in TABLE for series in metric.series}
# What Prometheus itself adds, and the bound of a bucket.
ALWAYS = {"job", "instance", "le"}
RUNBOOKS = {
    "key-refused",
    "redis-away",
    "platform-slow",
    "platform-down",
    "stampede",
    "unknown-outcomes",
    "stale-dashboards",
    "shedding",
    "drift",
    "not-ready",
}


def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DASHBOARDS / "board.json").read_text("utf-8"))
    return found


def drawn() -> Iterator[str]:
    """Every expression of the board."""
    for panel in board()["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


def alerting() -> Iterator[str]:
    """Every expression of the rules."""
    text = ALERTS.read_text("utf-8")
    yield from re.findall(r"expr: (.*?)\n        (?:for|labels):", text, re.DOTALL)


def test_every_expression_is_of_metrics_that_exist() -> None:
    """With labels that they have: a query for another one finds nothing and says nothing."""
    drawings, rules = list(drawn()), list(alerting())
    assert len(drawings) > 30
    assert len(rules) == len(RUNBOOKS)
    for expression in (*drawings, *rules):
        names = re.findall(r"\bbff_\w+", expression)
        assert names, expression
        allowed = ALWAYS.union(*(SERIES[name].labels for name in names if name in SERIES))
        for name in names:
            assert name in SERIES, expression
        for group in re.findall(r"\bby \(([^)]*)\)", expression):
            assert {label.strip() for label in group.split(",")} <= allowed, expression
        for chosen in re.findall(r"\{([^}]*)\}", expression):
            labels = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", chosen))
            assert labels <= allowed, expression


def test_the_board_is_what_the_script_writes() -> None:
    """`make documents` writes it; panels do not lie on each other."""
    script = ROOT / "scripts" / "board.py"
    subprocess.run([sys.executable, script, "--check"], check=True, timeout=30)
    panels = board()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for panel in panels
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(places)) == len(places)


def test_every_alert_names_its_runbook() -> None:
    """A section of docs/operations.md for each, and no section without an alert."""
    named = re.findall(
        r"runbook_url: docs/operations\.md#([a-z-]+)$", ALERTS.read_text(), re.MULTILINE
    )
    assert set(named) == RUNBOOKS
    assert len(named) == len(RUNBOOKS)


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed: scripts/system-packages")
@pytest.mark.parametrize(
    "arguments", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")]
)
def test_rules_do_what_they_say(arguments: tuple[str, ...]) -> None:
    """Prometheus reads them, fires each where it should, and none where all is well."""
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, *arguments],
        check=False,
        cwd=DASHBOARDS,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_played() -> None:
    """The rules' own tests have a case in which each alert fires."""
    played = (DASHBOARDS / "alerts.test.yml").read_text("utf-8")
    alerts = set(re.findall(r"- alert: (\w+)", ALERTS.read_text("utf-8")))
    fired = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n", played))
    assert fired == alerts
