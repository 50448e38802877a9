"""The ledger of permissions in SQLite, for one process or several on one machine.

Look-ups are by primary key on a local file, some microseconds, and made in place; changes wait for
the disk in a thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import astuple
from typing import TypeVar

from app.ledger.grants import Entry, Forgotten, GrantRow, Remembered
from app.ledger.sqlite_file import opened

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
_ONE = "WHERE team_id = ? AND ad_account_id = ? AND user = ?"


class SqliteGrants:
    """One connection, guarded, since SQLite has one writer anyway."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._database = opened(path, SCHEMA)

    async def find(self, team_id: str, ad_account_id: str, user: str) -> GrantRow | None:
        rows = self._select(_ONE, (team_id, ad_account_id, user))
        return rows[0] if rows else None

    async def in_team(self, team_id: str, user: str) -> list[GrantRow]:
        return self._select(
            "WHERE team_id = ? AND user = ? ORDER BY ad_account_id", (team_id, user)
        )

    async def on_account(self, team_id: str, ad_account_id: str) -> list[GrantRow]:
        return self._select(
            "WHERE team_id = ? AND ad_account_id = ? ORDER BY user", (team_id, ad_account_id)
        )

    async def tighten(self, rows: Sequence[GrantRow]) -> list[Entry]:
        def tighten() -> list[Entry]:
            entries = []
            for row in rows:
                entries.append(entry := Entry.of(row, self._at(row)))
                self._put(row, entry.standing)
            return entries

        return await self._change(tighten)

    async def settle(self, entries: Sequence[Entry]) -> None:
        def settle() -> None:
            for entry in entries:
                self._put(entry.wanted, entry.settled(self._at(entry.wanted)))

        await self._change(settle)

    async def undo(self, entries: Sequence[Entry]) -> None:
        def undo() -> None:
            for entry in entries:
                self._put(entry.wanted, entry.undone(self._at(entry.wanted)))

        await self._change(undo)

    async def forget(self, user: str) -> Forgotten:
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

    def _at(self, row: GrantRow) -> GrantRow | None:
        rows = self._select(_ONE, (row.team_id, row.ad_account_id, row.user))
        return rows[0] if rows else None

    def _put(self, at: GrantRow, row: GrantRow | None) -> None:
        if row is None:
            values = (at.team_id, at.ad_account_id, at.user)
            self._database.execute(f"DELETE FROM grants {_ONE}", values)  # noqa: S608  # a literal
        else:
            self._database.execute("REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?)", astuple(row))

    def _select(self, where: str, values: tuple[str, ...]) -> list[GrantRow]:
        columns = "team_id, ad_account_id, user, permission, set_by, set_at"
        with self._lock:
            # `where` is one of the literals above; values are bound.
            question = f"SELECT {columns} FROM grants {where}"  # noqa: S608
            found = self._database.execute(question, values).fetchall()
        return [GrantRow(t, a, u, Remembered(p), by, at) for t, a, u, p, by, at in found]
