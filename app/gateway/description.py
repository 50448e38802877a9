"""The OpenAPI document: FastAPI's own, completed with what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.catalogue.operations import GROUPS
from app.gateway.problems import MEDIA_TYPE, ProblemDocument

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
        "bearerFormat": "JWT",
        "description": "The product's own session token, where the gateway is told to trust it.",
    },
}

TAGS = [
    {"name": "Session", "description": "Who is signed in."},
    *(
        {"name": title, "description": (module.__doc__ or "").partition("\n")[0]}
        for title, module in GROUPS
    ),
    {"name": "Health", "description": "Whether the gateway runs, and whether it can serve."},
]


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of this application; the same every time."""
    document = get_openapi(
        title=TITLE,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": "/", "description": "The origin of the frontends"}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    schemas = components.setdefault("schemas", {})
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"ProblemDocument": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["schemas"] = dict(sorted(schemas.items()))
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation)
    return document


def _complete(operation: dict[str, Any]) -> None:
    """FastAPI's 422 is not ours, and it gives every answer a JSON body."""
    responses = operation["responses"]
    for status, response in responses.items():
        content = response.get("content", {})
        if status in {"304", "303"}:
            response.pop("content", None)
        elif int(status) >= 400:
            response["content"] = {MEDIA_TYPE: content.get(MEDIA_TYPE, _PROBLEM)}
    operation.setdefault("security", [])


_PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
