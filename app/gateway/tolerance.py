"""What may be left out of a list that pydantic refused, so that one odd row does not take all the others.

Only what an operation declares (`spares`) is tolerated: a text or a moment that may be null becomes
null, and a row that does not say what it is, since a required field of it cannot be read, is left out.
A figure, a status, or the id of something else is never made up: then the answer is refused, as every
answer is that access is decided on or money is settled by.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.catalogue.operation import ListOf, Operation
from app.gateway.drift import Fault, alias_paths

# Names on the way to a value within a row.
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amended:
    """The rows that are left, and how many were left out or lost a field."""

    rows: list[Any]
    dropped: int
    nulled: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """Of one list the places whose faults can be amended."""

    spared: frozenset[Path]
    required: frozenset[Path]

    def spares(self, within: Path) -> Path | None:
        return next((path for path in self.spared if within[: len(path)] == path), None)

    def drops(self, within: Path) -> bool:
        """Whether the row has to go: it is none at all, or something required is wrong with it."""
        return not within or any(within[: len(path)] == path for path in self.required)


class Tolerance:
    """`budget` is the share of a list's rows that may be odd; with 0 none may."""

    def __init__(self, operations: Sequence[type[Operation[Any]]], budget: float) -> None:
        self._budget = budget
        self._plans = {
            operation.id: _plan(operation.answer_item, operation.spares)
            for operation in operations
            if issubclass(operation, ListOf) and operation.spares is not None
        }

    def amended(self, operation: str, data: Any, faults: Sequence[Fault]) -> Amended | None:
        """What is left of the rows, None where the answer has to be refused."""
        plan = self._plans.get(operation)
        if plan is None or not isinstance(data, list):
            return None
        odd = _odd_rows(plan, faults)
        if odd is None or len(odd) > self._most(len(data)):
            return None
        gone = {place for place, nulled in odd.items() if nulled is None}
        rows = [
            _without(row, odd.get(place) or ())
            for place, row in enumerate(data)
            if place not in gone
        ]
        return Amended(rows, len(gone), len(odd) - len(gone))

    def _most(self, rows: int) -> int:
        """One odd row among others is in the budget of every list that has one; never are all."""
        return min(max(1, int(rows * self._budget)), rows - 1) if self._budget else 0


def _plan(item: type[BaseModel], spares: Collection[str]) -> _Plan:
    places = {
        name: {tuple(path) for path in alias_paths(info.validation_alias or name)}
        for name, info in item.model_fields.items()
    }
    required = (places[name] for name, info in item.model_fields.items() if info.is_required())
    return _Plan(
        frozenset().union(*(places[name] for name in spares)), frozenset().union(*required)
    )


def _odd_rows(plan: _Plan, faults: Sequence[Fault]) -> Mapping[int, set[Path] | None] | None:
    """By row what has to become null, None for a row that has to go; None if a fault is not spared."""
    odd: dict[int, set[Path] | None] = {}
    unspared: set[int] = set()
    for fault in faults:
        place, *steps = fault["loc"] or (None,)
        if not isinstance(place, int):
            return None
        within = tuple(str(step) for step in steps)
        if plan.drops(within):
            odd[place] = None
        elif (path := plan.spares(within)) is None:
            unspared.add(place)
        elif (nulled := odd.setdefault(place, set())) is not None:
            nulled.add(path)
    # What else is wrong with a row that goes does not matter.
    return odd if all(odd.get(place, ()) is None for place in unspared) else None


def _without(row: Any, paths: Collection[Path]) -> Any:
    """The row without what stands there: absent is null."""
    for first, *rest in paths:
        others = {name: value for name, value in row.items() if name != first}
        row = others | {first: _without(row[first], [tuple(rest)])} if rest else others
    return row
