"""A world whose audit has a file, each line of which is held against the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from app.testing.world import API_KEY, World, world
from tests.money.lines import told

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "audit.schema.json").read_text("utf-8"))
# Strictly: of what is written here every field is known.
VALIDATOR = Draft202012Validator(
    SCHEMA | {"additionalProperties": False}, format_checker=Draft202012Validator.FORMAT_CHECKER
)


@dataclass
class Audited:
    """A world and the file of its audit."""

    world: World
    path: Path

    def lines(self, event: str, number: int = 1) -> list[dict[str, Any]]:
        """So many lines of that event, without what is the same in each; some are written a moment later."""
        while len(found := [line for line in told(self.path) if line["event"] == event]) < number:
            pass
        assert len(found) == number, found
        common = {"channel", "event", "time", "request_id"}
        return [{name: line[name] for name in line.keys() - common} for line in found]


@pytest.fixture
def audited(tmp_path: Path) -> Iterator[Audited]:
    path = tmp_path / "audit.jsonl"
    with world(audit={"path": path}) as running:
        yield Audited(running, path)
    for line in told(path):
        VALIDATOR.validate(line)
    text = path.read_text("utf-8")
    for secret in (API_KEY, "eyJ", "__Host", "canary"):
        assert secret not in text
