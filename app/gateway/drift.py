"""Fields of the platform's answers that nobody declared: dropped, and counted by their path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import AliasChoices, AliasPath, BaseModel

Shape = dict[str, Any]

# A key that is no plain name may be data (an id, a token): the log is told of it, not what it is.
_HARMLESS = re.compile(r"(?=.{1,64}$)[A-Za-z_]+(?:[0-9]{1,3}[A-Za-z_]*)?")


def shape_of(annotation: Any) -> Shape | None:
    """The declared wire names, nested; None where anything goes."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        shape: Shape = {}
        for name, info in annotation.model_fields.items():
            for path in _paths(info.validation_alias or name):
                _place(shape, path, shape_of(info.annotation))
        return shape
    merged: Shape | None = None
    for argument in get_args(annotation):
        if (inner := shape_of(argument)) is not None:
            merged = inner if merged is None else merged | inner
    return merged if get_origin(annotation) is not dict else None


def unknown_fields(data: Any, shape: Shape | None, at: str = "") -> Iterator[str]:
    """Paths of fields that the shape does not have, e.g. `user.email`; list items share a path."""
    if shape is None:
        return
    if isinstance(data, list):
        for item in data:
            yield from unknown_fields(item, shape, at)
    elif isinstance(data, dict):
        if not data.keys() <= shape.keys():
            for name in data:
                if name not in shape:
                    yield _below(at, name if _HARMLESS.fullmatch(name) else "…")
        for name, inner in shape.items():
            if inner is not None and name in data:
                yield from unknown_fields(data[name], inner, _below(at, name))


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _paths(alias: str | AliasPath | AliasChoices) -> Iterator[list[str]]:
    if isinstance(alias, str):
        yield [alias]
    elif isinstance(alias, AliasPath):
        yield [part for part in alias.path if isinstance(part, str)]
    else:
        for choice in alias.choices:
            yield from _paths(choice)


def _place(shape: Shape, path: list[str], inner: Shape | None) -> None:
    for step in path[:-1]:
        deeper = shape.get(step)
        shape[step] = deeper = deeper if deeper is not None else {}
        shape = deeper
    if path[-1] not in shape or shape[path[-1]] is None:
        shape[path[-1]] = inner
