"""JSON Schemas of what the platform sends and is sent, under its own names."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

REFERENCE = "#/components/schemas/{model}"


class _Wire(GenerateJsonSchema):
    """Says what travels: no defaults and titles of ours, each field where it stands."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def model_fields_schema(self, schema: core_schema.ModelFieldsSchema) -> JsonSchemaValue:
        described = super().model_fields_schema(schema)
        for name, field in schema["fields"].items():
            path = _path(field.get("validation_alias")) if self.mode == "validation" else []
            if path:
                _move(described, name, path)
        return described


def answered(annotation: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """What is read of an answer; models that it names are added to `schemas`."""
    schema = TypeAdapter(annotation).json_schema(
        mode="validation", ref_template=REFERENCE, schema_generator=_Wire
    )
    schemas |= schema.pop("$defs", {})
    return schema


def sent(annotation: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """What is sent; models that it names are added to `schemas`."""
    schema = TypeAdapter(annotation).json_schema(
        mode="serialization", ref_template=REFERENCE, schema_generator=_Wire
    )
    schemas |= schema.pop("$defs", {})
    return schema


def _path(alias: Any) -> list[str]:
    """The steps of an alias that is one path; empty where a name says it."""
    if not isinstance(alias, list):
        return []
    paths = alias if isinstance(alias[0], list) else [alias]
    return [] if any(len(path) == 1 for path in paths) else paths[0]


def _move(described: dict[str, Any], name: str, path: list[str]) -> None:
    """Take the property out and put it below the objects that lead to it."""
    field = described["properties"].pop(name)
    required = name in described.get("required", ())
    if required:
        described["required"].remove(name)
    for step in path[:-1]:
        inner = described["properties"].setdefault(step, {"type": "object", "properties": {}})
        _require(described, step, required=required)
        described = inner
    described["properties"][path[-1]] = field
    _require(described, path[-1], required=required)


def _require(described: dict[str, Any], name: str, *, required: bool) -> None:
    if required and name not in described.setdefault("required", []):
        described["required"].append(name)
    if not described.get("required", True):
        del described["required"]
