"""What goes wrong meanwhile. Each trouble lasts until a moment, and has ended when it returns."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.sandbox.faults import Kind
from tests.soak.platform import Platform
from tests.soak.processes import Installation

CREATE = (
    "createTrafficCampaign",
    "createSalesCampaign",
    "createLeadCampaign",
    "createAwarenessCampaign",
    "createEngagementCampaign",
    "createLeadForm",
)
CHANGE = ("updateCampaignStatus", "updateTeamName", "assignMembers", "deleteTeamMembers")
READ = ("getCampaigns", "getLeadForms", "getInsights", "getTeam", "getTeamConnections")
TOKENS = ("exchangeToken", "refreshToken")
# Twice as often where it may cost money.
STRUCK = CREATE + CREATE + CHANGE + READ + TOKENS
# Longer than the gateway waits for the platform, at times (seconds).
SLOWEST = 8.0
# Seconds between two faults, at most.
OFTEN = 0.3
# Seconds that a server is away.
AWAY = 2.0
# Seconds in which the gateway does not doubt a token, and a bit.
YOUNG = 65.0


class Troubles:
    """Breaks things; `until` is a moment of time.monotonic()."""

    def __init__(
        self, installation: Installation, platform: Platform, chance: random.Random
    ) -> None:
        self.installation = installation
        self.platform = platform
        self._chance = chance
        self._began = time.monotonic()
        self.arranged: Counter[str] = Counter()
        # What the platform was asked while it was down, and for how long that was counted.
        self.calls_while_down = 0

    # --- the platform -----------------------------------------------------------------------------

    async def slow(self, until: float) -> None:
        await self._strike(until, ("latency", "drip"))

    async def errors(self, until: float) -> None:
        await self._strike(until, ("status",), after=0.5, status=503)

    async def too_many(self, until: float) -> None:
        await self._strike(until, ("rate-limit",), retryAfter=1)

    async def resets(self, until: float) -> None:
        await self._strike(until, ("reset",), after=0.5)

    async def nonsense(self, until: float) -> None:
        await self._strike(until, ("garbage", "content-type", "unsuccessful"), after=0.5)

    async def tokens(self, until: float) -> None:
        """They are refused at times, and once they all end.

        A refused token that is younger than a minute is taken for missing rights, because the
        platform says both in one way. Tokens live for an hour there, hence no younger ones end here.
        """
        if time.monotonic() > self._began + YOUNG:
            await self.platform.expire_tokens()
            self.arranged["all tokens ended"] += 1
        await self._strike(until, ("token-expired",))

    async def down(self, until: float) -> None:
        """It answers nobody; what it is asked all the same is counted."""
        await self.platform.fault("*", "reset", times=None)
        await self.platform.forget_calls()
        await asyncio.sleep(max(0.0, until - time.monotonic()))
        self.calls_while_down = (await self.platform.calls()).total()
        await self.platform.heal()

    async def _strike(
        self, until: float, kinds: Sequence[Kind], *, after: float = 0.0, **more: Any
    ) -> None:
        """One fault after the other, a part of them after the platform did what it was asked."""
        while time.monotonic() < until:
            kind, operation = self._chance.choice(kinds), self._chance.choice(STRUCK)
            # A 429 says that nothing was done: said afterwards it would be a lie that nobody sees through.
            late = self._chance.random() < after and kind != "rate-limit"
            if kind in ("latency", "drip"):
                more["seconds"] = round(self._chance.uniform(0.2, SLOWEST), 1)
            times = self._chance.randrange(1, 4)
            await self.platform.fault(operation, kind, times=times, afterEffect=late, **more)
            self.arranged[f"{kind} after the effect" if late else kind] += times
            await asyncio.sleep(self._chance.uniform(0, OFTEN))
        await self.platform.heal()

    # --- Redis and the replicas -------------------------------------------------------------------

    async def redis_restarts(self, until: float) -> None:
        """Killed and started again, with what it wrote down, as often as there is time."""
        while True:
            await asyncio.to_thread(self.installation.redis.stop)
            self.arranged["redis killed"] += 1
            await asyncio.sleep(AWAY)
            await asyncio.to_thread(self.installation.redis.start)
            if not await self._calm(until, 3 * AWAY):
                return

    async def redis_forgets(self, until: float) -> None:
        """Killed, and all it held is gone: nobody has spent anything yet."""
        await asyncio.to_thread(self.installation.lose_redis)
        self.arranged["redis forgot everything"] += 1
        await asyncio.sleep(AWAY)
        await asyncio.to_thread(self.installation.redis.start)
        await self._calm(until, until)

    async def replica_killed(self, until: float) -> None:
        await self._replica(1, until, "replica killed")

    async def replica_ended(self, until: float) -> None:
        await self._replica(-1, until, "replica ended")

    async def _replica(self, number: int, until: float, how: str) -> None:
        """Gone, and started again, as often as there is time."""
        replica = self.installation.replicas[number]
        while True:
            await asyncio.to_thread(replica.kill if how == "replica killed" else replica.end)
            self.arranged[how] += 1
            await asyncio.to_thread(replica.start)
            if not await self._calm(until, AWAY):
                return

    async def everything(self, until: float) -> None:
        """All kinds of faults, and a replica killed among them, then Redis."""
        kinds: tuple[Kind, ...] = ("latency", "status", "rate-limit", "reset", "garbage")
        half = (time.monotonic() + until) / 2
        faults = asyncio.create_task(self._strike(until, kinds, after=0.3))
        await self.replica_killed(half)
        await self.redis_restarts(until)
        await faults

    async def _calm(self, until: float, seconds: float) -> bool:
        """Wait so long, or until the end; whether there is time left."""
        await asyncio.sleep(max(0.0, min(seconds, until - time.monotonic())))
        return time.monotonic() < until
