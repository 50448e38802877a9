"""Say what would not start, what deserves a second thought, and how those answer who are named."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from app.checking.live import check_live
from app.clock import SystemClock
from app.findings import Finding, Severity, fault, risk
from app.main import unsound
from app.settings import SettingsFault, known_names, load
from app.settings_check import risks


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


def check(
    format: Annotated[Format, typer.Option(help="For people, or for programs")] = Format.TEXT,  # noqa: A002  # typer names the option by it
    strict: Annotated[bool, typer.Option("--strict", help="Exit 2 when there are risks")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Ask those whom the settings name; nothing is changed")
    ] = False,
    routes: Annotated[
        bool,
        typer.Option("--routes", help="Ask the platform for each of its addresses, reading only"),
    ] = False,
    probe_user: Annotated[
        str | None,
        typer.Option(help="Ask for tokens of this user; the platform may make a user of the id"),
    ] = None,
) -> None:
    """Validate the settings and explain each risky one; exit 1 when they are unsafe."""
    findings = _of_settings()
    sound = not _any(findings, Severity.FAULT)
    if sound and (live or routes or probe_user):
        settings, clock = load(os.environ), SystemClock()
        findings += asyncio.run(
            check_live(settings, clock, probe_user=probe_user, routes=routes, live=live)
        )
    show = _as_json if format is Format.JSON else _as_text
    show(findings, starts=sound)
    if _any(findings, Severity.FAULT):
        raise typer.Exit(1)
    if strict and _any(findings, Severity.RISK):
        raise typer.Exit(2)


def _of_settings() -> list[Finding]:
    """What is found without asking anybody."""
    try:
        settings = load(os.environ)
        found = unsound(settings, SystemClock())
    except SettingsFault as refused:
        return [fault(sentence) for sentence in refused.sentences]
    return [
        *(risk(sentence) for sentence in risks(settings)),
        *(fault(sentence) for sentence in found),
    ]


def _any(findings: Sequence[Finding], severity: Severity) -> bool:
    return any(finding.severity is severity for finding in findings)


def _as_text(findings: Sequence[Finding], *, starts: bool) -> None:
    for finding in findings:
        print(f"{finding.severity}: {finding.sentence}")
        if finding.advice is not None:
            print(f"    {finding.advice}")
    faults = sum(finding.severity is Severity.FAULT for finding in findings)
    if not starts:
        names = ", ".join(known_names())
        print(f"{faults} fault(s): the gateway would not start. Settings: {names}")
    elif faults:
        print(f"{faults} fault(s): the settings are sound, and not all that they name is.")
    else:
        print("The settings are sound.")


def _as_json(findings: Sequence[Finding], *, starts: bool) -> None:
    told = [finding.told() for finding in findings]
    print(json.dumps({"starts": starts, "findings": told}, indent=2, ensure_ascii=False))
