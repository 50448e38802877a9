"""The trail of one request, for whoever asks how it was served (`X-BFF-Explain: 1`) and for its trace.

A request that is neither explained nor traced leaves none. Functions that are a `step` are timed, and
those who know something of it tell `trail()`; what a request sets off in the background belongs to its
trail as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from app.observe.current import CURRENT, Request

P = ParamSpec("P")
T = TypeVar("T")


class Step(StrEnum):
    """What is timed, and a span of its own where a request is traced."""

    ACCESS = "access"
    CACHE = "cache"
    TOKEN = "token"  # noqa: S105  # a step, no secret
    UPSTREAM = "upstream"


class Attribute(StrEnum):
    """All that a span may say: names of operations, rules and kinds, numbers; nothing that somebody sent."""

    ACCESS = "bff.access"
    STATE = "bff.cache.state"
    SCOPE = "bff.cache.scope"
    COLLAPSED = "bff.cache.collapsed"
    OPERATION = "bff.operation"
    ATTEMPT = "bff.upstream.attempt"
    OUTCOME = "bff.upstream.outcome"
    STATUS = "http.response.status_code"
    METHOD = "http.request.method"
    ROUTE = "http.route"
    SCHEME = "url.scheme"
    ERROR = "error.type"


Said = Mapping[Attribute, str | int | bool]


class Spans(Protocol):
    """The spans of one traced request (observe/tracing.py)."""

    def step(self, step: Step) -> AbstractContextManager[None]:
        """A span for what is done inside, below the one that it is done in."""
        ...

    def say(self, said: Said) -> None:
        """Of the innermost span that is open here."""
        ...


@dataclass(slots=True)
class Trail:
    """What happened to a request. Names of operations, rules and kinds; no ids."""

    request: Request
    spans: Spans | None = None
    route: str = "none"
    access: str = "undecided"
    scope: str = "none"
    tags: tuple[str, ...] = ()
    state: str = "none"
    collapsed: bool = False
    retries: int = 0
    started: float = field(default_factory=time.perf_counter)
    spent: dict[str, float] = field(default_factory=dict)

    def decided(self, access: str) -> None:
        """By which rule, or by which it was refused."""
        self.access = access
        self._say({Attribute.ACCESS: access})

    def found(self, state: str, scope: str, kinds: Iterable[str]) -> None:
        """An answer, in which state and whose, and of which kinds its tags are: their ids say who else
        there is."""
        self.state, self.scope = state, scope
        self.tags = tuple(sorted(set(kinds)))
        self._say({Attribute.STATE: state, Attribute.SCOPE: scope})

    def joined(self) -> None:
        """It waits for what another one fetches."""
        self.collapsed = True
        self._say({Attribute.COLLAPSED: True})

    def called(self, operation: str, attempt: int, outcome: str, status: int | None) -> None:
        """A request to the platform ended."""
        self._say(
            {
                Attribute.OPERATION: operation,
                Attribute.ATTEMPT: attempt,
                Attribute.OUTCOME: outcome,
                **({} if status is None else {Attribute.STATUS: status}),
            }
        )

    @contextmanager
    def step(self, step: Step) -> Iterator[None]:
        """Steps that run at the same time are added up like those that do not."""
        began = time.perf_counter()
        try:
            with nullcontext() if self.spans is None else self.spans.step(step):
                yield
        finally:
            self.spent[step] = self.spent.get(step, 0.0) + time.perf_counter() - began

    async def within(self, step: Step, work: Coroutine[Any, Any, T]) -> T:
        with self.step(step):
            return await work

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
            f"upstream={self.request.calls}",
            f"retries={self.retries}",
            f"ms={total * 1000:.1f}",
        )
        steps = self.spent | {"total": total}
        timing = ", ".join(f"{step};dur={seconds * 1000:.1f}" for step, seconds in steps.items())
        return [
            (b"x-bff-trail", ", ".join(members).encode("ascii")),
            (b"server-timing", timing.encode("ascii")),
        ]

    def _say(self, said: Said) -> None:
        if self.spans is not None:
            self.spans.say(said)


def trail() -> Trail | None:
    """The trail of the request that is being served, None when nobody asked for it."""
    request = CURRENT.get()
    return None if request is None else request.trail


def explain(route: str) -> Trail:
    """From here on the request leaves a trail, if it does not yet."""
    request = CURRENT.get()
    assert request is not None
    request.trail = request.trail or Trail(request)
    request.trail.route = route
    return request.trail


def call_ended() -> Trail | None:
    """A request to the platform ended, which is counted for every request; gives the trail to tell of it."""
    request = CURRENT.get()
    if request is None:
        return None
    request.calls += 1
    return request.trail


def step(
    name: Step,
) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """Make a step of a coroutine function; where there is no trail it is called as it is."""

    def marked(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        @wraps(work)
        def run(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
            request = CURRENT.get()
            if request is None or request.trail is None:
                return work(*args, **kwargs)
            return request.trail.within(name, work(*args, **kwargs))

        return run

    return marked
