"""What drifted, as `GET /drift` on the port of those who run the gateway tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.gateway.drift import DriftReport

PATH = "/drift"


def document(report: DriftReport) -> dict[str, Any]:
    """As JSON has it; there are no ids and no values in it."""
    return {
        "since": _iso(report.since),
        "overlooked": report.overlooked,
        "drift": [
            {
                "operation": one.operation,
                "kind": one.difference,
                "path": one.path,
                "count": one.count,
                "first": _iso(one.first),
                "last": _iso(one.last),
            }
            for one in report.seen
        ],
    }


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), tz=UTC).isoformat().replace("+00:00", "Z")
