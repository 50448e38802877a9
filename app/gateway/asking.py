"""From a raw request to a validated operation: path, query and body, each read strictly.

What is not declared is a fault, a scalar given twice is a fault, and nothing is repaired: the value
that is checked must be the value that is forwarded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from msgspec import Struct
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.types import Receive, Scope

from app.cache.encodings import Encoding, preferred
from app.catalogue.operation import Operation, Parameter, Place
from app.errors import (
    FieldError,
    Invalid,
    Malformed,
    NotAcceptable,
    TooLarge,
    UnsupportedMediaType,
)
from app.gateway.pointers import pointer
from app.json_scan import json_fault
from app.patterns import sentence

Headers = Sequence[tuple[bytes, bytes]]

LONGEST_QUERY = 8192
MOST_PARAMETERS = 300
# A small body can have very many faults: so many are told of.
MOST_FAULTS = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What stands for itself, as most ids, days and names do.
_PLAIN_QUERY = re.compile(rb"[A-Za-z0-9_.:,&=-]*")
_LISTS = frozenset({b"accept", b"accept-encoding"})
_WISHED = _LISTS | {b"if-none-match", b"x-bff-background", b"x-bff-explain"}
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_JSON = re.compile(rb'application/json(?:\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
_REFUSES = re.compile(rb";\s*q=0(?:\.0*)?\s*(?:;|$)", re.IGNORECASE)


def single(headers: Headers, name: bytes) -> bytes | None:
    """The value of a header that may appear once; raises Malformed when it is repeated."""
    found: bytes | None = None
    for key, value in headers:
        if key == name:
            if found is not None:
                raise Malformed(f"The header {name.decode()} is repeated.")
            found = value
    return found


class Wishes(Struct):
    """How the caller wants to be answered: the values of these headers, those that are lists joined."""

    if_none_match: bytes | None = None
    accept: bytes | None = None
    accept_encoding: bytes | None = None
    background: bool = False
    explain: bool = False


def wishes_of(headers: Headers) -> Wishes:
    """In one pass over the headers; raises Malformed when one that may appear once is repeated."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _WISHED:
            if name not in found:
                found[name] = value
            elif name in _LISTS:
                found[name] += b"," + value
            else:
                raise Malformed(f"The header {name.decode()} is repeated.")
    return wishes_in(found)


def wishes_in(found: Mapping[bytes, bytes]) -> Wishes:
    """The same of headers that were read before, each sent once."""
    return Wishes(
        found.get(b"if-none-match"),
        found.get(b"accept"),
        found.get(b"accept-encoding"),
        found.get(b"x-bff-background") == b"1",
        found.get(b"x-bff-explain") == b"1",
    )


def wanted_encoding(accept_encoding: bytes | None) -> Encoding | None:
    """The content coding that the caller prefers among ours, None for none."""
    return None if accept_encoding is None else preferred(accept_encoding.decode("latin-1"))


def check_accept(accept: bytes | None, media_type: str) -> None:
    """Raises NotAcceptable when the caller does not want that type (RFC 9110, section 12.5.1)."""
    if accept is None:
        return
    wanted = {_range(part): part for part in accept.split(b",") if part.strip()}
    # The ranges that it is in, the more exact one last: the most exact one decides.
    whole = media_type.encode()
    ranges = (b"*/*", whole.partition(b"/")[0] + b"/*", whole)
    ours = [wanted[known] for known in ranges if known in wanted]
    if wanted and (not ours or _REFUSES.search(ours[-1])):
        raise NotAcceptable(f"This operation answers {media_type}.")


def _range(part: bytes) -> bytes:
    """`Application/JSON; q=0.5` as `application/json`."""
    return part.partition(b";")[0].strip().lower()


class Inputs:
    """Where the parameters of an operation travel."""

    def __init__(self, operation: type[Operation[Any]]) -> None:
        parameters = operation.parameters
        self.operation = operation
        self.path = [(p.field, p.name) for p in parameters if p.place is Place.PATH]
        self.headers = [p for p in parameters if p.place is Place.HEADER]
        self.query = {p.name: p for p in parameters if p.place is Place.QUERY}


def asked_of(inputs: Inputs, scope: Scope, body: bytes) -> Operation[Any]:
    """The operation that this request asks for, valid; raises a 4xx Problem otherwise."""
    operation, headers = inputs.operation, scope["headers"]
    faults: list[FieldError] = []
    path = scope["path_params"]
    values: dict[str, Any] = {field: path[name] for field, name in inputs.path}
    if inputs.headers:
        values |= _from_headers(inputs.headers, headers)
    if scope["query_string"]:
        values |= _from_query(inputs.query, scope["query_string"], faults)
    if operation.body_model is not None:
        values["body"] = _from_body(operation.body_model, headers, body, faults)
    elif body:
        raise Malformed("This operation takes no body.")
    return _instance(operation, values, faults)


