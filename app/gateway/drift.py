"""Where the platform's answers are not what was declared: counted by path, and reported.

Undeclared fields are dropped, missing and retyped ones are why an answer is refused or amended
(tolerance.py). Values are never looked at, and of names only those are told that are declared or
cannot be data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import msgspec
from pydantic import AliasChoices, AliasPath, BaseModel, ValidationError
from structlog.typing import FilteringBoundLogger

from app.catalogue.operation import Operation
from app.clock import Clock
from app.observe.counters import Counters
from app.observe.differences import Difference

Shape = dict[str, Any]
# What pydantic says of one place that does not validate.
Fault = Mapping[str, Any]

# So many are told apart, by operation, kind and path; others are only counted.
MOST_PATHS = 1000
LONGEST_PATH = 120
# The path of what is wrong as a whole.
ITSELF = "(itself)"
# A name that cannot be told.
SOMETHING = "…"
# A key that is no plain name may be data (an id, a token): the log is told of it, not what it is.
_HARMLESS = re.compile(r"(?=.{1,64}$)[A-Za-z_]+(?:[0-9]{1,3}[A-Za-z_]*)?")


@dataclass(slots=True)
class Sighting:
    """How often one difference was seen; moments are seconds since the epoch."""

    first: float
    last: float
    count: int = 0


class Seen(msgspec.Struct, frozen=True):
    """A difference; moments are seconds since the epoch."""

    operation: str
    difference: str
    path: str
    count: int
    first: float
    last: float


class DriftReport(msgspec.Struct, frozen=True):
    """What was seen `since` then (seconds since the epoch), the most frequent first; `overlooked` is how
    often there was no room to tell what."""

    since: float
    overlooked: int
    seen: list[Seen]


def together(reports: Iterable[DriftReport]) -> DriftReport:
    """What several processes saw, as one."""
    since, overlooked = [], 0
    found: dict[tuple[str, str, str], Seen] = {}
    for report in reports:
        since.append(report.since)
        overlooked += report.overlooked
        for one in report.seen:
            key = one.operation, one.difference, one.path
            known = found.get(key, one)
            count = one.count if known is one else one.count + known.count
            first, last = min(known.first, one.first), max(known.last, one.last)
            found[key] = Seen(*key, count, first, last)
    return DriftReport(min(since), overlooked, sorted(found.values(), key=_most_frequent))


def _most_frequent(one: Seen) -> tuple[int, str, str, str]:
    return -one.count, one.operation, one.difference, one.path


class Drift:
    """What this process has seen of it, bounded."""

    def __init__(
        self,
        operations: Sequence[type[Operation[Any]]],
        counters: Counters,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._shapes = {operation.id: shape_of(operation.wire_type) for operation in operations}
        self._counters = counters
        self._clock = clock
        self._log = log
        self._since = clock.now()
        self._seen: dict[tuple[str, Difference, str], Sighting] = {}
        self._overlooked = 0

    def look(self, operation: str, data: Any) -> None:
        """Count the fields that nobody declared."""
        paths = Counter(unknown_fields(data, self._shapes[operation]))
        for path, times in paths.items():
            self._note(operation, Difference.UNDECLARED, path, times)

    def refused(self, operation: str, faults: Iterable[Fault]) -> None:
        """Count what pydantic refused."""
        shape = self._shapes[operation]
        places = Counter((_kind_of(fault), declared_path(fault["loc"], shape)) for fault in faults)
        for (kind, path), times in places.items():
            self._note(operation, kind, path, times)

    def report(self) -> DriftReport:
        """Everything seen since this process began."""
        seen = (
            Seen(operation, str(difference), path, one.count, one.first, one.last)
            for (operation, difference, path), one in self._seen.items()
        )
        return DriftReport(self._since, self._overlooked, sorted(seen, key=_most_frequent))

    def _note(self, operation: str, kind: Difference, path: str, times: int) -> None:
        self._counters.add("drift", times, operation=operation, difference=str(kind))
        key, now = (operation, kind, path[:LONGEST_PATH]), self._clock.now()
        sighting = self._seen.get(key)
        if sighting is None:
            if len(self._seen) >= MOST_PATHS:
                self._overlooked += times
                return
            sighting = self._seen[key] = Sighting(now, now)
            self._log.info("drift", operation=operation, difference=str(kind), path=key[2])
        sighting.count += times
        sighting.last = now


def shape_of(annotation: Any) -> Shape | None:
    """The declared wire names, nested; None where anything goes."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        shape: Shape = {}
        for name, info in annotation.model_fields.items():
            for path in alias_paths(info.validation_alias or name):
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
                    yield _below(at, name if is_harmless(name) else SOMETHING)
        for name, inner in shape.items():
            if inner is not None and name in data:
                yield from unknown_fields(data[name], inner, _below(at, name))


def is_harmless(name: str) -> bool:
    """Whether an undeclared name can be told."""
    return _HARMLESS.fullmatch(name) is not None


def declared_path(loc: Iterable[int | str], shape: Shape | None) -> str:
    """The place of a fault, as far as its names are declared: what is not may be data."""
    path = ""
    for step in loc:
        if isinstance(step, int):
            continue
        if shape is None or step not in shape:
            return _below(path, SOMETHING)
        path, shape = _below(path, step), shape[step]
    return path or ITSELF


def alias_paths(alias: str | AliasPath | AliasChoices) -> Iterator[list[str]]:
    """The places of the wire that a field is read from, the one that counts first."""
    if isinstance(alias, str):
        yield [alias]
    elif isinstance(alias, AliasPath):
        yield [part for part in alias.path if isinstance(part, str)]
    else:
        for choice in alias.choices:
            yield from alias_paths(choice)


def faults_of(error: ValidationError) -> Sequence[Fault]:
    """What did not validate, without its values."""
    return error.errors(include_url=False, include_context=False, include_input=False)


def _kind_of(fault: Fault) -> Difference:
    return Difference.MISSING if fault["type"] == "missing" else Difference.RETYPED


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _place(shape: Shape, path: list[str], inner: Shape | None) -> None:
    for step in path[:-1]:
        deeper = shape.get(step)
        shape[step] = deeper = deeper if deeper is not None else {}
        shape = deeper
    if path[-1] not in shape or shape[path[-1]] is None:
        shape[path[-1]] = inner
