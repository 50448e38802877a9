"""The trail of one request, for whoever asks how it was served (`X-BFF-Explain: 1`).

A request that wants no explanation leaves none and costs nothing. Steps that know something of it
tell `trail()`; what a request sets off in the background belongs to its trail as well.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Trail:
    """What happened to a request. Names of operations, rules and kinds; no ids."""

    route: str
    access: str = "undecided"
    scope: str = "none"
    tags: tuple[str, ...] = ()
    state: str = "none"
    collapsed: bool = False
    upstream: int = 0
    retries: int = 0
    started: float = field(default_factory=time.perf_counter)
    spent: dict[str, float] = field(default_factory=dict)

    def took(self, step: str, seconds: float) -> None:
        """Steps that run at the same time are added up like those that do not."""
        self.spent[step] = self.spent.get(step, 0.0) + seconds

    def headers(self) -> list[tuple[bytes, bytes]]:
        """`X-BFF-Trail`, a dictionary of RFC 9651, and `Server-Timing` in milliseconds."""
        total = time.perf_counter() - self.started
        members = (
            f"route={self.route}",
            f'access="{self.access}"',
            f"scope={self.scope}",
            f"tags=({' '.join(self.tags)})",
            f"state={self.state}",
            f"collapsed=?{int(self.collapsed)}",
            f"upstream={self.upstream}",
            f"retries={self.retries}",
            f"ms={total * 1000:.1f}",
        )
        steps = self.spent | {"total": total}
        timing = ", ".join(f"{step};dur={seconds * 1000:.1f}" for step, seconds in steps.items())
        return [
            (b"x-bff-trail", ", ".join(members).encode("ascii")),
            (b"server-timing", timing.encode("ascii")),
        ]


_TRAIL: ContextVar[Trail | None] = ContextVar("trail", default=None)


def begin(route: str) -> Trail:
    """From here on this request leaves a trail."""
    trail = Trail(route)
    _TRAIL.set(trail)
    return trail


def trail() -> Trail | None:
    """The trail of the request that is being served, None when nobody asked for it."""
    return _TRAIL.get()


def kinds(tags: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Of tags only what they are about: their ids say who else there is."""
    return tuple(sorted({kind for kind, _ in tags}))
