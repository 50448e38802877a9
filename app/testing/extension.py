"""A module of declarations under test: its world, and the checks of each of its operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from app.catalogue.address import Address
from app.catalogue.extensions import catalogue_with
from app.catalogue.operation import Operation
from app.catalogue.operations import BUILT_IN
from app.sandbox import operations as sandbox
from app.sandbox.state import Asking, Extra
from app.sandbox.wire import Reply
from app.testing.asks import Ask, Example, ask_of
from app.testing.checks import CHECKS, Judged, Subject
from app.testing.world import World, world

# Time between two checks (seconds): nothing that was kept, learnt or issued before outlives it.
A_DAY = 86_401.0


@dataclass(frozen=True, slots=True)
class Check:
    """One statement about one operation; called, it raises AssertionError when that is not true."""

    subject: Subject
    judged: Judged

    def __str__(self) -> str:
        return f"{self.subject.operation.id}-{self.judged.__name__}"

    def __call__(self, running: World) -> None:
        running.heal()
        running.advance(A_DAY)
        running.forget_calls()
        self.judged(self.subject, running)


class Extension:
    """The operations of one module, with an example of each by its operationId.

    Raises SettingsFault as the gateway would at its start, and ValueError when the examples are not
    exactly one for each operation.
    """

    def __init__(self, module: str, examples: Mapping[str, Example]) -> None:
        self._module = module
        operations = catalogue_with([module]).operations
        self._operations = [op for op in operations if op not in BUILT_IN.operations]
        named = {operation.id for operation in self._operations}
        if unlike := named ^ set(examples):
            raise ValueError(f"one example for each operation, please: {', '.join(sorted(unlike))}")
        self._examples = dict(examples)

    @contextmanager
    def world(self, *, strict: bool = True) -> Iterator[World]:
        """A gateway that offers the operations, on a sandbox that answers their examples."""
        extra = {"extra": (self._module,)}
        with world(strict=strict, platform=list(self._platform()), catalogue=extra) as running:
            yield running

    def ask(self, operation_id: str) -> Ask:
        """The example's request, for tests of one's own."""
        (operation,) = (one for one in self._operations if one.id == operation_id)
        return ask_of(operation, self._examples[operation_id])

    def checks(self) -> list[Check]:
        """What the gateway promises of every operation, as far as it can be said of each."""
        subjects = [
            Subject(operation, self._examples[operation.id], self.ask(operation.id))
            for operation in self._operations
        ]
        subjects = [replace(one, beside=tuple(subjects)) for one in subjects]
        return [
            Check(subject, judged)
            for subject in subjects
            for judged, concerns in CHECKS.items()
            if concerns(subject)
        ]

    def _platform(self) -> Iterator[Extra]:
        first = max(address.number for address in sandbox.ADDRESSES) + 1
        for number, operation in enumerate(self._operations, first):
            if operation.upstream is not None:
                yield _answering(number, operation, self._examples[operation.id])


def _answering(number: int, operation: type[Operation[Any]], example: Example) -> Extra:
    """The sandbox's part: the example's answer for whoever has a token."""
    assert operation.upstream is not None
    address = Address.parse(operation.upstream.address)

    def handler(_asking: Asking) -> Reply:
        return Reply(example.answer)

    return Extra(sandbox.Address(number, operation.id, address.method, address.path), handler)
