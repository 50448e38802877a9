"""Kept: a value that is loaded when asked for, kept for a while, and loaded once however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from app.clock import Clock
from app.errors import Problem

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A value with a shelf life.

    When a reload fails the old value serves on: a provider that is away for a moment signs nobody
    out. Loading happens in a task of its own, so that a caller who leaves takes nobody with him.
    """

    def __init__(
        self, load: Callable[[], Awaitable[Value]], *, seconds: float, retry: float, clock: Clock
    ) -> None:
        self._load = load
        self._seconds = seconds
        self._retry = retry
        self._clock = clock
        self._value: Value | None = None
        self._until = 0.0
        self._tried = 0.0
        self._flight: asyncio.Task[Value] | None = None

    async def get(self) -> Value:
        """The value, fresh enough."""
        if self._value is not None and self._clock.now() < self._until:
            return self._value
        return await self._loaded()

    async def get_newer(self) -> Value:
        """The value loaded again, unless that was tried within the last `retry` seconds."""
        if self._value is not None and self._clock.now() < self._tried + self._retry:
            return self._value
        return await self._loaded()

    async def close(self) -> None:
        """End a load that is still under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])

    async def _loaded(self) -> Value:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._renew())
            self._flight.add_done_callback(_look_at)
        return await asyncio.shield(self._flight)

    async def _renew(self) -> Value:
        self._tried = self._clock.now()
        try:
            self._value = await self._load()
            self._until = self._clock.now() + self._seconds
        except Problem:
            if self._value is None:
                raise
            self._until = self._clock.now() + self._retry
        return self._value


def _look_at(flight: asyncio.Task[Value]) -> None:
    """A failure is everyone's who waits; when all of them have left, it is nobody's surprise."""
    if not flight.cancelled():
        flight.exception()
