"""One soak: start it all, go through the phases, mend everything, and look what is left."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.soak.callers import Callers
from tests.soak.changes import LATE, owned
from tests.soak.intents import Intent
from tests.soak.load import Load
from tests.soak.money import Spenders
from tests.soak.phases import DOWN, LONG, Phase
from tests.soak.places import PLACES
from tests.soak.platform import Platform
from tests.soak.processes import Installation, installation
from tests.soak.readers import Readers
from tests.soak.tally import Tally
from tests.soak.troubles import Troubles
from tests.soak.verdict import Verdict, judge_money

# Files that a process may hold more than in the beginning: connections that are kept open to the
# platform (100 at most) and to Redis, which end when they are idle.
MORE_FILES = 130
# Seconds after which a gateway gives up finding out, and a bit.
FINDING_OUT = 160.0
# Seconds for connections to be seen to have been closed.
GOODBYE = 1.0
Holds = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds: of the phases; `patience` for the ends of open writes; `late`, after which whatever is
    under way to the platform has arrived."""

    seconds: float
    seed: int
    replicas: int = 3
    phases: Sequence[Phase] = LONG
    patience: float = FINDING_OUT
    late: float = LATE


@dataclass
class Result:
    """All that the report is made of."""

    plan: Plan
    verdict: Verdict
    tally: Tally
    intents: list[Intent]
    changes: dict[str, int]
    arranged: Counter[str]
    calls_while_down: int
    stream_events: int
    sign_ins: int
    before: Holds
    after: Holds
    exits: list[int]

    @property
    def amplification(self) -> float | None:
        """Calls at the platform for each request, while it was down."""
        asked = self.tally.total(DOWN)
        return self.calls_while_down / asked if asked else None


class Soak:
    """Runs once."""

    def __init__(self, plan: Plan, running: Installation) -> None:
        self._plan = plan
        self._running = running
        self._tally = Tally()
        chance = random.Random(plan.seed)
        self._platform = Platform(f"http://127.0.0.1:{running.sandbox.port}")
        self._callers = Callers(running.origins, self._tally, chance)
        self._spenders = Spenders(self._callers, plan.seed, chance)
        self._readers = Readers(self._callers)
        self._things = owned(self._callers, self._platform)
        self._load = Load(self._callers, self._readers, self._spenders, self._things, plan.seed)
        self._troubles = Troubles(running, self._platform, chance)
        self._verdict = Verdict()

    async def run(self) -> Result:
        """Returns when all has ended; whoever is open then stays so."""
        self._load.start()
        before = self._running.holds()
        for phase in self._plan.phases:
            await self._pass(phase)
        self._tally.phase = "afterwards"
        self._load.turn()
        await self._platform.heal()
        await self._spenders.end(self._plan.patience)
        await self._load.stop()
        await asyncio.sleep(self._plan.late)
        await self._compare()
        await self._callers.close()
        await asyncio.sleep(GOODBYE)
        after = self._running.holds()
        self._judge_holds(before, after)
        await self._platform.close()
        return self._result(before, after)

    async def _pass(self, phase: Phase) -> None:
        self._tally.phase = phase.name
        until = time.monotonic() + phase.share * self._plan.seconds
        self._load.turn(*phase.works)
        if phase.trouble is not None:
            await phase.trouble(self._troubles, until)
        await asyncio.sleep(max(0.0, until - time.monotonic()))

    async def _compare(self) -> None:
        there: dict[str, list[str]] = defaultdict(list)
        for place in PLACES:
            listed = await self._platform.campaigns(place.team, place.account)
            listed += await self._platform.lead_forms(place.team, place.account)
            for one in listed:
                if one["name"].startswith("Soak "):
                    there[one["name"]].append(one["id"])
        judge_money(self._verdict, self._spenders.intents, there)
        for thing in self._things:
            truth = await thing.truth()
            if thing.written and truth not in thing.possible:
                self._verdict.changes_lost.append(
                    f"{thing.name} is {truth}, not {sorted(thing.possible)}"
                )
            self._verdict.changes_unseen += thing.unseen
        self._verdict.breaches += self._tally.breaches

    def _judge_holds(self, before: Holds, after: Holds) -> None:
        for name, held in after.items():
            if held["files"] > before[name]["files"] + MORE_FILES:
                self._verdict.leaks.append(f"{name} holds {held['files']} files")

    def _result(self, before: Holds, after: Holds) -> Result:
        replicas = self._running.replicas
        for replica in replicas:
            replica.end()
            self._verdict.troubles += replica.troubles()
        exits = [code for replica in replicas for code in replica.exits]
        self._verdict.troubles += [f"ended with {code}" for code in exits if code != 0]
        return Result(
            self._plan,
            self._verdict,
            self._tally,
            self._spenders.intents,
            {thing.name: thing.written for thing in self._things},
            self._troubles.arranged,
            self._troubles.calls_while_down,
            self._readers.events,
            self._readers.sign_ins,
            before,
            after,
            exits,
        )


def soak(plan: Plan, folder: Path) -> Result:
    """The whole of it; the folder holds what the processes say and write."""
    with installation(folder, plan.replicas) as running:
        return asyncio.run(Soak(plan, running).run())
