"""The ledger of permissions in Redis, for replicas: one hash per team, its values sealed.

What was found is remembered in the process as long as the epochs of its reader stand, so that a read
does not ask Redis each time. Redis away means that nobody knows: then the ledger says so and decides
nothing. Records have no end of their own, so Redis must not evict them (`maxmemory-policy
noeviction`) and has to keep them on a disk (`appendonly yes`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache
from pydantic_core import from_json, to_json

from app.cache.epochs import Epochs, Snapshot
from app.cache.redis_link import Away, RedisLink
from app.catalogue import tags
from app.errors import AccessUnavailable
from app.ledger.grants import Entry, Forgotten, GrantRow, Remembered
from app.sealing import Form, Sealing, Unreadable

if TYPE_CHECKING:
    from redis.asyncio import Redis

FORM = Form("grant")

# Sets each field if all of them still are what they were read as; an empty text stands for none.
_SWAP = """
for i = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 1, #ARGV, 3 do
  if ARGV[i + 2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
  end
end
return 1
"""

# From what is remembered now, what is to be remembered.
Decide = Callable[[GrantRow | None], GrantRow | None]


class RedisGrants:
    """`most` findings are remembered in the process."""

    def __init__(
        self, link: RedisLink, sealing: Sealing, epochs: Epochs, most: int = 100_000
    ) -> None:
        self._link = link
        self._before = f"{link.prefix}g:"
        self._sealing = sealing
        self._epochs = epochs
        self._found: LRUCache[tuple[str, str, str], tuple[GrantRow | None, Snapshot]] = LRUCache(
            most
        )

    async def find(self, team_id: str, ad_account_id: str, user: str) -> GrantRow | None:
        known = self._found.get((team_id, ad_account_id, user))
        if known is not None and self._epochs.stand(known[1]):
            return known[0]
        snapshot = await self._epochs.current(
            {tags.reader(user, team_id, ad_account_id), tags.user(user), tags.team(team_id)}
        )
        row = self._opened(
            await self._ask(
                lambda redis: redis.hget(self._key(team_id), _field(ad_account_id, user))
            ),
            _hash(team_id),
            _field(ad_account_id, user),
        )
        if snapshot.storable:
            self._found[team_id, ad_account_id, user] = row, snapshot
        return row

    async def in_team(self, team_id: str, user: str) -> list[GrantRow]:
        rows = [row for row in await self._of_team(team_id) if row.user == user]
        return sorted(rows, key=lambda row: row.ad_account_id)

    async def on_account(self, team_id: str, ad_account_id: str) -> list[GrantRow]:
        rows = [row for row in await self._of_team(team_id) if row.ad_account_id == ad_account_id]
        return sorted(rows, key=lambda row: row.user)

    async def tighten(self, rows: Sequence[GrantRow]) -> list[Entry]:
        entries: dict[int, Entry] = {}

        def decide(place: int) -> Decide:
            def at(now: GrantRow | None) -> GrantRow | None:
                entries[place] = Entry.of(rows[place], now)
                return entries[place].standing

            return at

        await self._change(rows, [decide(place) for place in range(len(rows))])
        return [entries[place] for place in range(len(rows))]

    async def settle(self, entries: Sequence[Entry]) -> None:
        await self._change([entry.wanted for entry in entries], [one.settled for one in entries])

    async def undo(self, entries: Sequence[Entry]) -> None:
        await self._change([entry.wanted for entry in entries], [one.undone for one in entries])

    async def forget(self, user: str) -> Forgotten:
        """Looks at every record there is: an operator's command, not a request's."""
        rows = [row async for row in self._all() if user in (row.user, row.set_by)]

        def forgetting(now: GrantRow | None) -> GrantRow | None:
            if now is None or now.user == user:
                return None
            return replace(now, set_by="") if now.set_by == user else now

        await self._change(rows, [forgetting] * len(rows))
        await self._epochs.bump([tags.user(user)])
        held = sum(row.user == user for row in rows)
        return Forgotten(held, len(rows) - held)

    async def close(self) -> None:
        """The connection is the link's."""

    async def _change(self, rows: Sequence[GrantRow], decisions: Sequence[Decide]) -> None:
        """All of a team's records or none, decided anew when somebody changes one meanwhile."""
        for team_id in dict.fromkeys(row.team_id for row in rows):
            chosen = [
                (_field(row.ad_account_id, row.user), decide)
                for row, decide in zip(rows, decisions, strict=True)
                if row.team_id == team_id
            ]
            while not await self._swap(team_id, chosen):
                pass

    async def _swap(self, team_id: str, chosen: Sequence[tuple[str, Decide]]) -> bool:
        fields = [field for field, _ in chosen]
        found = await self._ask(lambda redis: redis.hmget(self._key(team_id), fields))
        changes = []
        for (field, decide), sealed in zip(chosen, found, strict=True):
            now = self._opened(sealed, _hash(team_id), field)
            then = decide(now)
            changes.append(
                (field, sealed or b"", sealed or b"" if then == now else self._sealed(then, field))
            )
        given = list(chain.from_iterable(changes))
        try:
            return bool(await self._link.run(_SWAP, [self._key(team_id)], given))
        except Away:
            raise _unavailable() from None

    async def _of_team(self, team_id: str) -> list[GrantRow]:
        return await self._at(self._key(team_id))

    async def _at(self, key: str) -> list[GrantRow]:
        """All records of the team that has this key."""
        team = key.removeprefix(self._before)
        found = await self._ask(lambda redis: redis.hgetall(key))
        rows = (self._opened(value, team, field.decode()) for field, value in found.items())
        return [row for row in rows if row is not None]

    async def _all(self) -> AsyncIterator[GrantRow]:
        """The records of all teams, those that are written meanwhile perhaps not."""
        # A prefix may hold what stands for something else in a pattern.
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", self._before) + "*"
        at, seen = 0, set[str]()
        while True:
            at, keys = await self._ask(partial(_scanned, at=at, match=pattern))
            for key in {key.decode() for key in keys} - seen:
                seen.add(key)
                for row in await self._at(key):
                    yield row
            if at == 0:
                return

    def _sealed(self, row: GrantRow | None, field: str) -> bytes:
        if row is None:
            return b""
        return self._sealing.seal(FORM, _record(_hash(row.team_id), field), to_json(asdict(row)))

    def _opened(self, sealed: Any, team: str, field: str) -> GrantRow | None:
        """A record that no key of the ring opens, or that a later release wrote, decides nothing here and
        must not pass for none."""
        if sealed is None:
            return None
        try:
            fields = from_json(self._sealing.open(FORM, _record(team, field), sealed))
        except Unreadable:
            raise AccessUnavailable(reason="a ledger record cannot be opened") from None
        return row_of(fields)

    async def _ask(self, question: Callable[[Any], Any]) -> Any:
        try:
            return await self._link.ask(question)
        except Away:
            raise _unavailable() from None

    def _key(self, team_id: str) -> str:
        return self._before + _hash(team_id)


def row_of(fields: dict[str, Any]) -> GrantRow:
    """A record as it stood sealed."""
    return GrantRow(**fields | {"permission": Remembered(fields["permission"])})


async def _scanned(redis: Redis, at: int, match: str) -> Any:
    return await redis.scan(at, match=match, count=500)


def _unavailable() -> AccessUnavailable:
    return AccessUnavailable(reason="the ledger is away")


def _field(ad_account_id: str, user: str) -> str:
    """Ids do not stand in Redis in clear."""
    return _hash(f"{ad_account_id}/{user}")


def _record(team: str, field: str) -> bytes:
    return f"{team}/{field}".encode()


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=16, person=b"ledger").hexdigest()
