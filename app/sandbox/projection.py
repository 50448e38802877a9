"""The `fields` parameter: which fields of a record are answered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from app.sandbox.refusal import bad_request
from app.sandbox.state import Asking
from app.sandbox.wire import names

T = TypeVar("T")

Getters = Mapping[str, Callable[[T], object]]


def chosen_fields(
    asking: Asking, usual: Sequence[str], documented: Collection[str]
) -> Sequence[str]:
    """The fields asked for, `usual` when none are; one that is not documented is refused."""
    asked = names(asking.query.get("fields"))
    if unknown := [field for field in asked if field not in documented]:
        raise bad_request("Validation failed", [f"unknown fields: {', '.join(unknown)}"])
    return asked or usual


def row_of(record: T, fields: Sequence[str], getters: Getters[T]) -> dict[str, object]:
    """Those fields of the record; what it has not is left out, as Meta does."""
    values = {field: getters[field](record) for field in fields}
    return {field: value for field, value in values.items() if value is not None}


def is_wanted(asking: Asking, parameter: str, value: str) -> bool:
    """Whether a filter by ids lets this one through; no filter lets everything through."""
    wanted = names(asking.query.get(parameter))
    return not wanted or value in wanted
