"""What the audit says, read from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.testing.world import World

Line = dict[str, Any]


def told(source: World | Path) -> list[Line]:
    """The audit's lines: those among a world's log lines, or those of a file."""
    text = source.read_text("utf-8") if isinstance(source, Path) else source.log.getvalue()
    lines: list[Line] = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if line.get("channel") == "audit"]


def ends(source: World | Path, key: str) -> list[tuple[str, str | None]]:
    """How the attempt under that key ended, end by end."""
    return [
        (line["state"], line.get("code"))
        for line in told(source)
        if line["event"] == "write-ended" and line["key"] == key
    ]


def begun(source: World | Path, key: str) -> int:
    """How often an attempt under that key began."""
    return sum(line["event"] == "write-begun" and line["key"] == key for line in told(source))
