"""Where the lines of the audit go: among the log lines, or into a file of their own."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from pathlib import Path
from typing import Protocol, TextIO

from app.settings import SettingsFault

FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class Channel(Protocol):
    """Where lines go."""

    async def write(self, lines: bytes) -> None:
        """Add these, whole or not at all as far as can be; raises OSError or ValueError."""


class StreamChannel:
    """Among the log lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def write(self, lines: bytes) -> None:
        self._stream.write(lines.decode())
        self._stream.flush()


class NoChannel:
    """Nowhere: of what is told here nobody wants to know."""

    async def write(self, lines: bytes) -> None:
        pass


class FileChannel:
    """A file, on the disk when a line was written. Raises SettingsFault when it cannot be opened.

    Opened for every line, so that it may be moved away at any time: the next line begins a new one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            os.close(self._open())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SettingsFault([f"BFF_AUDIT__PATH cannot be opened: {why}."]) from None

    async def write(self, lines: bytes) -> None:
        await asyncio.to_thread(self._write, lines)

    def _open(self) -> int:
        # Never waits for the other end of a pipe.
        file = os.open(self._path, FLAGS | os.O_NONBLOCK, 0o600)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(0, "it is no file")
        return file

    def _write(self, lines: bytes) -> None:
        with self._lock:
            file = self._open()
            try:
                _add(file, lines)
                os.fsync(file)
            finally:
                os.close(file)


def _add(file: int, lines: bytes) -> None:
    """At the end, on a line of its own even where a full disk left half of the one before."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        lines = b"\n" + lines
    while lines:
        lines = lines[os.write(file, lines) :]
