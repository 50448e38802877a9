"""Links: which operations can follow an answer (OpenAPI 3.1, Link Object), derived from ids.

The rule: an answer tells ids, and the request that it answers had some. Together they lead to every
operation whose required ids are all among them, if at least one of its ids is news. What else that
operation needs, dates or a body, stays the caller's to say. `nextCursor` leads to what follows of
the same list.

A field tells an id when it is called like the parameter (`adAccountId`), or when it is marked:

    id: Annotated[str, Names("teamId")]

Of a list the first item counts, since a JSON pointer cannot say "each".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.catalogue.operation import Operation
from app.catalogue.parameters import Parameter


@dataclass(frozen=True, slots=True)
class Names:
    """Marks a field of an answer whose value is an id: the parameter that takes it."""

    parameter: str


@dataclass(frozen=True, slots=True)
class Link:
    """The operation that can follow, and a runtime expression for each parameter that is known."""

    name: str
    target: str
    values: Mapping[str, str]


def links_of(
    answer: Any, asked: Sequence[Parameter], operations: Sequence[type[Operation[Any]]]
) -> Iterator[Link]:
    """The links of an answer to a request with these parameters, in the order of the operations."""
    told = {name: f"$response.body#{pointer}" for name, pointer in reversed([*ids_in(answer)])}
    had = {p.name: f"$request.{p.place}.{p.name}" for p in asked if p.required and is_id(p)}
    for operation in operations:
        wanted = [parameter for parameter in operation.parameters if is_id(parameter)]
        known = {p.name: (told | had)[p.name] for p in wanted if p.name in told | had}
        reached = all(p.name in known for p in wanted if p.required)
        if reached and known.keys() & (told.keys() - had.keys()):
            yield Link(operation.id, operation.id, known)


def link_to_next(operation: type[Operation[Any]]) -> Link:
    """What follows of the same list: the same question with the cursor of the answer."""
    same = {p.name: f"$request.{p.place}.{p.name}" for p in operation.parameters}
    return Link("next", operation.id, same | {"cursor": "$response.body#/nextCursor"})


def is_id(parameter: Parameter) -> bool:
    return parameter.name.endswith("Id")


def ids_in(answer: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """(parameter, pointer) of each id that the answer tells, those of the outermost record first."""
    if get_origin(answer) is list:
        yield from ids_in(get_args(answer)[0], f"{at}/0")
    elif isinstance(answer, type) and issubclass(answer, BaseModel):
        fields = [
            (f"{at}/{info.serialization_alias or name}", info)
            for name, info in answer.model_fields.items()
            if not info.exclude
        ]
        yield from (told for pointer, info in fields for told in _told(pointer, info))
        for pointer, info in fields:
            yield from ids_in(info.annotation, pointer)


def _told(pointer: str, info: FieldInfo) -> Iterator[tuple[str, str]]:
    name = pointer.rpartition("/")[2]
    mark = next((mark.parameter for mark in info.metadata if isinstance(mark, Names)), None)
    if mark is not None or name.endswith("Id"):
        yield mark or name, f"{pointer}/0" if get_origin(info.annotation) is list else pointer
