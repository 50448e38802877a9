"""One request to the platform, whatever goes wrong on the way.

Read downwards: `send` asks again where that helps and does no harm; `_tried` leaves the platform alone
while it takes no requests or fails, and waits for a place; then it is `_sent`.
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from app.clock import Clock, loop_time
from app.observe.counters import Counters
from app.observe.trail import Step, call_ended, step, trail
from app.upstream.breaker import Breaker, Open
from app.upstream.exchange import (
    Exchange,
    ExchangeError,
    ExchangeTimeout,
    Incoming,
    Outgoing,
    Refrained,
    Sent,
    Shed,
)
from app.upstream.lanes import Crowded, Lane, Lanes, Urgency
from app.upstream.retries import (
    MOST,
    USUAL_HOLD,
    End,
    RetryBudget,
    failed,
    may_repeat,
    pause_before,
    retry_after,
)
from app.upstream.told import Told

# The longest pause that a platform may ask for (seconds).
LONGEST_HOLD = 120.0


class Purpose(Struct, frozen=True):
    """What a request is for: of which group of operations, whether it changes something, how much
    somebody waits for it, of whom it is, a team or a user, and how often it was sent with this time."""

    operation: str
    group: str
    changes: bool
    urgency: Urgency
    owner: str
    attempt: int = 1


class Resilience:
    """Sends requests. `slow_after` is when a read is slow, in seconds, and `slow_write_after` a change.

    `chance` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        exchange: Exchange,
        lanes: Lanes,
        clock: Clock,
        counters: Counters,
        chance: Callable[[], float],
        *,
        slow_after: float,
        slow_write_after: float,
    ) -> None:
        self._exchange = exchange
        self.lanes = lanes
        self._clock = clock
        self._counters = counters
        self._told = Told(counters)
        self._chance = chance
        self._slow_after = {False: slow_after, True: slow_write_after}
        # By group of operations, each from the first request on.
        self.breakers = defaultdict[str, Breaker](lambda: Breaker(clock))
        self._budget = RetryBudget(clock)
        self._held: dict[str, float] = {}

    async def send(self, request: Outgoing, key: str, purpose: Purpose, until: float) -> Incoming:
        """The answer, whatever its status. `until` is the end of the time for everything together.

        `key` is what the platform counts requests by. Raises ExchangeError.
        """
        self._budget.request()
        while True:
            end = await self._tried(request, key, purpose, until)
            pause = self._pause(end, purpose, until) if failed(end) else None
            if pause is None:
                break
            await asyncio.sleep(pause)
            purpose = replace(purpose, attempt=purpose.attempt + 1)
            if told := trail():
                told.retries += 1
        if isinstance(end, ExchangeError):
            try:
                raise end from None
            finally:
                del end  # it holds this frame
        return end

    def _pause(self, end: End, purpose: Purpose, until: float) -> float | None:
        """Seconds until what failed is asked again, None where it is not."""
        attempt = purpose.attempt
        if attempt > MOST or not may_repeat(end, changes=purpose.changes):
            return None
        if purpose.urgency is Urgency.BACKGROUND or self.breakers[purpose.group].opened:
            return None
        pause = pause_before(attempt, end, until - loop_time(), self._clock.now(), self._chance)
        if pause is None or not self._budget.take():
            return None
        self._counters.add("retries", operation=purpose.operation)
        return pause

    async def _tried(self, request: Outgoing, key: str, purpose: Purpose, until: float) -> End:
        """One attempt from a place in its lane, unless the platform is to be left alone."""
        breaker, lane = self.breakers[purpose.group], self.lanes.by_urgency[purpose.urgency]
        probe = False
        try:
            if self._held:
                self._check_hold(key, purpose)
            probe = breaker.admit()
            if not lane.enter_at_once(purpose.urgency, purpose.owner):
                await _entered(lane, purpose, until)
            try:
                end = await self._sent(request, purpose, until, breaker, probe=probe)
            finally:
                lane.leave(purpose.urgency, purpose.owner)
        except Open as error:
            self._counters.add("refrained", operation=purpose.operation, reason="breaker")
            return Refrained(f"breaker of {purpose.group}", error.wait)
        except Crowded:
            self._counters.add("shed", operation=purpose.operation)
            return Shed("no place at the platform", 1.0)
        except ExchangeError as error:
            return error
        finally:
            if probe:
                breaker.probed()
        if end.status == 429:
            self._hold(key, end)
        return self._in_seconds(end) if "retry-after" in end.headers else end

    @step(Step.UPSTREAM)
    async def _sent(
        self, request: Outgoing, purpose: Purpose, until: float, breaker: Breaker, *, probe: bool
    ) -> Incoming:
        """Sent; how it ended tells the breaker of the platform, unless it had no time to answer.

        Who asked may give up before the deadline: then it is slow if it had the time.
        """
        began = loop_time()
        enough = self._slow_after[purpose.changes]
        end: End | None = None
        try:
            end = answer = await self._exchange.send(request, until - began)
        except ExchangeError as error:
            end = error
            raise
        finally:
            took = loop_time() - began
            self._told.tell(purpose.operation, end, took)
            hurried = (end is None or isinstance(end, ExchangeTimeout)) and took < enough
            if not hurried:
                unwell = end is not None and failed(end)
                breaker.ended(probe=probe, failed=unwell, slow=took >= enough)
            if told := call_ended():
                status = end.status if isinstance(end, Incoming) else None
                told.called(purpose.operation, purpose.attempt, outcome(end), status)
            del end  # an error holds this frame
        return answer

    def _check_hold(self, key: str, purpose: Purpose) -> None:
        """Raises Refrained while nothing may be sent with this key."""
        left = self._held.get(key, 0.0) - self._clock.ticks()
        if left > 0:
            self._counters.add("refrained", operation=purpose.operation, reason="limited")
            raise Refrained("the platform takes no more requests with this key", left)
        self._held.pop(key, None)

    def _hold(self, key: str, answer: Incoming) -> None:
        """A 429 is about the key, and so about everybody who asks with it."""
        named = retry_after(answer.headers.get("retry-after"), self._clock.now())
        seconds = USUAL_HOLD if named is None else min(named, LONGEST_HOLD)
        self._held[key] = max(self._held.get(key, 0.0), self._clock.ticks() + seconds)

    def _in_seconds(self, answer: Incoming) -> Incoming:
        """With a Retry-After that is no date: everybody who reads it later wants seconds."""
        named = retry_after(answer.headers["retry-after"], self._clock.now())
        others = {name: value for name, value in answer.headers.items() if name != "retry-after"}
        mine = {} if named is None else {"retry-after": str(math.ceil(named))}
        return replace(answer, headers=others | mine)

    async def close(self) -> None:
        await self._exchange.close()


async def _entered(lane: Lane, purpose: Purpose, until: float) -> None:
    """Wait for a place, which takes from the time that there is; raises Crowded, or ExchangeTimeout."""
    try:
        async with asyncio.timeout_at(until):
            await lane.enter(purpose.urgency, purpose.owner)
    except TimeoutError:
        raise ExchangeTimeout(Sent.NO, "no place in time") from None


def outcome(end: End | None) -> str:
    """How a request to the platform ended, in a word; None is one that nobody waited for."""
    match end:
        case None:
            return "abandoned"
        case Incoming():
            return "answered"
        case ExchangeTimeout():
            return "timeout"
        case ExchangeError():
            return "failed"
