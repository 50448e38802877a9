"""Routes from declarations: FastAPI describes an operation, the pipeline serves it.

The only place where declarations meet the framework. A `DeclaredRoute` gives FastAPI all it needs
for the OpenAPI document; its `handle` is ours, so that there is one execution path. (An overridden
`app` is not enough: routes that come through `include_router` ignore it and run the endpoint.)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, NoReturn, get_args

from fastapi import Body, Header, Path, Query
from fastapi.openapi.models import Example
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.catalogue.composed import Composed, Live
from app.catalogue.keep import ByPeriod, Keep
from app.catalogue.operation import Operation, Parameter, Place, Read, Write
from app.catalogue.operations import Catalogue
from app.gateway.description import HEADERS, LIMIT_HEADERS, codes_of
from app.gateway.entrance import Entrance
from app.gateway.problems import MEDIA_TYPE


class DeclaredRoute(APIRoute):
    """The route of one declared operation."""

    def __init__(self, entrance: Entrance, group: str) -> None:
        self.entrance = entrance
        self.operation = operation = entrance.operation
        summary, _, rest = inspect.cleandoc(operation.__doc__ or "").partition("\n")
        super().__init__(
            entrance.path,
            _described_endpoint(operation),
            methods={operation.method},
            operation_id=operation.id,
            name=operation.id,
            tags=[group],
            summary=summary.rstrip("."),
            description=_description(operation, rest.strip()),
            status_code=operation.status,
            response_model=operation.answer_type,
            response_class=_response_class(operation),
            response_description=_SUCCESS[operation.status],
            responses=_responses(operation),
            openapi_extra={"security": [{"session": []}, {"bearer": []}]},
        )

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.entrance.handle(scope, receive, send)


def declared_routes(catalogue: Catalogue, entrances: Iterable[Entrance]) -> list[DeclaredRoute]:
    """A route for every operation."""
    return [DeclaredRoute(one, catalogue.group_of(one.operation)) for one in entrances]


# --- what FastAPI is told ---------------------------------------------------------------------


def _described_endpoint(operation: type[Operation[Any]]) -> Callable[..., NoReturn]:
    """A function with the operation's parameters as its signature; it is described, never run."""

    def endpoint(**_: Any) -> NoReturn:
        raise AssertionError(f"{operation.id} went past the pipeline")

    endpoint.__name__ = operation.id
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # functions allow it
        [_signature_parameter(operation, p) for p in operation.parameters]
        + _body_parameter(operation)
    )
    return endpoint


def _signature_parameter(
    operation: type[Operation[Any]], parameter: Parameter
) -> inspect.Parameter:
    info = operation.model_fields[parameter.field]
    marked = _DESCRIBED[parameter.place](
        alias=parameter.name,
        description=info.description,
        openapi_examples=_example(info.examples),
    )
    annotation: Any = info.annotation
    if parameter.many:
        (item, _) = get_args(info.annotation)
        annotation = list.__class_getitem__(item)
    default = inspect.Parameter.empty
    if parameter.place is Place.QUERY and not info.is_required():
        default = [] if parameter.many else info.default
    return inspect.Parameter(
        parameter.field,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[(annotation, *info.metadata, marked)],
        default=default,
    )


def _example(examples: Sequence[Any] | None) -> dict[str, Example] | None:
    """Beside the schema: a schema of our own making (`WithJsonSchema`) would leave it out."""
    return {"demo": Example(value=examples[0])} if examples else None


def _body_parameter(operation: type[Operation[Any]]) -> list[inspect.Parameter]:
    if operation.body_model is None:
        return []
    annotation: Any = Annotated[(operation.body_model, Body())]
    return [inspect.Parameter("body", inspect.Parameter.KEYWORD_ONLY, annotation=annotation)]


def _response_class(operation: type[Operation[Any]]) -> type[Response]:
    """What FastAPI names the media type of the answer by."""
    return EventSourceResponse if issubclass(operation, Live) else JSONResponse


def _description(operation: type[Operation[Any]], more: str) -> str:
    """What the docstring adds to its summary, who may, and for how long an answer keeps."""
    lines = [more] if more else []
    lines.append(f"Access: {', '.join(f'`{rule}`' for rule in operation.access)}.")
    if issubclass(operation, Read):
        lines.append(f"Kept: {_kept(operation.keep)}.")
    elif issubclass(operation, Composed):
        lines.append("Kept: part by part, like the operations that the parts are made of.")
    return "\n\n".join(lines)


def _kept(keep: Keep | ByPeriod) -> str:
    if isinstance(keep, Keep):
        return f"fresh for {keep.fresh} s, stale for {keep.stale} s at most"
    return "the longer ago the period ended, the longer"


def _responses(operation: type[Operation[Any]]) -> dict[int | str, dict[str, Any]]:
    """All that this operation can answer, in the order of the statuses."""
    statuses = {400, 401, 403, 404, 406, 409, 413, 422, 500, 502, 503, 504}
    if issubclass(operation, Read | Composed | Write):
        statuses.add(429)
    if operation.body_model is not None:
        statuses.add(415)
    described: dict[int | str, dict[str, Any]] = {}
    if issubclass(operation, Read | Composed) and not issubclass(operation, Live):
        described[200] = {"headers": _KEPT_HEADERS}
        described[304] = {"description": _NOT_MODIFIED, "headers": _KEPT_HEADERS}
    return described | {status: _problem_response(status) for status in sorted(statuses)}


def _problem_response(status: int) -> dict[str, Any]:
    codes = ", ".join(f"`{code}`" for code in codes_of(status))
    headers = {"headers": _LIMIT_HEADERS} if status == 429 else {}
    return headers | {
        "description": f"{_MEANINGS[status]}. Codes: {codes}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }


_DESCRIBED: Mapping[Place, Callable[..., Any]] = {
    Place.PATH: Path,
    Place.QUERY: Query,
    Place.HEADER: Header,
}
_SUCCESS = {200: "The answer", 201: "Created", 202: "Accepted", 204: "Done; there is no body"}
_NOT_MODIFIED = "The caller has this answer already (If-None-Match)"
_KEPT_HEADERS = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
_LIMIT_HEADERS = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMIT_HEADERS}

_MEANINGS = {
    400: "The request cannot be read",
    401: "Nobody is signed in",
    403: "The role does not allow this, or the CSRF proof is missing",
    404: "There is no such object for this caller",
    406: "What is answered is not accepted",
    409: "The present state does not allow this",
    413: "The request is too large",
    415: "The body is not application/json",
    422: "Fields are not valid; `errors` names them",
    429: "There are too many of these requests",
    500: "Something went wrong in the gateway",
    502: "The ads platform failed or cannot be trusted",
    503: "The ads platform, or what access is decided on, cannot be reached",
    504: "The ads platform did not answer in time",
}
