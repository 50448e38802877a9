"""Writes docs/dashboards/board.json, a board for Grafana: rows of panels, two or three abreast.

With `--check` nothing is written: exit 1 says that the file is not what would be written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BOARD = Path(__file__).resolve().parent.parent / "docs" / "dashboards" / "board.json"
WIDTH, HEIGHT = 24, 8
SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True)
class Panel:
    """`shown` is what is drawn: an expression, and what names its lines. Units are Grafana's."""

    title: str
    unit: str
    shown: Sequence[tuple[str, str]]


def rate(metric: str, by: str, where: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{_of(where)}[$__rate_interval]))"


def total(metric: str, where: str = "") -> str:
    return f"sum(rate({metric}{_of(where)}[$__rate_interval]))"


def quantile(part: float, metric: str) -> str:
    return f"histogram_quantile({part}, {rate(f'{metric}_bucket', 'le')})"


def gauge(metric: str, by: str = "", how: str = "sum") -> str:
    grouped = f"{how} by ({by}) " if by else how
    return f"{grouped}({metric}{_of('')})"


def _of(where: str) -> str:
    return "{" + ", ".join(part for part in ('job=~"$job"', where) if part) + "}"


ROWS: Sequence[tuple[str, Sequence[Panel]]] = (
    (
        "Requests",
        (
            Panel("Answered", "reqps", [(rate("bff_requests_total", "by"), "{{by}}")]),
            Panel(
                "Failed",
                "reqps",
                [(rate("bff_requests_total", "status", 'status=~"5.."'), "{{status}}")],
            ),
            Panel(
                "Time of what is not recalled",
                "s",
                [
                    (quantile(part, "bff_request_duration_seconds"), f"p{part * 100:.0f}")
                    for part in (0.5, 0.9, 0.99)
                ],
            ),
            Panel("Problems", "reqps", [(rate("bff_problems_total", "code"), "{{code}}")]),
            Panel(
                "Refused access", "reqps", [(rate("bff_access_refused_total", "rule"), "{{rule}}")]
            ),
            Panel(
                "Quotas used up",
                "reqps",
                [(rate("bff_rate_limited_total", "policy"), "{{policy}}")],
            ),
        ),
    ),
    (
        "What is kept",
        (
            Panel(
                "Reads, by how they were answered",
                "reqps",
                [
                    (total("bff_requests_total", 'by="recall"'), "recalled"),
                    (rate("bff_cache_answers_total", "state"), "{{state}}"),
                    (total("bff_cache_collapsed_total"), "collapsed"),
                ],
            ),
            Panel(
                "Memory of the cache",
                "bytes",
                [
                    (gauge("bff_cache_bytes"), "kept"),
                    (gauge("bff_cache_max_bytes"), "at the most"),
                ],
            ),
            Panel(
                "Second level",
                "ops",
                [
                    (rate("bff_second_level_reads_total", "result"), "read: {{result}}"),
                    (rate("bff_second_level_writes_total", "result"), "write: {{result}}"),
                ],
            ),
        ),
    ),
    (
        "The platform",
        (
            Panel(
                "Requests, by their end",
                "reqps",
                [(rate("bff_platform_requests_total", "outcome"), "{{outcome}}")],
            ),
            Panel(
                "Time it takes",
                "s",
                [
                    (quantile(part, "bff_platform_duration_seconds"), f"p{part * 100:.0f}")
                    for part in (0.5, 0.9, 0.99)
                ],
            ),
            Panel(
                "Held back",
                "reqps",
                [
                    (total("bff_shed_total"), "no place"),
                    (rate("bff_refrained_total", "reason"), "{{reason}}"),
                    (total("bff_retries_total"), "asked again"),
                ],
            ),
            Panel(
                "Open breakers", "short", [(gauge("bff_breaker_open", "group", "max"), "{{group}}")]
            ),
            Panel(
                "Lanes",
                "short",
                [
                    (gauge("bff_lane_inside", "lane"), "{{lane}}: inside"),
                    (gauge("bff_lane_waiting", "lane"), "{{lane}}: waiting"),
                ],
            ),
            Panel(
                "Answers not as declared",
                "reqps",
                [
                    (rate("bff_upstream_invalid_total", "operation"), "{{operation}}"),
                    (total("bff_undeclared_fields_total"), "undeclared fields"),
                ],
            ),
        ),
    ),
    (
        "Tokens, sessions, money",
        (
            Panel(
                "Tokens asked for",
                "reqps",
                [
                    (rate("bff_tokens_total", "operation"), "{{operation}}"),
                    (total("bff_key_refused_total"), "key refused"),
                ],
            ),
            Panel("Sessions", "ops", [(rate("bff_session_events_total", "event"), "{{event}}")]),
            Panel(
                "Money",
                "ops",
                [
                    (rate("bff_money_writes_total", "state"), "{{state}}"),
                    (gauge("bff_outcomes_open"), "being found out"),
                ],
            ),
        ),
    ),
    (
        "The processes",
        (
            Panel(
                "Ready",
                "short",
                [
                    (gauge("bff_ready", "instance", "min"), "{{instance}}"),
                    (gauge("bff_redis_reachable", "instance", "min"), "{{instance}}: Redis"),
                ],
            ),
            Panel(
                "Processor",
                "percentunit",
                [(rate("bff_process_cpu_seconds_total", "instance"), "{{instance}}")],
            ),
            Panel(
                "Memory",
                "bytes",
                [(gauge("bff_process_resident_bytes", "instance"), "{{instance}}")],
            ),
        ),
    ),
)


def main(arguments: list[str]) -> int:
    text = json.dumps(board(), indent=1) + "\n"
    if "--check" not in arguments:
        BOARD.write_text(text, "utf-8")
    elif not BOARD.is_file() or BOARD.read_text("utf-8") != text:
        print(f"{BOARD.name} is not up to date: run `make documents`.", file=sys.stderr)
        return 1
    return 0


def board() -> dict[str, Any]:
    return {
        "title": "ads-bff",
        "uid": "ads-bff",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [*variables()]},
        "panels": [*panels()],
    }


def variables() -> Iterator[dict[str, Any]]:
    yield {"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"}
    yield {
        "name": "job",
        "label": "Job",
        "type": "query",
        "datasource": SOURCE,
        "query": "label_values(bff_ready, job)",
        "includeAll": True,
        "allValue": ".+",
        "refresh": 2,
    }


def panels() -> Iterator[dict[str, Any]]:
    """Three abreast, under the title of their row."""
    down, number, width = 0, 0, WIDTH // 3
    for title, shown in ROWS:
        number += 1
        at = {"x": 0, "y": down, "w": WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": title, "gridPos": at, "panels": []}
        down += 1
        for place, panel in enumerate(shown):
            number += 1
            x, y = place % 3 * width, down + place // 3 * HEIGHT
            yield drawn(panel, number, {"x": x, "y": y, "w": width, "h": HEIGHT})
        down += -(-len(shown) // 3) * HEIGHT


def drawn(panel: Panel, number: int, at: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": at,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "expr": expression, "legendFormat": legend}
            for place, (expression, legend) in enumerate(panel.shown)
        ],
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