def may_have_body(scope: Scope) -> bool:
    """Whether a body may come: of HTTP/1.1 its head tells (RFC 9112, section 6.3). What the memory of
    answers was asked for has none (gateway/recall.py: UNUSUAL)."""
    if scope["read"] is not None:
        return False
    if scope["http_version"] != "1.1":
        return True
    return any(name in _FRAMING for name, _ in scope["headers"])


def _instance(
    operation: type[Operation[Any]], values: dict[str, Any], faults: list[FieldError]
) -> Operation[Any]:
    """Build the instance; all faults are told at once, those of the body with the others."""
    try:
        asked: Operation[Any] = operation.__pydantic_validator__.validate_python(values)
    except ValidationError as error:
        places = {p.name: p.place for p in operation.parameters}
        places |= {p.field: p.place for p in operation.parameters}
        names = {p.field: p.name for p in operation.parameters}
        for fault in _told(error):
            first, *rest = fault["loc"]
            if first != "body":
                place, name = places[str(first)], names.get(str(first), str(first))
                faults.append(FieldError(pointer((place, name, *rest)), sentence(fault)))
        raise Invalid(errors=faults) from None
    if faults:
        raise Invalid(errors=faults)
    return asked


def _from_headers(declared: Sequence[Parameter], headers: Headers) -> dict[str, str]:
    """Header parameters; quotes around a value are optional (RFC 9651 has them, clients do not)."""
    values: dict[str, str] = {}
    for parameter in declared:
        given = single(headers, parameter.name.lower().encode())
        if given is None:
            raise Malformed(f"Send the header {parameter.name}.")
        values[parameter.field] = given.decode("latin-1").removeprefix('"').removesuffix('"')
    return values


def _from_query(
    declared: Mapping[str, Parameter], raw: bytes, faults: list[FieldError]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in parse_query(raw):
        parameter = declared.get(name)
        if parameter is None:
            faults.append(
                FieldError(pointer(("query", name)), "is not a parameter of this operation")
            )
        elif parameter.many:
            values[parameter.field] = (*values.get(parameter.field, ()), value)
        elif parameter.field in values:
            raise Malformed(f"The parameter {name} is given twice.")
        else:
            values[parameter.field] = value
    return values


def parse_query(raw: bytes) -> list[tuple[str, str]]:
    """Names and values, decoded once; raises Malformed for what is not UTF-8 or not printable."""
    if len(raw) > LONGEST_QUERY:
        raise TooLarge("The query is too long.")
    if not raw:
        return []
    if raw.count(b"&") >= MOST_PARAMETERS:
        raise TooLarge("The query has too many parameters.")
    if _PLAIN_QUERY.fullmatch(raw):
        plain = [part.partition("=") for part in raw.decode("ascii").split("&")]
        return [(name, value) for name, _, value in plain]
    split = [part.partition(b"=") for part in raw.split(b"&")]
    return [(_decoded(name), _decoded(value)) for name, _, value in split]


def _decoded(raw: bytes) -> str:
    if _BAD_ESCAPE.search(raw):
        raise Malformed("The query holds a broken percent-encoding.")
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The query is not UTF-8.") from None
    if _CONTROL.search(text):
        raise Malformed("The query holds control characters.")
    return text


Model = TypeVar("Model", bound=BaseModel)


def read_draft(model: type[Model], headers: Headers, body: bytes) -> Model:
    """A JSON body as that model, where there is nothing else to read; raises a 4xx Problem."""
    faults: list[FieldError] = []
    draft = _from_body(model, headers, body, faults)
    if draft is None:
        raise Invalid(errors=faults)
    return draft


def _from_body(
    model: type[Model], headers: Headers, body: bytes, faults: list[FieldError]
) -> Model | None:
    content_type = single(headers, b"content-type")
    if content_type is None or not _JSON.fullmatch(content_type.strip()):
        raise UnsupportedMediaType
    if single(headers, b"content-encoding") not in {None, b"identity"}:
        raise UnsupportedMediaType("Send the body without a content encoding.")
    if fault := json_fault(body):
        raise Malformed(f"The body is not acceptable JSON: {fault}.")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = _told(error)
    if any(fault["type"] == "json_invalid" for fault in found):
        raise Malformed("The body is not JSON.")
    faults += [FieldError(pointer(("body", *fault["loc"])), sentence(fault)) for fault in found]
    return None


def _told(error: ValidationError) -> list[ErrorDetails]:
    """The faults to tell of. Pydantic also calls a list too short whose items are the fault."""
    found = error.errors(include_input=False, include_url=False)
    above = {fault["loc"][:depth] for fault in found for depth in range(len(fault["loc"]))}
    told = [fault for fault in found if fault["type"] != "too_short" or fault["loc"] not in above]
    return told[:MOST_FAULTS]


async def read_body(headers: Headers, receive: Receive, most: int) -> bytes:
    """The whole body; raises TooLarge as soon as it is known to be too long."""
    announced = single(headers, b"content-length")
    if announced is not None and announced.isdigit() and int(announced[:20]) > most:
        raise TooLarge(f"A body has at most {most} bytes.")
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The body ended early.")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > most:
            raise TooLarge(f"A body has at most {most} bytes.")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
