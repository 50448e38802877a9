"""The baseline that costs are compared with, for the Python and the libraries that it was taken with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

PLACE = Path(__file__).with_name("baseline.json")
# Another Python makes other calls of the same code.
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def read() -> dict[str, int] | None:
    """Calls by kind of request; None where it was taken with another Python."""
    kept = json.loads(PLACE.read_text("utf-8"))
    return dict(kept["calls"]) if kept["python"] == PYTHON else None


def write(calls: dict[str, int]) -> str:
    text = json.dumps({"python": PYTHON, "calls": calls}, indent=2) + "\n"
    PLACE.write_text(text, "utf-8")
    return text
