"""Single flight: while one fetch for a key is under way, everybody else waits for that one.

The fetch is a task of its own, so that the caller who happened to be first can go away without
hurting those who wait for the same. Tasks are owned here and ended by `close`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from app import patience

T = TypeVar("T")


class Flights(Generic[T]):
    """The fetches under way, by key.

    `needless_end`: a fetch ends when the last who waited for it has gone. `joined` is how many waited
    for one that was under way.
    """

    def __init__(self, *, needless_end: bool) -> None:
        self._needless_end = needless_end
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}
        self._own: set[asyncio.Task[T]] = set()
        self._waiting: Counter[asyncio.Task[T]] = Counter()
        self.joined = 0

    async def join(self, key: Hashable, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the fetch under way for this key, started now if there is none.

        Raises UpstreamTimeout or Left when the request has no patience for it any more.
        """
        self.joined += key in self._tasks
        task = self.start(key, fetch)
        self._waiting[task] += 1
        try:
            return await patience.wait(task)
        finally:
            self._waiting[task] -= 1
            if not self._waiting[task]:
                del self._waiting[task]
                if self._needless_end and not task.done():
                    # Who comes now must not join what ends.
                    self._forget(key, task)
                    task.cancel()
            del task  # see patience.py

    def under_way(self, key: Hashable) -> bool:
        """Whether there is a fetch to join."""
        return key in self._tasks

    @property
    def waiting(self) -> int:
        """How many wait, for whatever."""
        return self._waiting.total()

    def start(self, key: Hashable, fetch: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """Start the fetch unless it is under way; nobody has to wait for it."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.create_task(fetch(), context=patience.nobodys())
            self._tasks[key] = task
            self._own.add(task)
            task.add_done_callback(lambda done: self._landed(key, done))
        return task

    def _landed(self, key: Hashable, task: asyncio.Task[T]) -> None:
        self._own.discard(task)
        self._forget(key, task)
        if not task.cancelled():
            task.exception()  # retrieved here: whoever waits sees it, and nobody has to

    def _forget(self, key: Hashable, task: asyncio.Task[T]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._own)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
