"""What several commands take and print."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from app.clock import SystemClock
from app.main import unsound
from app.settings import Settings, SettingsFault, load

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on")]
User = Annotated[str, typer.Option(help="The user's id, as the user claim names it")]


def sound_settings() -> Settings:
    """Those that the gateway runs with: with others this would reach another installation, or none."""
    settings = load(os.environ)
    if found := unsound(settings, SystemClock()):
        raise SettingsFault(found)
    return settings


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """In columns, each as wide as what stands in it."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
