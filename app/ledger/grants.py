"""What the gateway remembers of ad-account permissions, durably, in SQLite.

The platform lets us set MANAGER and VIEWER and never read them. Look-ups are by primary key on a
local file, some microseconds, and made in place; changes wait for the disk in a thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
    team_id TEXT NOT NULL,
    ad_account_id TEXT NOT NULL,
    user TEXT NOT NULL,
    permission TEXT NOT NULL CHECK (permission IN ('MANAGER', 'VIEWER', 'REVOKED')),
    set_by TEXT NOT NULL,
    set_at REAL NOT NULL,
    PRIMARY KEY (team_id, ad_account_id, user)
) WITHOUT ROWID
"""


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


@dataclass(frozen=True, slots=True)
class Entry:
    """A permission on its way: what is `wanted`, what was remembered `prior` to it, and what is
    `standing` in between."""

    wanted: GrantRow
    prior: GrantRow | None
    standing: GrantRow | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many permissions a user `held`, and how many he had `given` to others."""

    held: int
    given: int


class Grants:
    """The ledger of permissions. One connection, guarded, since SQLite has one writer anyway."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(SCHEMA)

    def find(self, team_id: str, ad_account_id: str, user: str) -> GrantRow | None:
        """What is remembered of one user on one account in one team."""
        rows = self._select(
            "WHERE team_id = ? AND ad_account_id = ? AND user = ?", (team_id, ad_account_id, user)
        )
        return rows[0] if rows else None

    def in_team(self, team_id: str, user: str) -> list[GrantRow]:
        """All that is remembered of one user in one team, by account."""
        return self._select(
            "WHERE team_id = ? AND user = ? ORDER BY ad_account_id", (team_id, user)
        )

    def on_account(self, team_id: str, ad_account_id: str) -> list[GrantRow]:
        """All that is remembered of one account in one team, by user."""
        return self._select(
            "WHERE team_id = ? AND ad_account_id = ? ORDER BY user", (team_id, ad_account_id)
        )

    async def tighten(self, rows: Sequence[GrantRow]) -> list[Entry]:
        """Remember those of these permissions that are stricter than what is known."""
        return await self._change(lambda: [self._tighten(row) for row in rows])

    async def settle(self, entries: Sequence[Entry]) -> None:
        """Remember what was wanted; where others changed the record meanwhile, only if stricter."""

        def settle() -> None:
            for entry in entries:
                now = self._at(entry.wanted)
                if now == entry.standing or _tightens(entry.wanted, now):
                    self._put(entry.wanted)

        await self._change(settle)

    async def undo(self, entries: Sequence[Entry]) -> None:
        """Know again what was known before; where others changed the record meanwhile, theirs."""

        def undo() -> None:
            for entry in entries:
                if entry.standing == entry.prior or self._at(entry.wanted) != entry.standing:
                    continue
                if entry.prior is None:
                    self._forget(entry.wanted)
                else:
                    self._put(entry.prior)

        await self._change(undo)

    async def forget(self, user: str) -> Forgotten:
        """Erase what is remembered of a user; what he set for others stays and no longer says who."""

        def forget() -> Forgotten:
            held = self._database.execute("DELETE FROM grants WHERE user = ?", (user,))
            given = self._database.execute(
                "UPDATE grants SET set_by = '' WHERE set_by = ?", (user,)
            )
            return Forgotten(held.rowcount, given.rowcount)

        return await self._change(forget)

    async def close(self) -> None:
        def close() -> None:
            with self._lock:
                self._database.close()

        await asyncio.to_thread(close)

    async def _change(self, change: Callable[[], T]) -> T:
        """All of it or nothing, on the disk when this returns."""

        def guarded() -> T:
            with self._lock:
                self._database.execute("BEGIN IMMEDIATE")
                with self._database:
                    return change()

        return await asyncio.to_thread(guarded)

    def _tighten(self, row: GrantRow) -> Entry:
        prior = self._at(row)
        if not _tightens(row, prior):
            return Entry(row, prior, prior)
        self._put(row)
        return Entry(row, prior, row)

    def _at(self, row: GrantRow) -> GrantRow | None:
        return self.find(row.team_id, row.ad_account_id, row.user)

    def _put(self, row: GrantRow) -> None:
        self._database.execute("REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?)", astuple(row))

    def _forget(self, row: GrantRow) -> None:
        self._database.execute(
            "DELETE FROM grants WHERE team_id = ? AND ad_account_id = ? AND user = ?",
            (row.team_id, row.ad_account_id, row.user),
        )

    def _select(self, where: str, values: tuple[str, ...]) -> list[GrantRow]:
        columns = "team_id, ad_account_id, user, permission, set_by, set_at"
        with self._lock:
            # `where` is one of the literals above; values are bound.
            question = f"SELECT {columns} FROM grants {where}"  # noqa: S608
            found = self._database.execute(question, values).fetchall()
        return [GrantRow(t, a, u, Remembered(p), by, at) for t, a, u, p, by, at in found]


def _tightens(row: GrantRow, prior: GrantRow | None) -> bool:
    """Where nothing was known anything but MANAGER may take something away."""
    if prior is None:
        return row.permission is not Remembered.MANAGER
    return row.permission.allows < prior.permission.allows
