"""What the gateway remembers of ad-account permissions, durably.

The platform lets us set MANAGER and VIEWER and never read them. A change is remembered in two steps,
what is stricter before it is sent and what is looser afterwards (gateway/recording.py); what each step
does to a record that others may have changed meanwhile is decided here, for every kind of ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Remembered(StrEnum):
    """A permission as it is remembered, from the strictest to the loosest."""

    REVOKED = "REVOKED"
    VIEWER = "VIEWER"
    MANAGER = "MANAGER"

    @property
    def allows(self) -> int:
        return list(Remembered).index(self)


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One remembered permission; `set_at` in seconds since the epoch."""

    team_id: str
    ad_account_id: str
    user: str
    permission: Remembered
    set_by: str
    set_at: float

    def tightens(self, prior: GrantRow | None) -> bool:
        """Where nothing was known anything but MANAGER may take something away."""
        if prior is None:
            return self.permission is not Remembered.MANAGER
        return self.permission.allows < prior.permission.allows


@dataclass(frozen=True, slots=True)
class Entry:
    """A permission on its way: what is `wanted`, what was remembered `prior` to it, and what is
    `standing` in between."""

    wanted: GrantRow
    prior: GrantRow | None
    standing: GrantRow | None

    @classmethod
    def of(cls, wanted: GrantRow, now: GrantRow | None) -> Entry:
        """Only what is stricter than what is known stands from now on."""
        return cls(wanted, now, wanted if wanted.tightens(now) else now)

    def settled(self, now: GrantRow | None) -> GrantRow | None:
        """What was wanted; where others changed the record meanwhile, only if it is stricter."""
        return self.wanted if now == self.standing or self.wanted.tightens(now) else now

    def undone(self, now: GrantRow | None) -> GrantRow | None:
        """What was known before; where others changed the record meanwhile, theirs."""
        return self.prior if now == self.standing else now


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many permissions a user `held`, how many he had `given` to others, and how many `writes`
    that spend money are no longer remembered."""

    held: int
    given: int
    writes: int = 0


class Grants(Protocol):
    """The ledger of permissions. Raises AccessUnavailable where it cannot be read or written."""

    async def find(self, team_id: str, ad_account_id: str, user: str) -> GrantRow | None:
        """What is remembered of one user on one account in one team."""

    async def in_team(self, team_id: str, user: str) -> list[GrantRow]:
        """All that is remembered of one user in one team, by account."""

    async def on_account(self, team_id: str, ad_account_id: str) -> list[GrantRow]:
        """All that is remembered of one account in one team, by user."""

    async def tighten(self, rows: Sequence[GrantRow]) -> list[Entry]:
        """Remember those of these permissions that are stricter than what is known."""

    async def settle(self, entries: Sequence[Entry]) -> None:
        """The change was made: remember what was wanted."""

    async def undo(self, entries: Sequence[Entry]) -> None:
        """The change was not made: know again what was known before."""

    async def forget(self, user: str) -> Forgotten:
        """Erase what is remembered of a user; what he set for others stays and no longer says who."""

    async def close(self) -> None: ...
