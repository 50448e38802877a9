"""Tell where a running gateway's platform does not answer what was declared."""

from __future__ import annotations

from typing import Annotated, Any

import httpx2 as httpx
import typer

from app.commands.options import print_table
from app.gateway.drift_report import PATH
from app.settings import SettingsFault

# What is told of each, a column for each.
COLUMNS = ("operation", "kind", "path", "count", "first", "last")
# Seconds; what is asked is one page of what a process has in memory.
PATIENCE = 10.0

Url = Annotated[str, typer.Option(help="Where the gateway's port for operations is")]


def drift(url: Url = "http://127.0.0.1:9090") -> None:
    """Print what the gateway saw of undeclared, missing and retyped fields since it began."""
    report = _report(url)
    rows = [COLUMNS, *(tuple(str(one[column]) for column in COLUMNS) for one in report["drift"])]
    if len(rows) == 1:
        print(f"Everything was as declared since {report['since']}.")
        return
    print_table(rows)
    if report["overlooked"]:
        print(f"and {report['overlooked']} more, of which there was no room to tell.")
    print(f"Since {report['since']}. Declare a new field, or set BFF_DRIFT__BUDGET for odd rows.")


def _report(url: str) -> dict[str, Any]:
    """What the port answers; ends the command with a sentence where it does not."""
    try:
        with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
            answer = client.get(url.rstrip("/") + PATH)
            answer.raise_for_status()
            report: dict[str, Any] = answer.json()
            return report
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        sentence = (
            "--url: no report there; it is answered on a running gateway's port for operations "
            "(BFF_OPERATIONS__PORT)."
        )
        raise SettingsFault([sentence]) from None
