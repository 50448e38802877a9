"""docs/logs.md names every field and every event, and code writes no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.observe.logs import FIELDS
from app.observe.requests import Written

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "logs.md"
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error"}
LEVELS |= {"exception": "error", "critical": "critical"}
LOGGERS = {"log", "_log", "logger"}


def section(title: str) -> str:
    return DOCUMENT.read_text("utf-8").split(f"\n## {title}\n")[1].partition("\n## ")[0]


def calls() -> Iterator[ast.Call]:
    """Every call of a logger's method in the gateway's own code."""
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
            if name in LOGGERS and node.func.attr in LEVELS:
                yield node


def told() -> set[tuple[str, str]]:
    """Event and level of each of these calls, and of the line of a request."""
    found = {(str(Written.__struct_config__.tag), "info")}
    for call in calls():
        (event,) = call.args
        assert isinstance(event, ast.Constant), ast.unparse(call)
        assert isinstance(event.value, str)
        assert isinstance(call.func, ast.Attribute)
        found.add((event.value, LEVELS[call.func.attr]))
    return found


def test_every_field_is_named() -> None:
    """No more and no less than the list."""
    assert set(re.findall(r"^\| `([a-z_]+)` \|", section("Fields"), re.MULTILINE)) == FIELDS


def test_every_event_is_named() -> None:
    """With its level; an event is a text that stands in the code."""
    rows = re.findall(r"^\| `([^`]+)` \| (\w+) \|", section("Events"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == told()


def test_no_field_is_written_in_vain() -> None:
    """What is not on the list would be dropped without a word."""
    written = {keyword.arg for call in calls() for keyword in call.keywords}
    assert written <= FIELDS, written - FIELDS
