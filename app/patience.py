"""How long a request waits for work that it shares with others: until its time is over or its asker has left.

The work itself is nobody's in particular: it has limits of its own, and does not know who waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

from app.errors import UpstreamTimeout

T = TypeVar("T")


class Left(Exception):
    """The asker has left: nobody is there to be answered."""


class Patience:
    """That of one request. `gone` returns when its asker has left, None where that is no matter."""

    def __init__(
        self, seconds: float, gone: Callable[[], Coroutine[Any, Any, None]] | None
    ) -> None:
        self._until = asyncio.get_running_loop().time() + seconds
        self._gone = gone
        self._leaving: asyncio.Task[None] | None = None

    @property
    def left(self) -> float:
        """Seconds, 0 when it is over."""
        return max(0.0, self._until - asyncio.get_running_loop().time())

    async def wait(self, task: asyncio.Task[T]) -> T:
        """The result of the task, which goes on if this does not wait for it any longer.

        Raises UpstreamTimeout when the request's time is over, and Left.
        """
        others = {self._watch(self._gone)} if self._gone else set[asyncio.Task[None]]()
        await asyncio.wait({task, *others}, timeout=self.left, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if any(one.done() for one in others):
            raise Left
        raise UpstreamTimeout(reason="the request's time is over")

    def _watch(self, gone: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Begun by the first wait: what needs none must not pay for it."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(gone())
        return self._leaving

    def end(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()


_PATIENCE: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patient(
    seconds: float, gone: Callable[[], Coroutine[Any, Any, None]] | None = None
) -> Iterator[None]:
    """Inside, whatever the request waits for takes so many seconds in all."""
    patience = Patience(seconds, gone)
    token = _PATIENCE.set(patience)
    try:
        yield
    finally:
        _PATIENCE.reset(token)
        patience.end()


def seconds_left(most: float) -> float:
    """What a question of this request may take, `most` where the work is nobody's in particular."""
    patience = _PATIENCE.get()
    return most if patience is None else min(most, patience.left)


async def wait(task: asyncio.Task[T]) -> T:
    """The result of shared work, as long as this request has the patience for it."""
    patience = _PATIENCE.get()
    if patience is not None:
        return await patience.wait(task)
    await asyncio.wait({task})
    return task.result()


def nobodys() -> Context:
    """A context like this one for work that outlives the request which happened to begin it."""
    context = copy_context()
    context.run(_PATIENCE.set, None)
    return context
