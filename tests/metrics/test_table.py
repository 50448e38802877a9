"""The table of metrics is all that is counted, all that is told, and all that is described."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.observe.counters import BOUNDS, Counters
from app.observe.exposition import exposition
from app.observe.metrics import BY_NAME, TABLE, Kind, Measured, lasting, merged
from app.testing.world import World
from tests.metrics.scrape import scraped

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "metrics.md"
# How counts and timings are named where something happens (app/observe/counters.py).
COUNTING = {"add", "of", "timing"}
UNITS = {"seconds", "bytes"}


def counted() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every name that the code counts under, its labels, and where."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in COUNTING and ast.unparse(node.func.value).endswith("counters"):
                name = node.args[0]
                labels = tuple(sorted(word.arg or "**" for word in node.keywords))
                if isinstance(name, ast.Constant):
                    yield str(name.value), labels, str(path.relative_to(ROOT))
                else:
                    # Counts that begin at nought: their names come from the table itself.
                    assert ast.unparse(name) == "metric.name", path


def test_every_count_is_in_the_table() -> None:
    """With the labels that are declared for it; nothing is counted that nobody could see."""
    found = list(counted())
    assert len(found) > 20
    for name, labels, where in found:
        assert name in BY_NAME, f"{name} ({where}) is not in app/observe/metrics.py"
        assert labels == tuple(sorted(BY_NAME[name].labels)), f"{name} ({where})"


def test_every_metric_is_measured(strict_world: World) -> None:
    """What the table promises is counted somewhere, or read when somebody asks."""
    names = {name for name, _, _ in counted()}
    measured = scraped(strict_world).text
    only_with = {"redis_reachable", "worker_restarts", "breaker_open"}
    for metric in TABLE:
        told = metric.name in names or f"# TYPE {metric.exposed} {metric.kind}" in measured
        assert told or metric.name in only_with, metric.name


def test_names_say_what_they_are() -> None:
    """As Prometheus' practice has it: one prefix, base units at the end, `_total` for counters alone."""
    assert len({metric.name for metric in TABLE}) == len(TABLE)
    for metric in TABLE:
        assert re.fullmatch(r"bff_[a-z]+(_[a-z]+)*", metric.exposed)
        assert metric.exposed.endswith("_total") is (metric.kind is Kind.COUNTER)
        assert metric.kind is not Kind.HISTOGRAM or metric.name.split("_")[-1] in UNITS
        assert not metric.from_start or metric.labels == ("operation",)


def test_the_document_describes_every_metric() -> None:
    """docs/metrics.md has a row for each, with its labels, and none for another."""
    rows = re.findall(r"^\| `(bff_\w+)` \| ([^|]*) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    described = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    assert len(described) == len(rows)
    assert described == {metric.exposed: metric.labels for metric in TABLE}


@pytest.mark.parametrize("seconds", [*BOUNDS, 0.0, 31.0])
def test_a_time_falls_into_its_bucket(seconds: float) -> None:
    """A bound belongs to its own bucket, as `le` says; buckets hold those before them as well."""
    counters = Counters()
    counters.timing("platform_duration_seconds", operation="getTeam").add(seconds)
    measured = {
        name: {tuple(value for _, value in labels): numbers}
        for name, labels, numbers in counters.counted()
    }
    text = exposition(measured, "")[0].decode()
    for bound in BOUNDS:
        line = f'bff_platform_duration_seconds_bucket{{le="{bound}",operation="getTeam"}} '
        assert f"{line}{float(seconds <= bound)}" in text
    assert f'_sum{{operation="getTeam"}} {seconds}' in text


def test_workers_numbers_add_up() -> None:
    """Sums where there is something to add, the worst where one bad worker is what matters; what has
    ended leaves its counts and nothing of its gauges."""
    one: Measured = {
        "requests": {("getTeam", "200", "recall"): (2.0,)},
        "ready": {(): (1.0,)},
        "draining": {(): (0.0,)},
        "cache_bytes": {(): (10.0,)},
    }
    other: Measured = {
        "requests": {
            ("getTeam", "200", "recall"): (3.0,),
            ("getTeam", "404", "pipeline"): (1.0,),
        },
        "ready": {(): (0.0,)},
        "draining": {(): (1.0,)},
        "cache_bytes": {(): (5.0,)},
    }
    requests = {("getTeam", "200", "recall"): (5.0,), ("getTeam", "404", "pipeline"): (1.0,)}
    together = merged([one, other])
    assert together == {
        "requests": requests,
        "ready": {(): (0.0,)},
        "draining": {(): (1.0,)},
        "cache_bytes": {(): (15.0,)},
    }
    assert lasting(together) == {"requests": requests}
