"""How much one user, and all users of one team together, may ask of the platform in a minute.

Changes and reads are counted apart. What costs the platform nothing is not counted: answers that are
kept, what somebody else is fetching already, replays, and what is refused here. Nor are the facts that
access is decided on, and answers that are renewed before they are missed.
"""

from __future__ import annotations

from typing import Any

from app.cache.rates import Quota, Rates, Share
from app.catalogue.known import Known
from app.catalogue.operation import Operation, Read, Write
from app.settings import LimitSettings


class Quotas:
    """To be asked once access was allowed: only then does it count for the team that is named."""

    def __init__(self, rates: Rates, limits: LimitSettings) -> None:
        self._rates = rates
        reads, writes = limits.reads_per_minute, limits.writes_per_minute
        # Whether there is anything to ask `read` for.
        self.limit_reads = bool(reads)
        self._reads = (
            Quota("reads", reads, "You asked for too much in the last minute. Wait a moment."),
            Quota(
                "team-reads",
                reads,
                "Your team asked for too much in the last minute. Wait a moment.",
            ),
        )
        self._writes = (
            Quota("writes", writes, "You made too many changes in the last minute. Wait a moment."),
            Quota(
                "team-writes",
                writes,
                "Your team made too many changes in the last minute. Wait a moment.",
            ),
        )

    async def read(self, operation: Read[Any], known: Known) -> None:
        """One answer has to be fetched; raises RateLimited."""
        if self.limit_reads:
            await self._count(self._reads, operation, known)

    async def write(self, operation: Write[Any], known: Known) -> None:
        """One change is about to be sent; raises RateLimited."""
        await self._count(self._writes, operation, known)

    async def _count(
        self, quotas: tuple[Quota, Quota], operation: Operation[Any], known: Known
    ) -> None:
        of_user, of_team = quotas
        shares = [Share(of_user, known.caller.user)]
        if (team_id := getattr(operation, "team_id", None)) is not None:
            shares.append(Share(of_team, team_id))
        await self._rates.count(*shares)
