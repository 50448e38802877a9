"""Decisions on access that may be taken again: the same question of the same caller about the same ids.

What was decided rests on facts and on the ledger. It holds until the first of the facts is too old, or
anything at all has changed; then it is decided anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from app.cache.epochs import Epochs
from app.caller import Caller
from app.catalogue.composed import Composed
from app.catalogue.known import Known
from app.catalogue.operation import Operation, Read
from app.clock import Clock
from app.oldest import drop_oldest

# The fields of a read that rules may look at (rules.py: Asked.value).
DECIDING = ("enterprise_id", "team_id", "ad_account_id", "connection_id", "campaign_id")
# 1 kB apiece.
MOST = 10_000
READS = (Read, Composed)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was established, and the count of changes at which it was."""

    known: Known
    seen: int


class Decisions:
    """Those of this process that allowed something."""

    def __init__(self, epochs: Epochs, clock: Clock, most: int = MOST) -> None:
        self._epochs = epochs
        self._clock = clock
        self._most = most
        self._taken: dict[Hashable, Decision] = {}
        self._deciding: dict[type[Operation[Any]], Callable[[Operation[Any]], Any]] = {}

    @property
    def moment(self) -> int:
        """Another one when anything has changed that a decision may rest on."""
        return self._epochs.changes.count

    def taken(self, operation: Operation[Any], caller: Caller) -> Known | None:
        """What was established before, while it holds."""
        if not isinstance(operation, READS):
            return None
        decision, epochs = self._taken.get(self._key(operation, caller)), self._epochs
        if decision is None or decision.seen != epochs.changes.count or not epochs.sure:
            return None
        return decision.known if self._clock.now() < decision.known.until else None

    def take(self, began: int, operation: Operation[Any], known: Known) -> None:
        """Remember what was established by looking, which began at that moment."""
        if not is_read(operation) or known.believed or began != self.moment:
            return
        key = self._key(operation, known.caller)
        self._taken.pop(key, None)
        self._taken[key] = Decision(known, began)
        drop_oldest(self._taken, self._most)

    def _key(self, operation: Operation[Any], caller: Caller) -> Hashable:
        kind = type(operation)
        deciding = self._deciding.get(kind)
        if deciding is None:
            fields = [field for field in DECIDING if field in kind.model_fields]
            deciding = self._deciding[kind] = attrgetter(*fields) if fields else _nothing
        return kind, caller, deciding(operation)


def _nothing(_operation: Operation[Any]) -> None:
    return None


def is_read(operation: Operation[Any]) -> bool:
    """Everything else is decided on facts that are seconds old at the most."""
    return isinstance(operation, READS)
