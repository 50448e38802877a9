"""The ledger's file of a later release is left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.ledger.sqlite_file import LAYOUT, opened
from tests.commands.running import bff
from tests.ports import free_port


def layout(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        (found,) = database.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_a_gateway_does_not_start_on_the_file_of_a_later_release(tmp_path: Path) -> None:
    """It says which setting, why, and what to do; the file stays as it was."""
    file = tmp_path / "ledger.db"
    settings = {"BFF_LEDGER__PATH": str(file)}
    opened(str(file), "").close()
    assert layout(file) == LAYOUT
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"PRAGMA user_version = {LAYOUT + 1}")
    ended = bff("serve", "--port", str(free_port()), cwd=tmp_path, **settings)
    assert ended.returncode == 1
    assert ended.stderr.startswith("BFF_LEDGER__PATH cannot be opened: a later release wrote it")
    assert "start that release, or name another file" in ended.stderr
    assert layout(file) == LAYOUT + 1
