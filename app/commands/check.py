"""Say what would not start, and what deserves a second thought."""

from __future__ import annotations

import os

import typer

from app.clock import SystemClock
from app.main import unsound
from app.settings import SettingsFault, known_names, load
from app.settings_check import risks


def check() -> None:
    """Validate the settings and explain each risky one; exit 1 when they are unsafe."""
    try:
        settings = load(os.environ)
        found = unsound(settings, SystemClock())
    except SettingsFault as fault:
        found = fault.sentences
    else:
        for sentence in risks(settings):
            print(f"risk: {sentence}")
    for sentence in found:
        print(f"fault: {sentence}")
    if found:
        print(
            f"{len(found)} fault(s): the gateway would not start. Settings: {', '.join(known_names())}"
        )
        raise typer.Exit(1)
    print("The settings are sound.")
