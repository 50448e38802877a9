"""Single flight: while one fetch for a key is under way, everybody else waits for that one.

The fetch is a task of its own, so that the caller who happened to be first can go away without
hurting those who wait for the same. Tasks are owned here and ended by `close`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from app.patience import PATIENCE, Seat, nobodys, wake

T = TypeVar("T")

Fetch = Callable[[], Coroutine[Any, Any, T]]


class Flight(Generic[T]):
    """One fetch, and the seats of those who wait for it. (A task of asyncio's tells that it is done one
    round of the event loop later, by a callback for each.)"""

    __slots__ = ("seats", "task")

    task: asyncio.Task[T]

    def __init__(self) -> None:
        self.seats: set[Seat] = set()


class Flights(Generic[T]):
    """The fetches under way, by key.

    `needless_end`: a fetch ends when the last who waited for it has gone. `joined` is how many waited
    for one that was under way.
    """

    def __init__(self, *, needless_end: bool) -> None:
        self._needless_end = needless_end
        self._flights: dict[Hashable, Flight[T]] = {}
        # The tasks of those that nobody needs any more, until they have ended.
        self._ending: set[asyncio.Task[T]] = set()
        self.joined = 0

    def __len__(self) -> int:
        """How many are under way, those included that nobody needs any more."""
        return len(self._flights) + len(self._ending)

    async def join(self, key: Hashable, fetch: Fetch[T]) -> T:
        """The result of the fetch under way for this key, started now if there is none.

        Raises UpstreamTimeout or Left when the request has no patience for it any more.
        """
        flight, asker = self._flights.get(key), PATIENCE.get()
        if flight is None:
            flight = self._begin(key, fetch)
        else:
            self.joined += 1
        task, seats = flight.task, flight.seats
        seat = task.get_loop().create_future()
        seats.add(seat)
        if asker is not None:
            asker.sit(seat)
        try:
            await seat
            if asker is None or task.done():
                return task.result()
            raise asker.over()
        finally:
            seats.discard(seat)
            if asker is not None:
                asker.rise(seat)
            if not seats and self._needless_end and not task.done():
                self._end(key, flight)
            del flight, task  # the task holds an error, which holds this frame

    def under_way(self, key: Hashable) -> bool:
        """Whether there is a fetch to join."""
        return key in self._flights

    @property
    def waiting(self) -> int:
        """How many wait, for whatever."""
        return sum(len(flight.seats) for flight in self._flights.values())

    def start(self, key: Hashable, fetch: Fetch[T]) -> None:
        """Start the fetch unless it is under way; nobody has to wait for it."""
        if key not in self._flights:
            self._begin(key, fetch)

    def _begin(self, key: Hashable, fetch: Fetch[T]) -> Flight[T]:
        flight: Flight[T] = Flight()
        self._flights[key] = flight
        loop = asyncio.get_running_loop()
        flight.task = loop.create_task(self._fly(key, flight, fetch), context=nobodys())
        return flight

    async def _fly(self, key: Hashable, flight: Flight[T], fetch: Fetch[T]) -> T:
        try:
            return await fetch()
        except Exception:
            # Retrieved here: whoever waits sees it, and nobody has to.
            flight.task.add_done_callback(asyncio.Task.exception)
            raise
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]
            # They go on when this task has ended.
            for seat in flight.seats:
                wake(seat)
            del flight

    def _end(self, key: Hashable, flight: Flight[T]) -> None:
        """Nobody needs it. Who comes now must not join what ends."""
        if self._flights.get(key) is flight:
            del self._flights[key]
        self._ending.add(flight.task)
        flight.task.add_done_callback(self._ending.discard)
        flight.task.cancel()

    async def close(self) -> None:
        """End what is under way."""
        flights = list(self._flights.values())
        tasks = [*(flight.task for flight in flights), *self._ending]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._flights.clear()
        for flight in flights:
            for seat in flight.seats:  # where it had not begun, it could not tell them
                wake(seat)
