"""Problems on the wire: RFC 9457 documents, for our own errors and for the framework's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.errors import (
    FieldError,
    Forbidden,
    Internal,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from app.gateway.pointers import pointer
from app.patterns import sentence

MEDIA_TYPE = "application/problem+json"

_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        Malformed,
        Unauthenticated,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        NotAcceptable,
        TooLarge,
        UnsupportedMediaType,
        Invalid,
    )
}


class FieldFault(BaseModel):
    """One fault in the input."""

    pointer: str = Field(description="Where, as an RFC 6901 pointer: /body/…, /query/…, /path/…")
    message: str = Field(description="What to do about it")


class ProblemDocument(BaseModel):
    """RFC 9457 problem details. Decide on `code`, show `detail`, quote `requestId` to support."""

    type: str = Field(
        description="Stable URI of this kind of problem", examples=["urn:ads-bff:problem:not-found"]
    )
    title: str = Field(description="The kind of problem, for people")
    status: int = Field(description="The HTTP status")
    detail: str | None = Field(None, description="What happened here and what helps")
    instance: str = Field(description="This very occurrence")
    code: str = Field(description="Stable code of this kind of problem", examples=["not-found"])
    requestId: str = Field(description="The id of the request, as in the logs")  # noqa: N815  # wire
    statusUrl: str | None = Field(  # noqa: N815  # wire
        None, description="Where to ask what became of the write"
    )
    errors: list[FieldFault] | None = Field(
        None, description="The faults of the input, field by field"
    )


def document(problem: Problem, request_id: str) -> bytes:
    """The problem as JSON. Nothing in it was sent by the caller."""
    content: dict[str, Any] = {
        "type": f"urn:ads-bff:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "instance": f"urn:ads-bff:request:{request_id}",
        "code": problem.code,
        "requestId": request_id,
    }
    if problem.detail:
        content["detail"] = problem.detail
    if problem.status_url:
        content["statusUrl"] = problem.status_url
    if problem.errors:
        content["errors"] = [{"pointer": e.pointer, "message": e.message} for e in problem.errors]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def problem_of(error: Exception) -> Problem:
    """Any error as a problem; what nobody foresaw is Internal and says nothing of itself."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        faults = [FieldError(pointer(fault["loc"]), sentence(fault)) for fault in error.errors()]
        return Invalid(errors=faults)
    if isinstance(error, HTTPException):
        kind = _BY_STATUS.get(
            error.status_code, Internal if error.status_code >= 500 else Malformed
        )
        return kind(headers=_with_head(error.headers or {}))
    return Internal("Quote the request id to support.", reason=type(error).__name__)


def _with_head(headers: Mapping[str, str]) -> dict[str, str]:
    """The framework's headers; its Allow does not know that HEAD works wherever GET does."""
    return {
        name: f"{value}, HEAD" if name.lower() == "allow" and value == "GET" else value
        for name, value in headers.items()
    }
