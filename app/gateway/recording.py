"""What the ledger remembers of a change to permissions, before and after it.

The stricter side is remembered before sending, the looser one only after a 2xx: whatever happens in
between, an outcome that nobody saw never leaves somebody with more than he should have. Two changes
of one permission at a time may reach the platform in either order: then the stricter one stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.catalogue.known import Known
from app.catalogue.operation import Write
from app.clock import Clock
from app.ledger.grants import Entry, GrantRow, Grants, Remembered


class Recording:
    """Writes permissions into the ledger around a change."""

    def __init__(self, grants: Grants, clock: Clock) -> None:
        self._grants = grants
        self._clock = clock

    async def before(self, operation: Write[object], known: Known) -> Sequence[Entry]:
        """Remember what is stricter than before; gives what `after` and `undo` need."""
        wanted = [*self._wanted(operation, known), *await self._ended(operation, known)]
        return await self._grants.tighten(wanted) if wanted else ()

    async def undo(self, entries: Sequence[Entry]) -> None:
        """The platform refused: nothing changed there, so nothing changes here."""
        if entries:
            await self._grants.undo(entries)

    async def after(self, operation: Write[object], known: Known, entries: Sequence[Entry]) -> None:
        """The platform did it."""
        if entries:
            await self._grants.settle(entries)
        if ended := await self._ended(operation, known):
            await self._grants.tighten(ended)  # what was granted while this was under way

    def _wanted(self, operation: Write[object], known: Known) -> Iterator[GrantRow]:
        by, at = known.caller.user, self._clock.now()
        for grant in operation.grants(known):
            permission = Remembered(grant.permission) if grant.permission else Remembered.REVOKED
            yield GrantRow(grant.team_id, grant.ad_account_id, grant.user, permission, by, at)

    async def _ended(self, operation: Write[object], known: Known) -> list[GrantRow]:
        """Who leaves a team loses what he was granted there; coming back does not restore it."""
        by, at = known.caller.user, self._clock.now()
        return [
            GrantRow(team_id, row.ad_account_id, user, Remembered.REVOKED, by, at)
            for team_id, user in operation.ends_grants_of()
            for row in await self._grants.in_team(team_id, user)
        ]
