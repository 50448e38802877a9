"""A secret, from a variable or from a file that may change while we run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr


class Secret:
    """A secret from a variable or from a file; the file is read again when it changes."""

    def __init__(self, value: SecretStr | None, file: Path | None) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        given = value.get_secret_value() if value and file is None else ""
        self._lines = tuple(_lines_of(given))

    def __repr__(self) -> str:
        return "Secret(***)"

    def __bool__(self) -> bool:
        return bool(self.lines())

    def lines(self) -> tuple[str, ...]:
        """The non-empty lines, the current secret first.

        A file that went away keeps the last; one that is not text holds none.
        """
        if self._file is None:
            return self._lines
        with suppress(OSError):
            stat = self._file.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp != self._seen:
                self._lines = tuple(_lines_of(_text(self._file.read_bytes())))
                self._seen = stamp
        return self._lines

    def current(self) -> str:
        """The current secret, empty when there is none."""
        return next(iter(self.lines()), "")


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _lines_of(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
