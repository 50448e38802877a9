"""Different questions of the same operation, made from its declaration."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any, get_args

from app.catalogue.keep import Share
from app.catalogue.operation import Read
from app.catalogue.operations import BUILT_IN
from app.testing.asks import OWN
from tests.cache.reads import PAST
from tests.proxy.asks import VALUES

READS: tuple[type[Read[Any]], ...] = tuple(
    operation for operation in BUILT_IN.operations if issubclass(operation, Read)
)
SHARED = tuple(operation for operation in READS if operation.share is Share.TEAM)


def plain(operation: type[Read[Any]]) -> Read[Any]:
    """The operation with what it requires, about Acme's brand team."""
    given = {p.name: {**OWN, **VALUES}[p.name] for p in operation.parameters if p.required}
    many = {p.name for p in operation.parameters if p.many}
    asked = {name: (value,) if name in many else value for name, value in given.items()}
    made: Read[Any] = operation.model_validate(asked, strict=False)
    return made


def question(operation: type[Read[Any]], number: int) -> Read[Any]:
    """One of some questions about Acme's tents; another number is another question."""
    names = {p.name for p in operation.parameters}
    needed = [p for p in operation.parameters if p.required or p.name == "adAccountId"]
    given: dict[str, Any] = {p.field: {**OWN, **VALUES}[p.name] for p in needed}
    given |= {p.field: (given[p.field],) for p in needed if p.many}
    if "startDate" in names:
        day = PAST + timedelta(days=number)
        asked = given | {"start_date": day, "end_date": day}
    elif "fields" in names:
        kind: type[StrEnum] = get_args(operation.model_fields["fields"].annotation)[0]
        # The name comes always, since it is what a canary is put on.
        asked = given | {"fields": ("name", *list(kind)[1 : 1 + number])}
    else:
        asked = given | {"page_id": f"page_1001_{number}" if number else None}
    made: Read[Any] = operation.model_validate(asked)
    return made
