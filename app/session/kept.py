"""Kept: a value that is loaded when asked for, kept for a while, and loaded once however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.clock import Clock
from app.errors import Problem

# Part of a value's life after which it is loaded again while the old one serves.
RENEW_AT = 0.8
COOLDOWN = 30.0
# How long a value serves that cannot be loaded again: long enough for the provider's bad day, not so
# long that withdrawn keys live on because somebody keeps us from seeing it.
LAST_GOOD_SECONDS = 86_400.0

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Value]):
    """A value and for how many seconds it is fresh."""

    value: Value
    seconds: float


class Kept(Generic[Value]):
    """A value with a shelf life.

    It is renewed in the background before it ends. When that fails the old value serves on, for a
    day: a provider that is away for a moment signs nobody out. Loading happens in a task of its own,
    so that a caller who leaves takes nobody with him. While there is no value at all, a load is tried
    every `first_retry` seconds at most. `failed` is told of failures that no caller sees.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[Loaded[Value]]],
        clock: Clock,
        *,
        first_retry: float = 0,
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        self._load = load
        self._clock = clock
        self._first_retry = first_retry
        self._failed = failed
        self._value: Value | None = None
        self._failure: Problem | None = None
        self._tried = 0.0
        self._renew_from = 0.0
        self._wait_from = 0.0
        self._good_until = 0.0
        self._flight: asyncio.Task[Value] | None = None

    def current(self) -> Value | None:
        """The value where nobody has to wait for it, else None."""
        now = self._clock.now()
        if self._value is None or now >= self._wait_from:
            return None
        if now >= self._renew_from:
            self._start()
        return self._value

    async def get(self) -> Value:
        """The value, fresh enough."""
        value = self.current()
        return await self._loaded() if value is None else value

    async def get_newer(self) -> Value:
        """The value loaded again, unless that was tried a moment ago."""
        if not self._loading() and self._clock.now() < self._tried + COOLDOWN:
            return await self.get()
        return await self._loaded()

    async def close(self) -> None:
        """End a load that is still under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])

    async def _loaded(self) -> Value:
        is_early = self._clock.now() < self._tried + self._first_retry
        if self._value is None and self._failure is not None and is_early:
            raise self._failure.with_traceback(None)
        return await asyncio.shield(self._start())

    def _loading(self) -> bool:
        return self._flight is not None and not self._flight.done()

    def _start(self) -> asyncio.Task[Value]:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._renew())
            self._flight.add_done_callback(_look_at)
        return self._flight

    async def _renew(self) -> Value:
        self._tried = self._clock.now()
        self._renew_from = self._tried + COOLDOWN
        try:
            loaded = await self._load()
        except Problem as problem:
            return self._old(problem)
        now = self._clock.now()
        self._value, self._failure = loaded.value, None
        self._renew_from = now + loaded.seconds * RENEW_AT
        self._wait_from = now + loaded.seconds
        self._good_until = now + LAST_GOOD_SECONDS
        return loaded.value

    def _old(self, problem: Problem) -> Value:
        """The last good value, if there is one that is not too old."""
        if self._value is None or self._clock.now() >= self._good_until:
            self._value, self._failure = None, problem
            raise problem
        if self._failed is not None:
            self._failed(problem)
        self._wait_from = self._good_until
        return self._value


def _look_at(flight: asyncio.Task[Value]) -> None:
    """A failure is everyone's who waits; when all of them have left, it is nobody's surprise."""
    if not flight.cancelled():
        flight.exception()
