"""Records in SQLite: kept for a while under a key, and still there after the process.

For one process or several on one machine. The protocol is `session.records.Records`; one suite of
tests holds all kinds to it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from app.clock import Clock
from app.ledger.sqlite_file import opened

T = TypeVar("T")
R = TypeVar("R")

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record_names (
    kind TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (kind, name, key)
) WITHOUT ROWID;
"""


class SqliteRecords(Generic[T]):
    """`kind` keeps them apart from other records of the same file."""

    def __init__(
        self, path: str, kind: str, of: type[T], clock: Clock, names: Callable[[T], Collection[str]]
    ) -> None:
        self._kind = kind
        self._written: TypeAdapter[T] = TypeAdapter(of)
        self._clock = clock
        self._names = names
        self._lock = threading.RLock()
        self._database = opened(path, SCHEMA)

    async def put(self, key: str, value: T, until: float) -> None:
        await self._change(lambda: self._keep(key, value, until))

    async def add(self, key: str, value: T, until: float) -> bool:
        def add() -> bool:
            free = self._alive(key) is None
            if free:
                self._keep(key, value, until)
            return free

        return await self._change(add)

    async def replace(self, key: str, value: T, until: float) -> bool:
        def replace() -> bool:
            there = self._alive(key) is not None
            if there:
                self._keep(key, value, until)
            return there

        return await self._change(replace)

    async def exchange(self, key: str, known: T, value: T, until: float) -> bool:
        def exchange() -> bool:
            the_same = self._alive(key) == known
            if the_same:
                self._keep(key, value, until)
            return the_same

        return await self._change(exchange)

    async def get(self, key: str) -> T | None:
        with self._lock:
            return self._alive(key)

    async def take(self, key: str) -> T | None:
        return await self._change(lambda: self._taken(key))

    async def named(self, name: str) -> list[T]:
        with self._lock:
            found = [self._alive(key) for key in self._bearers(name)]
        return [value for value in found if value is not None]

    async def take_named(self, name: str) -> list[T]:
        def take() -> list[T]:
            taken = [self._taken(key) for key in self._bearers(name)]
            return [value for value in taken if value is not None]

        return await self._change(take)

    async def close(self) -> None:
        def close() -> None:
            with self._lock:
                self._database.close()

        await asyncio.to_thread(close)

    async def _change(self, change: Callable[[], R]) -> R:
        """All of it or nothing, on the disk when this returns."""

        def guarded() -> R:
            with self._lock:
                self._database.execute("BEGIN IMMEDIATE")
                with self._database:
                    return change()

        return await asyncio.to_thread(guarded)

    def _keep(self, key: str, value: T, until: float) -> None:
        self._drop(key)
        self._forget_old()
        text = self._written.dump_json(value).decode()
        self._database.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?)", (self._kind, key, text, until)
        )
        for name in set(self._names(value)):
            self._database.execute(
                "INSERT INTO record_names VALUES (?, ?, ?)", (self._kind, name, key)
            )

    def _alive(self, key: str) -> T | None:
        row = self._database.execute(
            "SELECT value FROM records WHERE kind = ? AND key = ? AND until > ?",
            (self._kind, key, self._clock.now()),
        ).fetchone()
        return None if row is None else self._written.validate_json(row[0])

    def _taken(self, key: str) -> T | None:
        value = self._alive(key)
        self._drop(key)
        return value

    def _bearers(self, name: str) -> list[str]:
        rows = self._database.execute(
            "SELECT key FROM record_names WHERE kind = ? AND name = ?", (self._kind, name)
        )
        return [key for (key,) in rows.fetchall()]

    def _drop(self, key: str) -> None:
        for table in ("records", "record_names"):
            # `table` is one of the two literals; values are bound.
            question = f"DELETE FROM {table} WHERE kind = ? AND key = ?"  # noqa: S608
            self._database.execute(question, (self._kind, key))

    def _forget_old(self) -> None:
        rows = self._database.execute(
            "SELECT key FROM records WHERE kind = ? AND until <= ? LIMIT 100",
            (self._kind, self._clock.now()),
        )
        for (key,) in rows.fetchall():
            self._drop(key)
