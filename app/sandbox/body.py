"""Reads nested JSON bodies: what the platform's tables say of a field, as one call each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from app.sandbox.wire import Fields

_WORD = re.compile(r"[A-Z_]{2,40}")


class Body(Fields):
    """A JSON object. Its parts are Bodies too, and name themselves by their path in faults."""

    def part(self, name: str, *, needed: bool = False) -> Body | None:
        """The object of that name; None when it is absent, or is none."""
        value = self._source.get(name)
        if isinstance(value, dict):
            return Body(value, f"{self._path}{name}.", self._faults)
        if value is not None:
            self.blame(name, "must be an object")
        elif needed:
            self.blame(name, "should not be empty")
        return None

    def parts(self, name: str, *, needed: bool = False) -> list[Body]:
        """The objects of the array of that name."""
        value = self._source.get(name)
        if value is None and not needed:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.blame(name, "must be an array of objects")
            return []
        if needed and not value:
            self.blame(name, "should not be empty")
        return [Body(one, f"{self._path}{name}.{n}.", self._faults) for n, one in enumerate(value)]

    def whole(
        self, name: str, least: int, most: int | None = None, *, needed: bool = False
    ) -> int | None:
        """A whole number within bounds."""
        value = self._source.get(name)
        if value is None and not needed:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.blame(name, "must be an integer number")
        elif value < least:
            self.blame(name, f"must not be less than {least}")
        elif most is not None and value > most:
            self.blame(name, f"must not be greater than {most}")
        else:
            return value
        return None

    def choice(self, name: str, allowed: Sequence[str], *, needed: bool = False) -> str | None:
        """One of the listed values."""
        value = self._source.get(name)
        if value is None and not needed:
            return None
        if isinstance(value, str) and value in allowed:
            return value
        self.blame(name, f"must be one of the following values: {', '.join(allowed)}")
        return None

    def word(self, name: str, *, needed: bool = False) -> str | None:
        """A value in capitals, of a list that nobody knows in full."""
        value = self.text(name) if needed else self.optional_text(name)
        if value and not _WORD.fullmatch(value):
            self.blame(name, "must be a valid enum value")
        return value

    def values(self, name: str, kind: type, allowed: Sequence[object] = ()) -> list[object]:
        """An array of plain values, which may be absent."""
        value = self._source.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(type(one) is kind for one in value):
            self.blame(name, f"must be an array of {kind.__name__} values")
            return []
        if allowed and not all(one in allowed for one in value):
            listed = ", ".join(map(str, allowed))
            self.blame(name, f"must hold only the following values: {listed}")
            return []
        return value

    def day_if_given(self, name: str) -> date | None:
        return None if self._source.get(name) is None else self.day(name)

    def holds(self, name: str) -> bool:
        return self._source.get(name) is not None

    def plain(self) -> dict[str, object]:
        """What was sent, as it was."""
        return dict(self._source)
