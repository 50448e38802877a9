"""What the catalogue says of the names on the wire: which hold figures, moments, or words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel

from app.catalogue.operation import Operation
from app.catalogue.tenant_lists import ConnectionOnWire, StatusesOnWire
from app.gateway.drift import alias_paths

# Texts that are words of the platform's or of an ads network's: said of many things, and of nobody.
# They are listed, since a name that holds such words here can hold a person's there.
WORDS = frozenset(
    {
        *("status", "effective_status", "objective", "platform", "type", "role", "permission"),
        *("billing_event", "optimization_goal", "call_to_action_type", "action_type", "code"),
        *("country_code", "countryCode", "country", "gender", "age"),
        *("publisher_platform", "impression_device"),
    }
)


@dataclass(frozen=True, slots=True)
class Names:
    """The names whose values may be told, by what the values have to be, and all that are declared."""

    figures: frozenset[str]
    moments: frozenset[str]
    words: frozenset[str]
    known: frozenset[str]


def names_of(operations: Sequence[type[Operation[Any]]]) -> Names:
    """Of everything that these operations read."""
    types = [operation.wire_type for operation in operations if operation.upstream is not None]
    told = [one for wire in (*types, ConnectionOnWire, StatusesOnWire) for one in _fields(wire)]

    def holding(*kinds: type) -> frozenset[str]:
        return frozenset(name for name, annotation in told if _holds(annotation, kinds))

    known = frozenset(name for name, _ in told)
    figures = frozenset(name for name in holding(int, float) if not name.lower().endswith("id"))
    return Names(figures, holding(date), WORDS, known)


def _fields(annotation: Any) -> Iterator[tuple[str, Any]]:
    """Every name on the wire below this type, with the type of what it holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            for path in alias_paths(info.validation_alias or name):
                yield from ((step, None) for step in path[:-1])
                yield path[-1], info.annotation
            yield from _fields(info.annotation)
    for argument in get_args(annotation):
        yield from _fields(argument)


def _holds(annotation: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, kinds):
        return True
    return any(_holds(argument, kinds) for argument in get_args(annotation))
