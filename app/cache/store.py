"""The first level: entries kept in this process, counted to the byte, those long unused leave.

An answer that several users share is counted once, however many entries hold it. Nobody's flood
pushes out everybody: one owner (a user, or a team that shares) holds at most an eighth of the bytes
and one operation at most half; beyond that its own oldest leave.

Who leaves is found like by the hand of a clock, which gives a second chance: whoever came first is looked
at first, and goes unless he was used meanwhile; then he is the last that came. To use an entry is to mark
it. An order by use would cost each hit three changes of it, and each entry a place in three such orders.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import islice
from typing import Any, TypeGuard

from msgspec import Struct

from app.cache.encodings import Encoding
from app.cache.entries import FORM_BYTES, NOTHING, Entry, Form, Key

OWNER_SHARE = 8
OPERATION_SHARE = 2
# An answer larger than this part of the cache would push out too much: it passes through.
LARGEST_SHARE = 16
# So many are looked at together, and so many get a second chance before others go without one: somebody
# waits for it.
MOST_AT_ONCE, MOST_SPARED = 256, 1000


class Purse(Struct, eq=False, gc=False):
    """The bytes of some entries, at most so many, and those entries by their digests, the first that came
    first; `of` is whose or of what they are."""

    most: int
    of: Hashable
    order: dict[bytes, Any]
    size: int = 0

    def oldest(self) -> list[bytes]:
        """Those to be looked at first: a few at once, for Python finds the first key of a dict by looking
        at each place that others had before it."""
        return list(islice(self.order, max(1, min(MOST_AT_ONCE, len(self.order) // 64))))


class Held(Entry, frozen=False, eq=False, gc=False):  # type: ignore[misc]  # its last fields change
    """An entry as it is held. Its owner's purse counts all of its content, `grown` bytes that were made of
    it for him included, and is None once it is not held any more. `used`: since it was last looked at."""

    owner: Purse | None
    operation: Purse
    grown: int
    used: bool = False

    @property
    def purses(self) -> tuple[Purse, ...]:
        """Those of its owner and its operation."""
        return () if self.owner is None else (self.owner, self.operation)


class Store:
    """At most `max_bytes` of entries. `removed` counts those that left, `evicted` those of them that made
    room for others."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self.removed = self.evicted = 0
        self._held: dict[bytes, Held] = {}
        self._all = Purse(max_bytes, None, self._held)
        self._owners: dict[Hashable, Purse] = {}
        self._operations: dict[Hashable, Purse] = {}

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size_bytes(self) -> int:
        """Bytes kept now."""
        return self._all.size

    @property
    def max_bytes(self) -> int:
        return self._max

    def get(self, digest: bytes) -> Held | None:
        held = self._held.get(digest)
        if held is not None:
            held.used = True
        return held

    def put(self, key: Key, digest: bytes, entry: Entry) -> Held | None:
        """The entry as it is kept; None when it is too large for that."""
        if digest in self._held:
            self.drop(digest)
        content, size = entry.content, entry.size
        body, grown = len(content.body), content.grown
        whole = size + body + grown
        if whole > self._max // LARGEST_SHARE:
            return None
        owner = self._owners.get(key.owner) or self._empty(key.owner, OWNER_SHARE)
        operation = self._operations.get(key.operation) or self._empty(
            key.operation, OPERATION_SHARE
        )
        if owner.size + whole > owner.most:
            self._make_room(owner, whole)
        for purse in (operation, self._all):
            # Who made room may have been the last to hold the same content.
            while purse.size + (size if content.holders else whole) > purse.most:
                self._make_room(purse, size if content.holders else whole)
        return self._hold(key, digest, entry, size, owner, operation)

    def _hold(
        self, key: Key, digest: bytes, entry: Entry, size: int, owner: Purse, operation: Purse
    ) -> Held:
        """Where there is room for it."""
        # Those that are new, and those that lost all that they had just now.
        if not owner.order:
            self._owners[key.owner] = owner
        if not operation.order:
            self._operations[key.operation] = operation
        content = entry.content
        grown = 0 if content.holders else content.grown
        held = self._held[digest] = Held(
            content, entry.at, entry.soft, entry.hard, entry.snapshot, owner, operation, grown
        )
        owner.order[digest] = operation.order[digest] = None
        owner.size += size + len(content.body) + grown
        if not content.holders:
            size += len(content.body) + grown
        content.holders += 1
        operation.size += size
        self._all.size += size
        return held

    def _empty(self, of: Hashable, share: int) -> Purse:
        return Purse(self._max // share, of, {})

    def coded(self, entry: Entry, encoding: Encoding) -> bytes:
        """Its content in this coding: made once for him who holds it, and kept and counted with it."""
        content = entry.content
        coded = content.coded.get(encoding)
        if coded is None:
            coded = content.in_coding(encoding)
            if _is_held(entry):
                content.coded = {**content.coded, encoding: coded}
                self._grow(entry, len(coded))
        return coded

    def keep_form(self, entry: Entry, encoding: Encoding | None, form: Form) -> None:
        """How its content is sent from now on, counted likewise."""
        content = entry.content
        if _is_held(entry):
            content.forms = {**content.forms, (form.status, encoding): form}
            self._grow(entry, FORM_BYTES)

    def _grow(self, held: Held, more: int) -> None:
        """Something was made of its content, for its owner."""
        held.grown += more
        purses = *held.purses, self._all
        for purse in purses:
            purse.size += more
        for purse in purses:
            self._make_room(purse)

    def drop(self, digest: bytes) -> None:
        """Keep it no longer, if it is kept. What was made of its content for its owner goes with it: the
        others who hold that do not pay for it."""
        held = self._held.pop(digest, None)
        if held is None or held.owner is None:
            return
        self.removed += 1
        content, owner, operation, size = held.content, held.owner, held.operation, held.size
        del owner.order[digest], operation.order[digest]
        owner.size -= size + len(content.body) + held.grown
        content.holders -= 1
        if not content.holders:
            size += content.size
        elif held.grown:
            size += content.grown
            content.coded = content.forms = NOTHING
        operation.size -= size
        self._all.size -= size
        held.owner = None
        if not owner.order:
            self._owners.pop(owner.of, None)
        if not operation.order:
            self._operations.pop(operation.of, None)

    def clear(self) -> None:
        for held in self._held.values():
            held.owner = None
            held.content.holders = 0
        self._held.clear()
        self._all.size = 0
        self._owners.clear()
        self._operations.clear()

    def _make_room(self, purse: Purse, more: int = 0) -> None:
        """For so many bytes more."""
        spare = MOST_SPARED
        while purse.order and purse.size + more > purse.most:
            for digest in purse.oldest():
                held = self._held[digest]
                if held.used and spare:
                    spare -= 1
                    self._spare(digest, held)
                elif not held.used or purse.size + more > purse.most:
                    # Of those that were used no more go than must.
                    self.evicted += 1
                    self.drop(digest)

    def _spare(self, digest: bytes, held: Held) -> None:
        """It is the last that came, in each of its orders: they have but one mark."""
        held.used = False
        for purse in (*held.purses, self._all):
            purse.order[digest] = purse.order.pop(digest)


def _is_held(entry: Entry) -> TypeGuard[Held]:
    """Whether what is made of its content can be kept with it: where others hold it and this one does not,
    they would pay for that."""
    return isinstance(entry, Held) and entry.owner is not None
