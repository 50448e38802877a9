"""Lints the committed OpenAPI documents: each is valid, and ours keeps the house's rules.

Without arguments openapi/bff.json and openapi/upstream.json are read. What the platform offers is
not ours to style: upstream.json has to be valid, with unique operationIds, no more.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

OPENAPI = Path(__file__).resolve().parent.parent / "openapi"
OURS, THEIRS = OPENAPI / "bff.json", OPENAPI / "upstream.json"
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
CAMEL_CASE = re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*")
PROBLEM = "application/problem+json"

Json = dict[str, Any]  # JSON has no narrower type until the validator has passed


def main(arguments: list[str]) -> int:
    paths = [Path(argument) for argument in arguments] or [OURS, THEIRS]
    count = 0
    for path in paths:
        for fault in faults_of(path):
            print(f"{path.name}: {fault}", file=sys.stderr)
            count += 1
    print(f"OpenAPI lint: {len(paths)} documents, {count} faults.")
    return 1 if count else 0


def faults_of(path: Path) -> Iterator[str]:
    if not path.is_file():
        yield "the document is missing; `make openapi` writes it."
        return
    document: Json = json.loads(path.read_text("utf-8"))
    broken = list(dangling(document)) or list(invalid(document))
    yield from broken
    if broken:
        return
    for operation in operations_of(document):
        if "operationId" not in operation.body:
            yield f"{operation.where}: it has no operationId"
        if path.name != THEIRS.name:
            yield from unkept_rules(operation, document)
    if path.name != THEIRS.name:
        yield from unused(document)


def dangling(document: Json) -> Iterator[str]:
    """References to nothing; the validator would stumble over them without a sentence."""
    for reference in sorted(set(references(document))):
        try:
            followed({"$ref": reference}, document)
        except KeyError:
            yield f"{reference} is named but not there"


def invalid(document: Json) -> Iterator[str]:
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        place = "/".join(map(str, error.absolute_path))
        yield f"at /{place}: {error.message.splitlines()[0]}"


@dataclass(frozen=True, slots=True)
class Described:
    """An operation as the document describes it; `shared` are its path's own parameters."""

    where: str
    body: Json
    shared: list[Json]


def operations_of(document: Json) -> Iterator[Described]:
    for path, item in document.get("paths", {}).items():
        for method, body in item.items():
            if method in METHODS:
                yield Described(f"{method.upper()} {path}", body, item.get("parameters", []))


def unkept_rules(operation: Described, document: Json) -> Iterator[str]:
    body, where = operation.body, operation.where
    if not CAMEL_CASE.fullmatch(body.get("operationId", "missing")):
        yield f"{where}: the operationId is not camelCase"
    for wanted in ("summary", "tags"):
        if not body.get(wanted):
            yield f"{where}: it has no {wanted}"
    if "security" not in body and "security" not in document:
        yield f"{where}: it does not say who may call it (an empty `security` means anybody)"
    for parameter in [*operation.shared, *body.get("parameters", [])]:
        resolved = followed(parameter, document)
        if not resolved.get("description"):
            yield f"{where}: parameter {resolved['name']} has no description"
    yield from unkept_by_answers(operation, document)


def unkept_by_answers(operation: Described, document: Json) -> Iterator[str]:
    for status, response in operation.body.get("responses", {}).items():
        answer = followed(response, document)
        if status[0] in "45" and PROBLEM not in answer.get("content", {}):
            yield f"{operation.where}: {status} is not {PROBLEM}"
        for name, link in answer.get("links", {}).items():
            for fault in loose(followed(link, document), operation, document):
                yield f"{operation.where}: the link {name} {fault}"


def loose(link: Json, source: Described, document: Json) -> Iterator[str]:
    """What a link names and nobody has: an operation, a parameter there, a parameter here."""
    described = {one.body.get("operationId"): one for one in operations_of(document)}
    if link.get("operationId") not in described:
        yield f"leads to {link.get('operationId')}, which is no operation"
        return
    taken = {name for _, name in parameters_of(described[link["operationId"]], document)}
    had = {f"$request.{place}.{name}" for place, name in parameters_of(source, document)}
    for name, expression in link.get("parameters", {}).items():
        if name not in taken:
            yield f"fills {name}, which {link['operationId']} does not take"
        if str(expression).startswith("$request.") and expression not in had:
            yield f"reads {expression}, which is no parameter"


def parameters_of(operation: Described, document: Json) -> Iterator[tuple[str, str]]:
    for parameter in [*operation.shared, *operation.body.get("parameters", [])]:
        resolved = followed(parameter, document)
        yield resolved["in"], resolved["name"]


def followed(node: Json, document: Json) -> Json:
    """The node itself, or what its local `$ref` points at."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def unused(document: Json) -> Iterator[str]:
    """Components that no operation reaches, not even through another component."""
    used: set[str] = set()
    waiting = list(references({k: part for k, part in document.items() if k != "components"}))
    while waiting:
        reference = waiting.pop()
        if reference not in used:
            used.add(reference)
            waiting.extend(references(followed({"$ref": reference}, document)))
    for kind, components in document.get("components", {}).items():
        for name in components:
            if f"#/components/{kind}/{name}" not in used:
                yield f"nothing uses components/{kind}/{name}"


def references(node: Any) -> Iterator[str]:
    """Every component that the node names: by `$ref`, as a security scheme, as a discriminator."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            elif key == "security":
                yield from (f"#/components/securitySchemes/{name}" for one in value for name in one)
            elif key == "mapping" and "propertyName" in node:
                yield from value.values()
            else:
                yield from references(value)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
