"""What is kept: an answer's content, and the entry that says how old it is and what it depends on."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Hashable, Mapping
from enum import StrEnum
from hashlib import blake2b, sha256
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Struct

from app.cache.encodings import Encoding, encoded
from app.cache.epochs import Snapshot
from app.catalogue.keep import Keep
from app.catalogue.tags import Tag

# What an entry costs besides its content and the ids in its tags: the objects around them, its
# places in the store included (measured on CPython 3.11 with four tags: 1.67 kB, and what its allocator
# rounds up).
OVERHEAD_BYTES = 1800
# What a form costs besides its body, which is the content's own (measured: 1.15 kB).
FORM_BYTES = 1200


class Form(Struct, frozen=True, gc=False):
    """An answer as it is sent: the headers that are the same each time, also as they stand on the wire,
    and the body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    head: bytes
    body: bytes


# Most contents are in no other form: none of them has a dict of its own for that.
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Content(Struct, gc=False):
    """A public answer: its bytes and their ETag, how many items a list holds, whether it may be kept, and
    whether it lacks what could not be read (gateway/tolerance.py).

    `coded` are its content-coded forms, and `forms` how it is sent by status and coding; each is made
    when somebody first asks for it. `holders` is the store's own: how many entries hold it there, all of
    them of one operation.
    """

    body: bytes
    items: int | None = None
    keepable: bool = True
    partial: bool = False
    coded: Mapping[Encoding, bytes] = NOTHING
    forms: Mapping[tuple[int, Encoding | None], Form] = NOTHING
    etag: str = ""
    holders: int = 0

    def __post_init__(self) -> None:
        self.etag = etag_of(self.body)

    def in_coding(self, encoding: Encoding) -> bytes:
        """Its bytes in that coding: made once, unless it is held, where the store counts what it grows."""
        known = self.coded.get(encoding)
        if known is None:
            known = encoded(encoding, self.body)
            if not self.holders:
                self.coded = {**self.coded, encoding: known}
        return known

    @property
    def grown(self) -> int:
        """Bytes of all that was made of it."""
        if not self.coded and not self.forms:
            return 0
        return sum(map(len, self.coded.values())) + FORM_BYTES * len(self.forms)

    @property
    def size(self) -> int:
        """Its bytes in all forms."""
        return len(self.body) + self.grown


class Entry(Struct, frozen=True, gc=False):
    """A kept answer. `at` is when the platform was asked; all times are seconds since the epoch.

    It is fresh until `soft`, may be served stale until `hard`, and is gone when one of its tags has
    another epoch than in the snapshot that was taken before the question.
    """

    content: Content
    at: float
    soft: float
    hard: float
    snapshot: Snapshot

    @property
    def size(self) -> int:
        """Bytes that it costs besides its content."""
        return self.snapshot.size + OVERHEAD_BYTES

    def having(self, content: Content) -> Entry:
        """The same with a content that is as good."""
        return Entry(content, self.at, self.soft, self.hard, self.snapshot)

    def bearing(self, tags: frozenset[Tag]) -> Entry:
        """The same under these of its tags only."""
        return Entry(self.content, self.at, self.soft, self.hard, self.snapshot.bearing(tags))


def entry_of(
    content: Content, at: float, keep: Keep, snapshot: Snapshot, *, jitter: float
) -> Entry:
    """`jitter` shortens freshness, so that what was kept together is not fetched together."""
    return Entry(content, at, at + keep.fresh * (1 - jitter), at + keep.stale, snapshot)


class Key:
    """Names a kept answer: `owner` is whose it is (a user, or a team that shares it).

    `asked` is as long as somebody made it; the digest of all is what things are kept under.
    """

    __slots__ = ("digest", "operation", "owner")

    def __init__(self, operation: str, owner: tuple[str, ...], asked: Hashable) -> None:
        self.operation = operation
        self.owner = owner
        self.digest = blake2b(_encode((operation, owner, asked)), digest_size=20).digest()


_encode = msgspec.json.Encoder().encode
# The other alphabet of base64 (RFC 4648, section 5).
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class State(StrEnum):
    HIT = "hit"
    STALE = "stale"
    MISS = "miss"


class Found(Struct, frozen=True, gc=False):
    """What a read got: the entry, how, and whether it is kept now."""

    entry: Entry
    state: State
    stored: bool


def etag_of(body: bytes) -> str:
    """A weak ETag (RFC 9110, section 8.8.1): a compressed form is the same answer. (SHA-256, which today's
    processors have instructions for, takes half of the time of BLAKE2.)"""
    named = b2a_base64(sha256(body).digest()[:12], newline=False).translate(_URL_SAFE)
    return f'W/"{named.decode()}"'
