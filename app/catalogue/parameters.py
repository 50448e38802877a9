"""The parameters of an operation: as the frontend sends them and as the platform reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import get_origin

from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Wire:
    """Marks a field that the platform calls differently."""

    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """Marks a field that we answer ourselves: neither sent upstream nor part of the cache key."""


@dataclass(frozen=True, slots=True)
class InHeader:
    """Marks a field that the frontend sends as a header of that name."""

    name: str


class Place(StrEnum):
    PATH = "path"
    QUERY = "query"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field as the frontend sends it (`name`, `place`) and as the platform reads it (`wire`)."""

    field: str
    name: str
    place: Place
    wire: str | None
    many: bool
    required: bool


def parameters_of(fields: Mapping[str, FieldInfo], path: str, *, sent: bool) -> Iterator[Parameter]:
    """The parameters among these fields; the body is none. `sent`: whether there is an upstream."""
    in_path = named_in(path)
    for field, info in fields.items():
        if field == "body":
            continue
        header = next((mark.name for mark in info.metadata if isinstance(mark, InHeader)), None)
        name = header or info.alias or field
        renamed = next((mark.name for mark in info.metadata if isinstance(mark, Wire)), name)
        local = any(isinstance(mark, Local) for mark in info.metadata)
        yield Parameter(
            field=field,
            name=name,
            place=Place.HEADER if header else Place.PATH if name in in_path else Place.QUERY,
            wire=renamed if sent and not local else None,
            many=get_origin(info.annotation) is tuple,
            required=info.is_required(),
        )


def named_in(path: str) -> frozenset[str]:
    """The parameters that a path names."""
    return frozenset(re.findall(r"\{(\w+)\}", path))
