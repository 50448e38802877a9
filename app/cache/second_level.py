"""The second level: entries that replicas share in Redis.

Values hold customers' figures: they are sealed, and compressed from 1 KiB. An entry is written only
while the epochs that it was fetched under are Redis' own, in one step. Redis away means that nothing
is found and nothing is kept; it is never an error.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import zstandard
from pydantic_core import from_json, to_json

from app.cache.encodings import WORTH_IT, Encoding
from app.cache.entries import Content, Entry
from app.cache.epochs import Snapshot
from app.cache.leases import Leases
from app.cache.redis_epochs import name_of
from app.cache.redis_link import Away, RedisLink
from app.catalogue.tags import Tag
from app.clock import Clock
from app.observe.counters import Counters
from app.sealing import Form, Sealing, Unreadable

# Of the line that describes an entry; what answers look like is a matter of their keys.
FORM = Form("answer")
# The answers of the platform end at 8 MiB; what claims to be larger is none of ours.
LARGEST = 16 * 1024 * 1024

# Writes the value if every epoch is what it was.
_PUT = """
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[1 + i] then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class SecondLevel:
    """Entries by their key's digest; `flights`: who of the replicas fetches what is missing."""

    def __init__(
        self,
        link: RedisLink,
        flights: Leases,
        sealing: Sealing,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self.flights = flights
        self._link = link
        self._sealing = sealing
        self._clock = clock
        self._counters = counters
        self._reads = {
            found: counters.of("second_level_reads", result="hit" if found else "miss")
            for found in (True, False)
        }
        self._writes = {
            kept: counters.of("second_level_writes", result=result)
            for kept, result in ((True, "kept"), (False, "overtaken"), (None, "away"))
        }

    async def get(self, digest: bytes) -> Entry | None:
        """The entry, whatever its age; its epochs are the caller's to confirm."""
        entry = await self._entry(digest)
        self._reads[entry is not None].number += 1
        return entry

    async def _entry(self, digest: bytes) -> Entry | None:
        found = await self._read(digest)
        if found is None:
            return None
        head, content = found
        if head["of"] is not None:
            shared = await self._read(bytes.fromhex(head["of"]))
            if shared is None or shared[1].etag != head["etag"]:
                return None
            content = shared[1]
        epochs = {Tag(kind, of): bytes.fromhex(epoch) for kind, of, epoch in head["tags"]}
        return Entry(content, head["at"], head["soft"], head["hard"], Snapshot(epochs, True))

    async def put(self, digest: bytes, entry: Entry, like: bytes | None) -> bool | None:
        """Keep the entry; False when a write overtook it, None while Redis is away.

        `like` is the digest of an entry that holds the same content and is kept already.
        """
        left = entry.hard - self._clock.now()
        if left <= 0:
            return False
        value = self._sealing.seal(FORM, digest, _written(entry, like))
        tags, epochs = zip(*entry.snapshot.epochs.items(), strict=True)
        names = [f"{self._link.prefix}e:{name_of(tag).hex()}" for tag in tags]
        given = [value, int(left * 1000), *epochs]
        kept = await self._run(_PUT, [self._key(digest), *names], given)
        self._writes[kept].number += 1
        return kept

    async def drop(self, digest: bytes) -> None:
        with suppress(Away):
            await self._link.ask(lambda redis: redis.delete(self._key(digest)))

    async def _read(self, digest: bytes) -> tuple[dict[str, Any], Content] | None:
        """Head and content of a value; what cannot be opened is not there."""
        try:
            sealed = await self._link.ask(lambda redis: redis.get(self._key(digest)))
        except Away:
            return None
        if not isinstance(sealed, bytes):
            return None
        try:
            plain = self._sealing.open(FORM, digest, sealed)
        except Unreadable:
            self._counters.add("second_level_unreadable")
            return None
        line, _, body = plain.partition(b"\n")
        head: dict[str, Any] = from_json(line)
        if head["coded"]:
            return head, Content(
                zstandard.ZstdDecompressor().decompress(body, max_output_size=LARGEST),
                head["items"],
                coded={Encoding.ZSTD: body},
            )
        return head, Content(body, head["items"])

    async def _run(self, script: str, keys: list[str], given: list[Any]) -> bool | None:
        try:
            return bool(await self._link.run(script, keys, given))
        except Away:
            return None

    def _key(self, digest: bytes) -> str:
        return f"{self._link.prefix}c:{digest.hex()}"


def _written(entry: Entry, like: bytes | None) -> bytes:
    """One line that describes the entry, then its body unless another entry has it."""
    content = entry.content
    body = b"" if like is not None else content.body
    if coded := len(body) >= WORTH_IT:
        body = content.in_coding(Encoding.ZSTD)
    head = {
        "at": entry.at,
        "soft": entry.soft,
        "hard": entry.hard,
        "items": content.items,
        "etag": content.etag,
        "of": None if like is None else like.hex(),
        "coded": coded,
        "tags": [[tag.kind, tag.id, epoch.hex()] for tag, epoch in entry.snapshot.epochs.items()],
    }
    return to_json(head) + b"\n" + body
