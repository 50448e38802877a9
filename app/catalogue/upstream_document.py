"""What we expect of the platform, as an OpenAPI document derived from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.catalogue.address import Address
from app.catalogue.operation import Operation, Upstream, wire_names
from app.catalogue.operations import INTERNAL, INTERNAL_NAMES, Catalogue
from app.catalogue.tenant_lists import ConnectionOnWire, StatusesOnWire
from app.catalogue.wire_schema import answered, sent

# What is asked at the address itself, where our own answer is put together of several.
_HEARD: Mapping[str, Any] = {
    "listConnections": list[ConnectionOnWire],
    "listAdAccounts": StatusesOnWire,
}
# Operations 1 and 2 have no declaration: their answers are read by the gateway itself.
_TOKENS: Mapping[str, tuple[str, ...]] = {
    "exchangeToken": ("accessToken", "refreshToken"),
    "refreshToken": ("accessToken",),
}


def upstream_document(catalogue: Catalogue) -> dict[str, Any]:
    """Paths with their evidence (`x-evidence`), parameters, and the data that is read of answers."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for operation in catalogue.operations:
        if operation.upstream is not None:
            data = answered(_HEARD.get(operation.id, operation.wire_type), schemas)
            _add(
                paths,
                operation.id,
                operation.upstream,
                wire_names(operation),
                data,
                _body(operation, schemas),
            )
    for name, upstream in INTERNAL.items():
        _add(paths, name, upstream, INTERNAL_NAMES[name], _tokens(name), {})
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
    body: dict[str, Any],
) -> None:
    address = Address.parse(upstream.address)
    carried = address.carried(names)
    described: dict[str, Any] = {
        "operationId": name,
        **({"x-operation": upstream.number} if upstream.number else {}),
        "x-evidence": upstream.evidence.value,
        "security": [{"tenant": []} if name == "exchangeToken" else {"tenant": [], "user": []}],
        "parameters": [
            *(_parameter(path, "path") for path in re.findall(r"\{(\w+)\}", address.path)),
            *(_parameter(query, "query") for query in sorted(carried.query)),
        ],
        "responses": {"2XX": _success(data)},
    }
    if carried.body:
        schema = _object(body, carried.body)
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    paths.setdefault(address.path, {})[address.method.lower()] = described


def _parameter(name: str, place: str) -> dict[str, Any]:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, **required, "schema": {"type": "string"}}


def _object(body: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    """The body of a request: these fields and no others."""
    known = body.get("properties", {})
    required = sorted(fields & set(body.get("required", ())))
    return {
        "type": "object",
        "properties": {field: known.get(field, {}) for field in sorted(fields)},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _success(data: dict[str, Any]) -> dict[str, Any]:
    envelope = {
        "type": "object",
        "properties": {"success": {"const": True}, "data": data},
        "required": ["success", "data"],
    }
    return {"description": "Success", "content": {"application/json": {"schema": envelope}}}


def _tokens(name: str) -> dict[str, Any]:
    fields = _TOKENS[name]
    properties = {field: {"type": "string", "examples": ["a-token"]} for field in fields}
    return {"type": "object", "properties": properties, "required": list(fields)}


def _body(operation: type[Operation[Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of the body under the platform's names; empty where there is none."""
    return {} if operation.body_model is None else sent(operation.body_model, schemas)
