"""Open streams: server-sent events on the wire, bounded per user, ended with the connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Any, TypeVar

from starlette.types import Message, Receive, Send

from app.caller import Caller
from app.catalogue.composed import Live
from app.errors import Draining, Overloaded, RateLimited
from app.gateway.answers import NO_STORE, VARY
from app.gateway.following import Following, Means
from app.gateway.way_out import Header
from app.patience import Left

T = TypeVar("T")

# Streams that are open at a time: of one user, and of all users of this process.
MOST_PER_USER = 6
MOST = 1000
# Seconds that a reader may leave what was sent to him unread.
STUCK = 30.0

_HEADERS: list[Header] = [
    (b"content-type", b"text/event-stream"),
    NO_STORE,
    VARY,
    # nginx would collect events until its buffer is full.
    (b"x-accel-buffering", b"no"),
]
_START: Message = {"type": "http.response.start", "status": 200, "headers": _HEADERS}
_END: Message = {"type": "http.response.body", "body": b""}


class _Stuck(Exception):
    """The reader reads nothing any more: he is given up, and the server closes the connection."""


class Streams:
    """Serves live operations."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._open: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many there are, those included that have told nothing yet."""
        return self._open.total()

    async def serve(
        self,
        operation: Live[Any],
        caller: Caller,
        again: Callable[[], Awaitable[Caller]],
        receive: Receive,
        send: Send,
        *,
        head: bool,
    ) -> None:
        """Tell until the reader leaves or may not know more; `again` says who asks by now.

        Raises a Problem when there is nothing to open, and Left when nobody waits for it any more; once it is open its end is an event. `head`:
        nothing is to be told, only how it would begin.
        """
        if self._means.drain.under_way:
            raise Draining("Open the stream again.", headers={"Retry-After": "1"})
        known = await self._means.pipeline.admit(operation, caller)
        following = Following(self._means, operation, caller, known, again)
        with self._place(caller.user):
            async with aclosing(following.events()) as events:
                first = await _while_here(_next(events), receive)
                with suppress(_Stuck, Left):
                    await _send(_START, send)
                    if not head:
                        await _while_here(_tell(first, events, send), receive)
                    await _send(_END, send)

    @contextmanager
    def _place(self, user: str) -> Iterator[None]:
        if self._open[user] >= MOST_PER_USER:
            raise RateLimited(
                f"You have {MOST_PER_USER} streams open. Close one of them first.",
                headers={"Retry-After": "5"},
            )
        if self._open.total() >= MOST:
            raise Overloaded("Too many streams are open.", headers={"Retry-After": "30"})
        self._open[user] += 1
        try:
            yield
        finally:
            self._open[user] -= 1
            if not self._open[user]:
                del self._open[user]


async def _tell(first: bytes, events: AsyncIterator[bytes], send: Send) -> None:
    """Send every event. Raises _Stuck when the reader reads nothing any more."""
    await _send(_body(first), send)
    async for event in events:
        await _send(_body(event), send)


def _body(event: bytes) -> Message:
    return {"type": "http.response.body", "body": event, "more_body": True}


async def _send(message: Message, send: Send) -> None:
    try:
        async with asyncio.timeout(STUCK):
            await send(message)
    except TimeoutError:
        raise _Stuck from None


async def _next(events: AsyncIterator[bytes]) -> bytes:
    return await anext(events)


async def _while_here(doing: Coroutine[Any, Any, T], receive: Receive) -> T:
    """What comes of it; raises Left when the reader has left before."""
    task, leaving = asyncio.create_task(doing), asyncio.create_task(gone(receive))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Left
        return task.result()
    finally:
        task.cancel()
        leaving.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


async def gone(receive: Receive) -> None:
    """Returns when the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
