"""The OpenAPI document: FastAPI's own, completed with what it cannot know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from app import errors
from app.catalogue.composed import Live
from app.catalogue.links import Link, link_to_next, links_of
from app.catalogue.operation import Operation
from app.catalogue.operations import Catalogue, Group
from app.errors import Internal, Malformed, Problem
from app.gateway.problems import MEDIA_TYPE, ProblemDocument
from app.session.described import SessionInfo

TITLE = "ads-bff"
DESCRIPTION = """\
Ads management for first-party frontends. The gateway holds the platform's key, knows who is signed
in, decides who may touch which team and ad account, and keeps the reads that dashboards make.

Browsers are recognised by their session cookie and send `X-BFF: 1` with every call; other clients
send a bearer token. Errors are RFC 9457 problem documents: decide on `code`.
"""

SECURITY_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-bff",
        "description": "The session of a browser, started at /auth/login. Send `X-BFF: 1` as well.",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The product's own session token (a JWT), where the gateway is told to trust "
        "it, or a native app's session (opaque, from POST /auth/native/token).",
    },
}

# What an answer that can be kept says of itself.
HEADERS = {
    "ETag": {
        "description": "Names this answer; send it back as If-None-Match",
        "schema": {"type": "string"},
    },
    "Age": {
        "description": "Seconds since the platform gave this answer",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Cache-Status": {
        "description": "Whether the answer was kept, and whether it is stale (RFC 9211)",
        "schema": {"type": "string"},
        "example": "bff; hit; ttl=42",
    },
}

# What a request that was one too many is told.
LIMIT_HEADERS = {
    "Retry-After": {
        "description": "Seconds to wait before the next attempt",
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit-Policy": {
        "description": "The limit that is used up: its name, how many, in how many seconds "
        "(draft-ietf-httpapi-ratelimit-headers)",
        "schema": {"type": "string"},
        "example": '"writes";q=120;w=60',
    },
    "RateLimit": {
        "description": "What is left of it, and in how many seconds there is more",
        "schema": {"type": "string"},
        "example": '"writes";r=0;t=12',
    },
}


def describe(app: FastAPI, catalogue: Catalogue) -> dict[str, Any]:
    """The document of this application; the same every time."""
    document = get_openapi(
        title=TITLE,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=_tags(catalogue.groups),
        servers=[{"url": "/", "description": "The origin of the frontends"}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    components["headers"] = HEADERS | LIMIT_HEADERS
    schemas = components.setdefault("schemas", {})
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"ProblemDocument": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operation in catalogue.operations:
        if issubclass(operation, Live):
            schemas |= _stream(operation, document["paths"])
    _name_codes(schemas)
    components["schemas"] = dict(sorted(schemas.items()))
    links = _links(catalogue.operations)
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation)
            _link(operation, links.get(operation["operationId"], []))
    _untitle(document["paths"])
    _untitle(schemas)
    return document


def _stream(operation: type[Live[Any]], paths: dict[str, Any]) -> dict[str, Any]:
    """What FastAPI does not tell of a stream: the shape of its events. Gives the schemas in it."""
    event = TypeAdapter(operation.events).json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = event.pop("$defs")
    described = next(path["get"] for path in paths.values() if _is(operation, path))
    described["responses"]["200"]["content"] = {operation.media_type: {"schema": event}}
    return schemas


def _is(operation: type[Operation[Any]], path: dict[str, Any]) -> bool:
    return bool(path.get("get", {}).get("operationId") == operation.id)


def _tags(groups: Sequence[Group]) -> list[dict[str, str]]:
    return [
        {"name": "Session", "description": "Who is signed in."},
        *({"name": group.title, "description": group.about} for group in groups),
        {"name": "Health", "description": "Whether the gateway runs, and whether it can serve."},
    ]


def codes_of(status: int) -> list[str]:
    """The codes of the problems that have this status."""
    return sorted({kind.code for kind in _problems() if kind.status == status})


def _problems() -> Iterator[type[Problem]]:
    """The tree without its branches, which are never answered themselves."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, Problem) and hasattr(kind, "status"):
            yield kind


def _name_codes(schemas: dict[str, Any]) -> None:
    """Name the codes that there are, for those who generate types. The list stays an open one."""
    schemas["ProblemCode"] = {
        "type": "string",
        "description": "The codes that are known. More may come: treat those like their status",
        "enum": sorted({kind.code for kind in _problems()}),
    }
    known = {"$ref": "#/components/schemas/ProblemCode"}
    for schema in (schemas["ProblemDocument"], schemas["PartProblem"]):
        code = schema["properties"]["code"]
        code["anyOf"] = [known, {"type": code.pop("type")}]


def _complete(operation: dict[str, Any]) -> None:
    """FastAPI's 422 is not ours, it gives every answer a JSON body, and the front is unknown to it."""
    responses = operation["responses"]
    for status, response in responses.items():
        content = response.get("content", {})
        if status in {"304", "303"}:
            response.pop("content", None)
        elif int(status) >= 400:
            response["content"] = {MEDIA_TYPE: content.get(MEDIA_TYPE, _PROBLEM)}
    for problem in (Malformed, Internal):
        described = {"description": problem.title, "content": {MEDIA_TYPE: _PROBLEM}}
        responses.setdefault(str(problem.status), described)
    operation["responses"] = dict(sorted(responses.items()))
    operation.setdefault("security", [])


def _links(operations: Sequence[type[Operation[Any]]]) -> dict[str, list[Link]]:
    """What can follow each answer, by operationId. A frontend's way begins with its session."""
    links = {
        operation.id: [*links_of(operation.answer_type, operation.parameters, operations)]
        + ([link_to_next(operation)] if operation.pages else [])
        for operation in operations
    }
    return {"getSession": [*links_of(SessionInfo, (), operations)]} | links


def _link(operation: dict[str, Any], links: list[Link]) -> None:
    """Beside the answer that they start from, the successful one."""
    if links:
        success = next(body for status, body in operation["responses"].items() if status < "300")
        success["links"] = {
            link.name: {"operationId": link.target, "parameters": dict(link.values)}
            for link in links
        }


def _untitle(node: Any) -> None:
    """Drop the titles that pydantic makes of names: `Teamid` tells nobody more than `teamId`."""
    if isinstance(node, list):
        for part in node:
            _untitle(part)
    elif isinstance(node, dict):
        if isinstance(node.get("title"), str):
            del node["title"]
        for part in node.values():
            _untitle(part)


_PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
