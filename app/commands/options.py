"""What several commands take, and how they run until they are stopped."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from app.clock import SystemClock
from app.main import unsound
from app.settings import Settings, SettingsFault, load

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on")]
User = Annotated[str, typer.Option(help="The user's id, as the user claim names it")]


@contextmanager
def until_stopped() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what runs inside; both are the ordinary end, with exit code 0."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        yield


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
