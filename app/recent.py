"""A bound for what is remembered of very many: what is used stays."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Mapping[K, V]):
    """At most so many values; of these the half that was used last is there in any case.

    Two plain dicts: what is used is in the `young` one. When that has its half, it becomes the old one,
    and what was still in the one before is gone. An LRU that keeps everything in order takes three times
    the memory, and each look at one of Python's is a dozen calls.
    """

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self.young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self.young) + len(self._old)

    def __iter__(self) -> Iterator[K]:
        yield from self.young
        yield from self._old

    def __getitem__(self, key: K) -> V:
        """The value, which is used by that. (Who looks for many looks in `young` himself first.)"""
        value = self.young.get(key)
        if value is None:
            value = self[key] = self._old[key]
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._old.pop(key, None)
        if len(self.young) >= self._half and key not in self.young:
            self._old = self.young
            self.young = {}
        self.young[key] = value

    def pop(self, key: K) -> V | None:
        """The value, which is gone by that."""
        value = self.young.pop(key, None)
        return self._old.pop(key, None) if value is None else value
