"""One Redis (or Valkey), asked with patience for 40 ms, and listened to.

Whoever asks gets an answer or `Away`, at once while it is known to be away: only the listener tries
again, so that requests pay for an outage once. What waits for its turn here is no outage of Redis. `hears` says that everything published until a second
ago has arrived here: a first level that is not sure of that must answer nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from structlog.typing import FilteringBoundLogger

from app.observe.counters import Counters

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

T = TypeVar("T")
Errors = tuple[type[Exception], ...]

# A command that takes longer is given up (seconds).
PATIENCE = 0.04
# Patience is spent in such parts (seconds).
PART = 0.01
# How old the last answered ping of the subscription may be (seconds).
SILENCE = 1.0
PING_EVERY = 0.25
CONNECTIONS = 64
# Of these, what the listener needs: its subscription, and a ping to see whether Redis is back.
LISTENING = 2


class Away(Exception):
    """Redis cannot be asked now."""


class RedisLink:
    """`prefix` stands before every key and channel. Nothing is connected before `start`."""

    def __init__(
        self, url: str, prefix: str, counters: Counters, log: FilteringBoundLogger
    ) -> None:
        # Here, because it takes a tenth of a start where there is no Redis.
        from redis import exceptions  # noqa: PLC0415
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415

        # RuntimeError is uvloop's word for a connection that was found closed.
        self._broken: Errors = (exceptions.ConnectionError, RuntimeError)
        self._failures: Errors = (exceptions.RedisError, OSError, TimeoutError, RuntimeError)
        self.pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE,
            # The library's own ten retries would take seconds.
            retry=Retry(NoBackoff(), 0),
            socket_timeout=SILENCE,
            socket_connect_timeout=SILENCE,
        )
        self._redis: Redis = Redis.from_pool(self.pool)
        self._room = asyncio.Semaphore(CONNECTIONS - LISTENING)
        self.prefix = prefix
        self._channel = f"{prefix}heard"
        self._counters = counters
        self._log = log
        self._away = False
        self._answered = float("-inf")
        self._listener: asyncio.Task[None] | None = None
        self._receivers: dict[bytes, list[Callable[[bytes], None]]] = {}
        self._openers: list[Callable[[], None]] = []
        self._returners: list[Callable[[], Awaitable[None]]] = []

    def __repr__(self) -> str:
        return f"RedisLink(away={self._away})"

    @property
    def hears(self) -> bool:
        """Whether what was published until a second ago has arrived."""
        return _now() - self._answered < SILENCE

    @property
    def heard(self) -> bool:
        """Whether it was ever reached."""
        return self._answered > float("-inf")

    @property
    def away(self) -> bool:
        """Whether it is known that it cannot be asked."""
        return self._away

    @property
    def channel(self) -> str:
        """What is published here reaches every replica."""
        return self._channel

    def on_message(self, beginning: bytes, receive: Callable[[bytes], None]) -> None:
        """Called with every message that begins with this byte; not to be called after `start`."""
        self._receivers.setdefault(beginning, []).append(receive)

    def on_open(self, opened: Callable[[], None]) -> None:
        """Called when the subscription begins (again): messages may have been missed."""
        self._openers.append(opened)

    def on_return(self, returned: Callable[[], Awaitable[None]]) -> None:
        """Awaited when Redis can be asked again, the subscription may have lived on meanwhile."""
        self._returners.append(returned)

    async def start(self) -> None:
        """Begin to listen; returns when it hears, or after a moment without Redis."""
        self._listener = asyncio.create_task(self._listen())
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE):
                while not self.hears:  # noqa: ASYNC110  # the listener sets a time, no event
                    await asyncio.sleep(PART)

    async def close(self) -> None:
        while self._listener is not None and not self._listener.done():
            # Once may not be enough: the library can take a cancellation for the end of its own wait.
            self._listener.cancel()
            await asyncio.wait({self._listener}, timeout=SILENCE)
        with suppress(*self._failures):
            await self._redis.aclose()

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """What Redis answers; raises Away."""
        async with self._room:
            if self._away:
                raise Away
            try:
                return await patiently(self._attempt(question))
            except self._failures as error:
                self._leave(error)
                raise Away from None

    async def run(self, script: str, keys: Sequence[str], given: Sequence[Any]) -> Any:
        """What a Lua script answers, carried out in one step; raises Away."""
        return await self.ask(lambda redis: redis.register_script(script)(keys=keys, args=given))

    async def _attempt(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Twice if need be: a connection that was idle may have been closed at its other end."""
        try:
            return await question(self._redis)
        except self._broken:
            return await question(self._redis)

    def _leave(self, error: Exception) -> None:
        if not self._away:
            self._away = True
            self._counters.add("redis_away")
            self._log.warning("redis is away", reason=type(error).__name__)

    # --- the listener -----------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await self._follow(subscription)
            except self._failures as error:
                self._leave(error)
            await asyncio.sleep(PING_EVERY)

    async def _follow(self, subscription: PubSub) -> None:
        """Subscribe, and take messages until the connection or an answer to a ping fails."""
        await subscription.subscribe(self._channel)
        # What Redis answers elsewhere before it has confirmed this may change unheard.
        if await subscription.get_message(timeout=SILENCE) is None:
            raise TimeoutError
        for opened in self._openers:
            opened()
        # Counted in rounds: where this loop is late, an answer may lie in the socket unread.
        unanswered = 0
        while unanswered < SILENCE / PING_EVERY:
            await self._come_back()
            asked, left = _now(), PING_EVERY
            # It comes back with the answer, which may be a slow one to an older question.
            await subscription.ping(repr(asked))
            unanswered += 1
            while left > 0:
                message = await subscription.get_message(timeout=left)
                left = asked + PING_EVERY - _now()
                if message is None:
                    continue
                if message["type"] == "pong":
                    self._answered = float(message["data"])
                    unanswered = 0
                elif message["type"] == "message":
                    self._hand_on(message["data"])
        raise TimeoutError

    def _hand_on(self, message: bytes) -> None:
        receivers = self._receivers.get(message[:1])
        if receivers is None:
            # A later release says something that nobody here understands. What it ends or drops may be
            # kept here: all that was heard counts as missed.
            self._counters.add("message_unknown")
            for opened in self._openers:
                opened()
            return
        for receive in receivers:
            receive(message)

    async def _come_back(self) -> None:
        """The only place that tries again while Redis is away."""
        if not self._away:
            return
        with suppress(*self._failures):
            await patiently(self._attempt(lambda redis: redis.ping()))
            self._away = False
            self._log.info("redis is back")
            for returned in self._returners:
                await returned()


async def patiently(asking: Awaitable[T]) -> T:
    """The result, or TimeoutError after 40 ms in which this loop had the time to look for it.

    Where the loop itself is late, an answer may lie in the socket unread: that is no outage. A new
    connection and an unknown script take it a dozen rounds, so such a part of the wait counts for a
    tenth.
    """
    task = asyncio.ensure_future(asking)
    spent = 0.0
    try:
        while spent < PATIENCE:
            began = _now()
            await asyncio.wait({task}, timeout=PART)
            if task.done():
                return task.result()
            late = _now() - began > 1.1 * PART
            spent += PART / 10 if late else PART
        raise TimeoutError
    finally:
        task.cancel()


def _now() -> float:
    """Of the event loop: the moved clock of tests does not make a connection older."""
    return asyncio.get_running_loop().time()
