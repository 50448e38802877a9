"""The JSON Schema of a line of the audit, derived from what writes it: docs/audit.schema.json."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from app.observe.audit import ALWAYS, CHANNEL, AuditRecord, Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What says when, where and what: every line has it.
EVERY = ("channel", "time", "event")


def audit_schema() -> dict[str, Any]:
    """More fields may come: readers have to bear with those that they do not know."""
    record = TypeAdapter(AuditRecord).json_schema()
    fields = {name: _present(said) for name, said in record["properties"].items()}
    said = {
        "channel": {"const": CHANNEL},
        "time": {"type": "string", "format": "date-time"},
        **fields,
    }
    return {
        "$schema": DIALECT,
        "title": "A line of the audit",
        "type": "object",
        "required": list(EVERY),
        "properties": said,
        "allOf": [_needed(event) for event in Event],
        "$defs": {name: _plain(kind) for name, kind in record["$defs"].items()},
    }


def _present(field: dict[str, Any]) -> dict[str, Any]:
    """A field that is there: what there is nothing to say of is left out, and never null."""
    plain = {key: value for key, value in field.items() if key not in {"default", "title"}}
    kinds = [_plain(kind) for kind in plain.pop("anyOf", ()) if kind != {"type": "null"}]
    return plain | (kinds[0] if kinds else {})


def _plain(kind: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kind.items() if key not in {"title", "description"}}


def _needed(event: Event) -> dict[str, Any]:
    return {
        "if": {"properties": {"event": {"const": event.value}}},
        "then": {"required": list(ALWAYS[event])},
    }
