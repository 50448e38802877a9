"""The first level: entries kept in this process, counted to the byte, those longest unused leave.

An answer that several users share is counted once, however many entries hold it. Nobody's flood
pushes out everybody: one owner (a user, or a team that shares) holds at most an eighth of the bytes
and one operation at most half; beyond that its own oldest leave.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from app.cache.encodings import Encoding, encoded
from app.cache.entries import FORM_BYTES, Content, Entry, Form, Key

OWNER_SHARE = 8
OPERATION_SHARE = 2
# An answer larger than this part of the cache would push out too much: it passes through.
LARGEST_SHARE = 16


@dataclass(slots=True)
class Purse:
    """The bytes of some entries, and the order in which they were used."""

    most: int
    size: int = 0
    order: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    holders: Counter[int] = field(default_factory=Counter)

    def add(self, digest: bytes, entry: Entry) -> None:
        self.order[digest] = None
        self.size += entry.size
        if not self.holders[id(entry.content)]:
            self.size += entry.content.size
        self.holders[id(entry.content)] += 1

    def remove(self, digest: bytes, entry: Entry) -> None:
        del self.order[digest]
        self.size -= entry.size
        self.holders[id(entry.content)] -= 1
        if not self.holders[id(entry.content)]:
            del self.holders[id(entry.content)]
            self.size -= entry.content.size

    @property
    def oldest(self) -> bytes:
        return next(iter(self.order))


@dataclass(frozen=True, slots=True)
class Held:
    """An entry, and the purses that count it: its owner's, its operation's and that of all."""

    entry: Entry
    groups: tuple[Hashable, Hashable]
    purses: tuple[Purse, Purse, Purse]


class Store:
    """At most `max_bytes` of entries. `removed` counts those that left, `evicted` those of them that made
    room for others."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self.removed = self.evicted = 0
        self._held: dict[bytes, Held] = {}
        self._all = Purse(max_bytes)
        self._groups: dict[Hashable, Purse] = {}
        # Which purses count a content, by its identity; None stands for the purse of all.
        self._charged: dict[int, Counter[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size_bytes(self) -> int:
        """Bytes kept now."""
        return self._all.size

    @property
    def max_bytes(self) -> int:
        return self._max

    def get(self, digest: bytes) -> Entry | None:
        held = self._held.get(digest)
        if held is None:
            return None
        for purse in held.purses:
            purse.order.move_to_end(digest)
        return held.entry

    def put(self, key: Key, digest: bytes, entry: Entry) -> bool:
        """Keep the entry; False when it is too large to be kept."""
        self.drop(digest)
        if entry.size + entry.content.size > self._max // LARGEST_SHARE:
            return False
        groups = (("owner", key.owner), ("operation", key.operation))
        owner, operation = (
            self._opened(group, share)
            for group, share in zip(groups, (OWNER_SHARE, OPERATION_SHARE), strict=True)
        )
        purses = (owner, operation, self._all)
        self._held[digest] = Held(entry, groups, purses)
        for purse in purses:
            purse.add(digest, entry)
        self._charged.setdefault(id(entry.content), Counter()).update([*groups, None])
        self._make_room(purses)
        return True

    def coded(self, content: Content, encoding: Encoding) -> bytes:
        """The content in this coding: made once, counted with the entries that hold it."""
        known = content.coded.get(encoding)
        if known is None:
            known = content.coded[encoding] = encoded(encoding, content.body)
            self._grow(content, len(known))
        return known

    def keep_form(self, content: Content, encoding: Encoding | None, form: Form) -> None:
        """How the content is sent from now on, counted likewise."""
        content.forms[form.status, encoding] = form
        self._grow(content, FORM_BYTES)

    def _grow(self, content: Content, more: int) -> None:
        purses = [self._purse(group) for group in self._charged.get(id(content), ())]
        for purse in purses:
            purse.size += more
        self._make_room(purses)

    def drop(self, digest: bytes) -> None:
        """Keep it no longer, if it is kept."""
        held = self._held.pop(digest, None)
        if held is None:
            return
        self.removed += 1
        for purse in held.purses:
            purse.remove(digest, held.entry)
        charged = self._charged[id(held.entry.content)]
        charged.subtract([*held.groups, None])
        for group in [group for group, times in charged.items() if not times]:
            del charged[group]
        if not charged:
            del self._charged[id(held.entry.content)]
        for group in held.groups:
            if not self._groups[group].order:
                del self._groups[group]

    def clear(self) -> None:
        self._held.clear()
        self._groups.clear()
        self._charged.clear()
        self._all = Purse(self._max)

    def _opened(self, group: Hashable, share: int) -> Purse:
        purse = self._groups.get(group)
        if purse is None:
            purse = self._groups[group] = Purse(self._max // share)
        return purse

    def _make_room(self, purses: Iterable[Purse]) -> None:
        for purse in purses:
            while purse.size > purse.most:
                self.evicted += 1
                self.drop(purse.oldest)

    def _purse(self, group: Hashable) -> Purse:
        return self._all if group is None else self._groups[group]
