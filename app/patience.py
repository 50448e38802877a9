"""How long a request waits for work that it shares with others: until its time is over or its asker has left.

The work itself is nobody's in particular: it has limits of its own, and does not know who waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, Token, copy_context
from typing import Any

from app.clock import loop_time
from app.errors import UpstreamTimeout

# Where one waits: done when there is something to look at.
Seat = asyncio.Future[None]

# Whether the asker is still there is looked at after so many seconds: most are answered by then.
WATCHED_AFTER = 0.1


class Left(Exception):
    """The asker has left: nobody is there to be answered."""


class Patience:
    """That of one request: inside, whatever it waits for takes so many seconds in all. `gone` returns when
    its asker has left, None where that is no matter."""

    def __init__(
        self,
        seconds: float,
        gone: Callable[[], Coroutine[Any, Any, None]] | None,
        lookout: Lookout,
    ) -> None:
        self._until = loop_time() + seconds
        self._lookout = lookout
        self._watched = self._over = False
        self._gone = gone
        self._token: Token[Patience | None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        # Those who wait now: the parts of one answer wait at the same time.
        self._waiting: set[Seat] = set()

    @property
    def left(self) -> float:
        """Seconds, 0 when it is over."""
        return max(0.0, self._until - loop_time())

    def sit(self, seat: Seat) -> None:
        """Somebody waits there. It is woken by what he waits for, or when this is over."""
        self._waiting.add(seat)
        if not self._watched:
            self._watch()
        elif self._over or (self._leaving is not None and self._leaving.done()):
            wake(seat)

    def rise(self, seat: Seat) -> None:
        """Nobody waits there any more."""
        self._waiting.discard(seat)

    def over(self) -> Exception:
        """Why it is waited for no longer."""
        if self._leaving is not None and self._leaving.done():
            return Left()
        return UpstreamTimeout(reason="the request's time is over")

    def _watch(self) -> None:
        """From the first wait on."""
        self._watched, now = True, loop_time()
        if self._gone is None or self._until - now <= WATCHED_AFTER:
            self._end_in_time()
        else:
            self._lookout.watch(self, now)

    def look(self) -> None:
        """From now on its asker may leave; that matters to nobody once he is answered."""
        if self._gone is not None:
            self._leaving = asyncio.create_task(self._gone())
            self._leaving.add_done_callback(self._wake_all)
            self._end_in_time()

    def _end_in_time(self) -> None:
        self._timer = asyncio.get_running_loop().call_at(self._until, self._end)

    def _end(self) -> None:
        self._over = True
        self._wake_all()

    def _wake_all(self, _left: object = None) -> None:
        for seat in self._waiting:
            wake(seat)

    def __enter__(self) -> Patience:
        self._token = PATIENCE.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held any longer: token, timer and task hold contexts, which hold this one."""
        if self._token is not None:
            PATIENCE.reset(self._token)
        if self._timer is not None:
            self._timer.cancel()
        if self._leaving is not None:
            self._leaving.cancel()
        self._token = self._timer = self._leaving = self._gone = None


class Lookout:
    """Looks at those who still wait after `WATCHED_AFTER`: by one timer for all, since nearly all of them
    are answered by then."""

    def __init__(self) -> None:
        self._watched: deque[tuple[float, Patience]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, one: Patience, now: float) -> None:
        """He waits from now on (by the event loop's clock)."""
        self._watched.append((now + WATCHED_AFTER, one))
        if self._timer is None:
            self._set()

    def _set(self) -> None:
        """For the first of them; in nobody's context."""
        loop, (when, _) = asyncio.get_running_loop(), self._watched[0]
        self._timer = loop.call_at(when, self._look, context=Context())

    def _look(self) -> None:
        self._timer, now = None, loop_time()
        while self._watched and self._watched[0][0] <= now:
            _, one = self._watched.popleft()
            one.look()
        if self._watched:
            self._set()


def wake(seat: Seat) -> None:
    """Whoever waits there looks what has become of it."""
    if not seat.done():
        seat.set_result(None)


# That of the request that is being served, None where the work is nobody's in particular.
PATIENCE: ContextVar[Patience | None] = ContextVar("patience", default=None)


def seconds_left(most: float) -> float:
    """What a question of this request may take, `most` where the work is nobody's in particular."""
    asker = PATIENCE.get()
    return most if asker is None else min(most, asker.left)


def nobodys() -> Context:
    """A context like this one for work that outlives the request which happened to begin it."""
    context = copy_context()
    context.run(PATIENCE.set, None)
    return context
