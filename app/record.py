"""Records: values that nobody changes, made many times for each request.

To the type checker they are frozen. To Python they are not, which would make each of them three times as
dear: a frozen dataclass sets every field by a call of `object.__setattr__`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """A dataclass with slots that is compared and hashed by its fields."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
