"""One request to the platform, whatever goes wrong on the way.

Read downwards: `send` asks again where that helps and does no harm; `_tried` leaves the platform alone
while it takes no requests or fails; `_placed` waits for a place; then it is sent.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace

from app.clock import Clock, loop_time
from app.observe.counters import Counters
from app.observe.trail import Step, call_ended, step, trail
from app.record import record
from app.upstream.breaker import Breaker, Open, Trial
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
from app.upstream.lanes import Crowded, Lanes, Urgency
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


@record
class Purpose:
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
        self.breakers: dict[str, Breaker] = {}
        self._budget = RetryBudget(clock)
        self._held: dict[str, float] = {}

    async def send(
        self, request: Outgoing, key: str, purpose: Purpose, deadline: float
    ) -> Incoming:
        """The answer, whatever its status. `deadline` is seconds for everything together.

        `key` is what the platform counts requests by. Raises ExchangeError.
        """
        until = loop_time() + deadline
        self._budget.request()
        attempt = 1
        while True:
            end = await self._tried(request, key, purpose, until)
            pause = self._pause(attempt, end, purpose, until)
            if pause is None:
                break
            await asyncio.sleep(pause)
            attempt += 1
            purpose = replace(purpose, attempt=attempt)
            if told := trail():
                told.retries += 1
        if isinstance(end, ExchangeError):
            try:
                raise end from None
            finally:
                del end  # it holds this frame
        return end

    def _pause(self, attempt: int, end: End, purpose: Purpose, until: float) -> float | None:
        """Seconds until it is asked again, None where it is not."""
        if not failed(end) or attempt > MOST or not may_repeat(end, changes=purpose.changes):
            return None
        if purpose.urgency is Urgency.BACKGROUND or self._breaker(purpose).opened:
            return None
        pause = pause_before(attempt, end, until - loop_time(), self._clock.now(), self._chance)
        if pause is None or not self._budget.take():
            return None
        self._counters.add("retries", operation=purpose.operation)
        return pause

    async def _tried(self, request: Outgoing, key: str, purpose: Purpose, until: float) -> End:
        """One attempt, unless the platform is to be left alone."""
        if (left := self._held.get(key, 0.0) - self._clock.ticks()) > 0:
            self._counters.add("refrained", operation=purpose.operation, reason="limited")
            return Refrained("the platform takes no more requests with this key", left)
        try:
            with Trial(self._breaker(purpose)) as trial:
                end = await self._placed(request, purpose, until, trial)
        except Open as error:
            self._counters.add("refrained", operation=purpose.operation, reason="breaker")
            return Refrained(f"breaker of {purpose.group}", error.wait)
        except Crowded:
            self._counters.add("shed", operation=purpose.operation)
            return Shed("no place at the platform", 1.0)
        except ExchangeError as error:
            return error
        if end.status == 429:
            self._hold(key, end)
        return self._in_seconds(end)

    async def _placed(
        self, request: Outgoing, purpose: Purpose, until: float, trial: Trial
    ) -> Incoming:
        """Sent from a place in its lane; waiting for one takes from the time that there is."""
        lane = self.lanes.of(purpose.urgency)
        if not lane.enter_at_once(purpose.urgency, purpose.owner):
            try:
                async with asyncio.timeout_at(until):
                    await lane.enter(purpose.urgency, purpose.owner)
            except TimeoutError:
                raise ExchangeTimeout(Sent.NO, "no place in time") from None
        try:
            return await self._sent(request, purpose, until, trial)
        finally:
            lane.leave(purpose.urgency, purpose.owner)

    @step(Step.UPSTREAM)
    async def _sent(
        self, request: Outgoing, purpose: Purpose, until: float, trial: Trial
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
                trial.ended(failed=end is not None and failed(end), slow=took >= enough)
            status = end.status if isinstance(end, Incoming) else None
            call_ended(purpose.operation, purpose.attempt, outcome(end), status)
            del end  # an error holds this frame
        return answer

    def _breaker(self, purpose: Purpose) -> Breaker:
        known = self.breakers.get(purpose.group)
        if known is None:
            known = self.breakers[purpose.group] = Breaker(self._clock)
        return known

    def _hold(self, key: str, answer: Incoming) -> None:
        """A 429 is about the key, and so about everybody who asks with it."""
        named = retry_after(answer.headers.get("retry-after"), self._clock.now())
        seconds = USUAL_HOLD if named is None else min(named, LONGEST_HOLD)
        self._held[key] = max(self._held.get(key, 0.0), self._clock.ticks() + seconds)

    def _in_seconds(self, answer: Incoming) -> Incoming:
        """With a Retry-After that is no date: everybody who reads it later wants seconds."""
        if "retry-after" not in answer.headers:
            return answer
        named = retry_after(answer.headers.get("retry-after"), self._clock.now())
        others = {name: value for name, value in answer.headers.items() if name != "retry-after"}
        mine = {} if named is None else {"retry-after": str(math.ceil(named))}
        return replace(answer, headers=others | mine)

    async def close(self) -> None:
        await self._exchange.close()


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
