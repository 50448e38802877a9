"""Clients that spend money as they are told to: under one key until its end is known.

201                                    made
409 write-pending, 504                 ask getWrite until it tells an end
no answer, or another refusal          the same key again, after a pause
getWrite: unknown                      look at the account; a new key only if it is not there
getWrite: failed, or no such write     the same key again: nothing was made
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count

from tests.money.asks import PATHS
from tests.soak.callers import Callers
from tests.soak.intents import FORM, End, Intent
from tests.soak.places import PLACES

OPERATIONS = tuple(PATHS)
# Two people want one thing each, of one name, at the same moment.
TWINS = 0.15
# Who was told that nothing was made leaves it at that.
GIVE_UP = 0.2
# Of those who send it again, and of those who are asked to wait (seconds).
SHORT, LONG = (0.2, 1.0), (1.0, 8.0)
# Requests at once, so that a slow gateway is not buried; and open ends, of which some take minutes.
AT_ONCE, OPEN = 12, 300
Step = Callable[["Intent"], Awaitable["Step | None"]]


@dataclass
class Spenders:
    """All who want something made; `intents` are what they want."""

    callers: Callers
    seed: int
    chance: random.Random
    intents: list[Intent] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    # Once nobody wants anything new, what failed is not tried again.
    ending: bool = False

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._places = asyncio.Semaphore(AT_ONCE)

    @property
    def full(self) -> bool:
        return len(self.tasks) >= OPEN

    def want(self) -> None:
        """Somebody, sometimes two, set out for something new."""
        place = self.chance.choice(PLACES)
        operation = self.chance.choice(OPERATIONS)
        name = f"Soak {self.seed} {next(self._numbers)}"
        users = list(place.users)
        self.chance.shuffle(users)
        for user in users[: 2 if self.chance.random() < TWINS else 1]:
            intent = Intent(len(self.intents), user, place, operation, name, self.seed)
            self.intents.append(intent)
            task = asyncio.create_task(self._carry_out(intent))
            self.tasks.add(task)
            task.add_done_callback(self._ended)

    async def end(self, patience: float) -> None:
        """Wait for the end of what is open; after so many seconds it stays open."""
        self.ending = True
        if self.tasks:
            _, late = await asyncio.wait(self.tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.callers.tally.breaches.append(f"a client could not go on: {fault!r}")

    # --- one intent -------------------------------------------------------------------------------

    async def _carry_out(self, intent: Intent) -> None:
        intent.new_key()
        step: Step | None = self._send
        while step is not None:
            async with self._places:
                step = await step(intent)
            if step is not None:
                await asyncio.sleep(self.chance.uniform(*(SHORT if step == self._send else LONG)))

    async def _send(self, intent: Intent) -> Step | None:
        answer = await self.callers.ask(
            "money",
            intent.user,
            "POST",
            intent.path,
            key=intent.key,
            params=intent.place.query,
            body=intent.body,
        )
        match answer.status:
            case 201:
                intent.ended(End.CREATED, answer.body)
            case 400 | 422:
                self.callers.tally.breaches.append(f"{answer.end} to {intent.operation}")
                intent.ended(End.FAILED)
            case 409 | 500 | 504:
                return self._ask
            case _:
                return self._ask if self._gives_up() else self._send
        return None

    def _gives_up(self) -> bool:
        """Whether nothing is tried again that was not done."""
        return self.ending or self.chance.random() < GIVE_UP

    async def _ask(self, intent: Intent) -> Step | None:
        answer = await self.callers.ask("outcome", intent.user, "GET", f"/writes/{intent.key}")
        match answer.status, (answer.body or {}).get("state"):
            case 200, "succeeded":
                intent.ended(End.SETTLED, answer.body["answer"])
            case 200, "unknown":
                return self._look
            case 200, "failed" if self._gives_up():
                intent.ended(End.FAILED)
            case (200, "failed") | (404, _):
                return self._send
            case _:
                return self._ask
        return None

    async def _look(self, intent: Intent) -> Step | None:
        """What a person does who is told that nobody knows."""
        listing = "/meta/lead-forms" if intent.operation == FORM else "/meta/campaigns"
        params = {**intent.place.query, "limit": "200"}
        while True:
            answer = await self.callers.ask(
                "read", intent.user, "GET", f"/teams/{intent.place.team}{listing}", params=params
            )
            if not answer.ok:
                return self._look
            if any(one["name"] == intent.name for one in answer.body["items"]):
                intent.ended(End.SEEN)
                return None
            if not (cursor := answer.body.get("nextCursor")):
                break
            params["cursor"] = cursor
        # It is late enough: whatever was under way has arrived, or never will.
        intent.new_key()
        return self._send
