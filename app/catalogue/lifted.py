"""What the wire says by the name of a key: `"gender": "female"` is a field like any other here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Lifted:
    """Makes `field` of the first of these keys that an object has: `{"name": …, "value": …}`.

    It stands before a model: `Annotated[Row, BeforeValidator(Lifted("field", {…}))]`. `keys` are the
    names with their keys on the wire.
    """

    field: str
    keys: Mapping[StrEnum, str]

    def __call__(self, row: Any) -> Any:
        if not isinstance(row, dict) or self.field in row:
            return row
        for name, key in self.keys.items():
            if key in row:
                return row | {self.field: {"name": name, "value": row[key]}}
        return row
