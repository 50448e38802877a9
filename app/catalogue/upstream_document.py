"""What we expect of the platform, as an OpenAPI document derived from the catalogue."""

from __future__ import annotations

import re
from typing import Any

from pydantic import TypeAdapter

from app.catalogue.address import Address
from app.catalogue.operation import Operation, Upstream, wire_names
from app.catalogue.operations import INTERNAL, INTERNAL_NAMES, all_operations

REFERENCE = "#/components/schemas/{model}"


def upstream_document() -> dict[str, Any]:
    """Paths with their evidence (`x-evidence`), parameters, and the data that is read of answers."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for operation in all_operations():
        if operation.upstream is not None:
            data = _schema(operation.wire_type, schemas)
            _add(
                paths,
                operation.id,
                operation.upstream,
                wire_names(operation),
                data,
                _body(operation, schemas),
            )
    for name, upstream in INTERNAL.items():
        _add(paths, name, upstream, INTERNAL_NAMES[name], {}, {})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The ads platform, as ads-bff expects it",
            "version": "1",
            "description": "Derived from the catalogue. `x-evidence` tells whether the address is documented "
            "by the platform or inferred; BFF_UPSTREAM__ROUTES replaces any of them.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "tenant": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "user": {"type": "http", "scheme": "bearer"},
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _add(
    paths: dict[str, dict[str, Any]],
    name: str,
    upstream: Upstream,
    names: frozenset[str],
    data: dict[str, Any],
    properties: dict[str, Any],
) -> None:
    address = Address.parse(upstream.address)
    carried = address.carried(names)
    described: dict[str, Any] = {
        "operationId": name,
        "x-operation": upstream.number,
        "x-evidence": upstream.evidence.value,
        "security": [{"tenant": []} if name == "exchangeToken" else {"tenant": [], "user": []}],
        "parameters": [
            *(_parameter(path, "path") for path in re.findall(r"\{(\w+)\}", address.path)),
            *(_parameter(query, "query") for query in sorted(carried.query)),
        ],
        "responses": {"2XX": _success(data)},
    }
    if carried.body:
        fields = {field: properties.get(field, {}) for field in sorted(carried.body)}
        schema = {"type": "object", "properties": fields}
        described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    paths.setdefault(address.path, {})[address.method.lower()] = described


def _parameter(name: str, place: str) -> dict[str, Any]:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, **required, "schema": {"type": "string"}}


def _success(data: dict[str, Any]) -> dict[str, Any]:
    envelope = {"type": "object", "properties": {"success": {"const": True}, "data": data}}
    return {"description": "Success", "content": {"application/json": {"schema": envelope}}}


def _schema(annotation: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(annotation).json_schema(mode="validation", ref_template=REFERENCE)
    schemas |= schema.pop("$defs", {})
    return schema


def _body(operation: type[Operation[Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    """The fields of the body under the platform's names."""
    if operation.body_model is None:
        return {}
    schema = TypeAdapter(operation.body_model).json_schema(
        mode="serialization", ref_template=REFERENCE
    )
    schemas |= schema.pop("$defs", {})
    properties: dict[str, Any] = schema.get("properties", {})
    return properties
