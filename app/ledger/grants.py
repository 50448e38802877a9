"""What the gateway remembers of ad-account permissions, durably, in SQLite.

The platform lets us set MANAGER and VIEWER and never read them. Look-ups are by primary key on a
local file, some microseconds, and made in place; changes wait for the disk in a thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

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


class Grants:
    """The ledger of permissions. One connection, guarded, since SQLite has one writer anyway."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
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

    def on_account(self, team_id: str, ad_account_id: str) -> list[GrantRow]:
        """All that is remembered of one account in one team, by user."""
        return self._select(
            "WHERE team_id = ? AND ad_account_id = ? ORDER BY user", (team_id, ad_account_id)
        )

    async def put(self, rows: Iterable[GrantRow]) -> None:
        """Remember these permissions in place of what was known."""
        values = [
            (r.team_id, r.ad_account_id, r.user, r.permission, r.set_by, r.set_at) for r in rows
        ]
        await self._change(
            lambda: self._database.executemany(
                "REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?)", values
            )
        )

    async def forget(self, team_id: str, ad_account_id: str, user: str) -> None:
        """Know nothing again of one user on one account in one team."""
        await self._change(
            lambda: self._database.execute(
                "DELETE FROM grants WHERE team_id = ? AND ad_account_id = ? AND user = ?",
                (team_id, ad_account_id, user),
            )
        )

    async def revoke_in_team(self, team_id: str, user: str, by: str, at: float) -> None:
        """Who leaves a team loses what he was granted there; coming back does not restore it."""
        await self._change(
            lambda: self._database.execute(
                "UPDATE grants SET permission = 'REVOKED', set_by = ?, set_at = ? "
                "WHERE team_id = ? AND user = ?",
                (by, at, team_id, user),
            )
        )

    async def close(self) -> None:
        await self._change(self._database.close)

    def _select(self, where: str, values: tuple[str, ...]) -> list[GrantRow]:
        columns = "team_id, ad_account_id, user, permission, set_by, set_at"
        with self._lock:
            # `where` is one of the literals above; values are bound.
            question = f"SELECT {columns} FROM grants {where}"  # noqa: S608
            found = self._database.execute(question, values).fetchall()
        return [GrantRow(t, a, u, Remembered(p), by, at) for t, a, u, p, by, at in found]

    async def _change(self, change: Callable[[], object]) -> None:
        def guarded() -> None:
            with self._lock:
                change()

        await asyncio.to_thread(guarded)
