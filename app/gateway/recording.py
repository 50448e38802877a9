"""What the ledger remembers of a change to permissions, before and after it.

The stricter side is remembered before sending, the looser one only after a 2xx: whatever happens in
between, an outcome that nobody saw never leaves somebody with more than he should have.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.catalogue.known import Known
from app.catalogue.operation import Grant, Write
from app.clock import Clock
from app.ledger.grants import GrantRow, Grants, Remembered


class Recording:
    """Writes permissions into the ledger around a change."""

    def __init__(self, grants: Grants, clock: Clock) -> None:
        self._grants = grants
        self._clock = clock

    async def before(self, operation: Write[object], known: Known) -> Sequence[GrantRow | None]:
        """Remember what is stricter than before; gives what was known, for `undo`."""
        wanted = [self._row(grant, known) for grant in operation.grants(known)]
        prior = [self._grants.find(row.team_id, row.ad_account_id, row.user) for row in wanted]
        stricter = [
            row for row, known_row in zip(wanted, prior, strict=True) if _tightens(row, known_row)
        ]
        if stricter:
            await self._grants.put(stricter)
        return prior

    async def undo(
        self, operation: Write[object], known: Known, prior: Sequence[GrantRow | None]
    ) -> None:
        """The platform refused: nothing changed there, so nothing changes here."""
        for grant, row in zip(operation.grants(known), prior, strict=True):
            if row is None:
                await self._grants.forget(grant.team_id, grant.ad_account_id, grant.user)
            else:
                await self._grants.put([row])

    async def after(self, operation: Write[object], known: Known) -> None:
        """The platform did it."""
        rows = [self._row(grant, known) for grant in operation.grants(known)]
        if rows:
            await self._grants.put(rows)
        for team_id, user in operation.ends_grants_of():
            await self._grants.revoke_in_team(team_id, user, known.caller.user, self._clock.now())

    def _row(self, grant: Grant, known: Known) -> GrantRow:
        permission = Remembered(grant.permission) if grant.permission else Remembered.REVOKED
        by, at = known.caller.user, self._clock.now()
        return GrantRow(grant.team_id, grant.ad_account_id, grant.user, permission, by, at)


def _tightens(row: GrantRow, prior: GrantRow | None) -> bool:
    """Where nothing was known anything but MANAGER may take something away."""
    if prior is None:
        return row.permission is not Remembered.MANAGER
    return row.permission.allows < prior.permission.allows
