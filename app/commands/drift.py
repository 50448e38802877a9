"""Tell where a running gateway's platform does not answer what was declared."""

from __future__ import annotations

import asyncio
import json
from http.client import OK
from typing import Annotated, Any

import typer

from app.commands.options import print_table
from app.gateway.drift_report import PATH
from app.settings import SettingsFault
from app.upstream.exchange import ExchangeError, HttpxExchange, Incoming, Outgoing

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
    """What the port answers; raises SettingsFault where that is no report."""
    try:
        answer = asyncio.run(_asked(url.rstrip("/") + PATH))
        report: dict[str, Any] = json.loads(answer.body) if answer.status == OK else {}
    except (ExchangeError, ValueError):
        report = {}
    if "drift" not in report:
        sentence = (
            "--url: no report there; it is answered on a running gateway's port for operations "
            "(BFF_OPERATIONS__PORT)."
        )
        raise SettingsFault([sentence])
    return report


async def _asked(url: str) -> Incoming:
    exchange = HttpxExchange(connect_timeout=PATIENCE, max_connections=1)
    try:
        return await exchange.send(Outgoing("GET", url, {}), PATIENCE)
    finally:
        await exchange.close()
