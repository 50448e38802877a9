"""The order of events: what is on in each part of the time, and what goes wrong in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.soak.load import Work
from tests.soak.troubles import Troubles

Trouble = Callable[[Troubles, float], Awaitable[None]]

READS: tuple[Work, ...] = ("reads", "streams", "sessions")
MIXED: tuple[Work, ...] = (*READS, "changes", "money")


@dataclass(frozen=True, slots=True)
class Phase:
    """`share` is of the whole time."""

    name: str
    share: float
    works: tuple[Work, ...]
    trouble: Trouble | None = None


DOWN = "platform down"
QUIET, CROWDED = "writes alone", "writes beside dashboards"

# Redis forgets before anybody spends: an attempt that is lost with its memory could be made twice.
LONG = (
    Phase("reads", 0.05, READS),
    Phase("redis forgets", 0.05, READS, Troubles.redis_forgets),
    Phase(QUIET, 0.08, ("changes", "money")),
    Phase(CROWDED, 0.08, ("changes", "money", "dashboards")),
    Phase("slow answers", 0.08, MIXED, Troubles.slow),
    Phase("errors", 0.08, MIXED, Troubles.errors),
    Phase("too many requests", 0.06, MIXED, Troubles.too_many),
    Phase("resets", 0.08, MIXED, Troubles.resets),
    Phase("nonsense", 0.06, MIXED, Troubles.nonsense),
    Phase("tokens end", 0.06, MIXED, Troubles.tokens),
    Phase("redis restarts", 0.08, MIXED, Troubles.redis_restarts),
    Phase("a replica is killed", 0.08, MIXED, Troubles.replica_killed),
    Phase("a replica is stopped", 0.06, MIXED, Troubles.replica_ended),
    Phase(DOWN, 0.04, ("figures",), Troubles.down),
    Phase("everything", 0.06, MIXED, Troubles.everything),
)
# Without what arrives late. Nothing repeatable is written while Redis is away: a replica tells what it
# drops then as soon as it is back, and how soon that is a busy machine decides.
SHORT = (
    Phase("resets", 0.3, MIXED, Troubles.resets),
    Phase("redis restarts", 0.3, (*READS, "money"), Troubles.redis_restarts),
    Phase("a replica is killed", 0.4, MIXED, Troubles.replica_killed),
)
