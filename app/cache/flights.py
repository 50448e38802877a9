"""Single flight: while one fetch for a key is under way, everybody else waits for that one.

The fetch is a task of its own, so that the caller who happened to be first can go away without
hurting those who wait for the same. Tasks are owned here and ended by `close`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """The fetches under way, by key."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}

    async def join(self, key: Hashable, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the fetch under way for this key, started now if there is none."""
        return await asyncio.shield(self.start(key, fetch))

    def under_way(self, key: Hashable) -> bool:
        """Whether there is a fetch to join."""
        return key in self._tasks

    def start(self, key: Hashable, fetch: Callable[[], Coroutine[Any, Any, T]]) -> Awaitable[T]:
        """Start the fetch unless it is under way; nobody has to wait for it."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.create_task(fetch())
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        return task

    def _landed(self, key: Hashable, task: asyncio.Task[T]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # retrieved here: whoever waits sees it, and nobody has to

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
