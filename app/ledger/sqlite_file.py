"""The ledger's SQLite file: permissions and attempts, each in tables of its own, and one layout of all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

# Raised with every change of the tables, or of what stands in a record. A file keeps the highest that
# wrote it (`PRAGMA user_version`; 0 is a new one).
LAYOUT = 1


class LaterLayout(sqlite3.DatabaseError):
    """A later release wrote the file: what it remembers would be taken for nothing."""


def opened(path: str, schema: str) -> sqlite3.Connection:
    """A connection that writes each change to the disk, with these tables made; raises OSError and
    sqlite3.Error."""
    if path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        _claim(database)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.executescript(schema)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _claim(database: sqlite3.Connection) -> None:
    (layout,) = database.execute("PRAGMA user_version").fetchone()
    if layout > LAYOUT:
        raise LaterLayout(
            f"a later release wrote it (layout {layout}, this one reads {LAYOUT}); start that release, "
            "or name another file"
        )
    if layout < LAYOUT:
        # A pragma takes no bound values.
        database.execute(f"PRAGMA user_version = {LAYOUT}")
