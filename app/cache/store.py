"""The first level: entries kept in this process, counted to the byte, those longest unused leave.

An answer that several users share is counted once, however many entries hold it. Nobody's flood
pushes out everybody: one owner (a user, or a team that shares) holds at most an eighth of the bytes
and one operation at most half; beyond that its own oldest leave.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from itertools import islice

from msgspec import Struct

from app.cache.encodings import Encoding
from app.cache.entries import FORM_BYTES, Content, Entry, Form, Key

OWNER_SHARE = 8
OPERATION_SHARE = 2
# An answer larger than this part of the cache would push out too much: it passes through.
LARGEST_SHARE = 16


class Purse(Struct, eq=False, gc=False):
    """The bytes of some entries, at most so many, and those entries, the longest unused first; `of` is
    whose or of what they are."""

    most: int
    of: Hashable
    order: dict[bytes, None]
    size: int = 0

    @property
    def oldest(self) -> list[bytes]:
        """Those to go first: a few at once, for Python finds the first key of a dict by looking at each
        place that others had before it."""
        return list(islice(self.order, max(1, len(self.order) // 64)))


class LargePurse(Purse, eq=False, gc=False):
    """One of very many entries. There are many owners with a few entries each: a dict of theirs takes a
    fifth of an OrderedDict, and is as fast while it is small."""

    order: OrderedDict[bytes, None]


class Held(Struct, eq=False, gc=False):
    """An entry, its bytes besides its content, and the purses that count it."""

    entry: Entry
    size: int
    owner: Purse
    operation: LargePurse
    all: LargePurse

    @property
    def purses(self) -> tuple[Purse, Purse, Purse]:
        return self.owner, self.operation, self.all

    def used(self, digest: bytes) -> None:
        """Now it is the one used last."""
        order = self.owner.order
        del order[digest]
        order[digest] = None
        self.operation.order.move_to_end(digest)
        self.all.order.move_to_end(digest)


class Store:
    """At most `max_bytes` of entries. `removed` counts those that left, `evicted` those of them that made
    room for others."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self.removed = self.evicted = 0
        self._held: dict[bytes, Held] = {}
        self._all = LargePurse(max_bytes, None, OrderedDict())
        self._owners: dict[Hashable, Purse] = {}
        self._operations: dict[Hashable, LargePurse] = {}

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
        held.used(digest)
        return held.entry

    def put(self, key: Key, digest: bytes, entry: Entry) -> bool:
        """Keep the entry; False when it is too large to be kept."""
        if digest in self._held:
            self.drop(digest)
        size, body = entry.size, entry.content.size
        if size + body > self._max // LARGEST_SHARE:
            return False
        owner = self._owners.get(key.owner)
        if owner is None:
            owner = self._owners[key.owner] = Purse(self._max // OWNER_SHARE, key.owner, {})
        operation = self._operations.get(key.operation)
        if operation is None:
            operation = LargePurse(self._max // OPERATION_SHARE, key.operation, OrderedDict())
            self._operations[key.operation] = operation
        purses = owner, operation, self._all
        self._held[digest] = Held(entry, size, owner, operation, self._all)
        counted = entry.content.held
        for purse in purses:
            times = counted.get(purse, 0)
            counted[purse] = times + 1
            purse.order[digest] = None
            purse.size += size if times else size + body
        for purse in purses:
            if purse.size > purse.most:
                self._make_room(purse)
        return True

    def coded(self, content: Content, encoding: Encoding) -> bytes:
        """The content in this coding: made once, counted with the entries that hold it."""
        known = encoding in content.coded
        coded = content.in_coding(encoding)
        if not known:
            self._grow(content, len(coded))
        return coded

    def keep_form(self, content: Content, encoding: Encoding | None, form: Form) -> None:
        """How the content is sent from now on, counted likewise."""
        content.forms = {**content.forms, (form.status, encoding): form}
        self._grow(content, FORM_BYTES)

    def _grow(self, content: Content, more: int) -> None:
        purses = list(content.held)
        for purse in purses:
            purse.size += more
        for purse in purses:
            self._make_room(purse)

    def drop(self, digest: bytes) -> None:
        """Keep it no longer, if it is kept."""
        held = self._held.pop(digest, None)
        if held is None:
            return
        self.removed += 1
        content = held.entry.content
        counted = content.held
        for purse in held.purses:
            del purse.order[digest]
            times = counted[purse] = counted[purse] - 1
            purse.size -= held.size if times else held.size + content.size
            if not times:
                del counted[purse]
        if not held.owner.order:
            del self._owners[held.owner.of]
        if not held.operation.order:
            del self._operations[held.operation.of]

    def clear(self) -> None:
        for held in self._held.values():
            held.entry.content.held.clear()
        self._held.clear()
        self._owners.clear()
        self._operations.clear()
        self._all = LargePurse(self._max, None, OrderedDict())

    def _make_room(self, purse: Purse) -> None:
        while purse.size > purse.most:
            for digest in purse.oldest:
                self.evicted += 1
                self.drop(digest)
