"""Taking a user's access away at every replica, and erasing what is kept of him.

`bff revoke` and `bff forget` run in a process of their own and reach the replicas through Redis.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from app.cache.leases import Leases
from app.cache.redis_epochs import RedisEpochs
from app.cache.redis_link import Away, RedisLink
from app.catalogue import tags
from app.catalogue.shapes import is_external_id
from app.clock import Clock
from app.errors import AccessUnavailable
from app.gateway.attempts import Attempt, user_name
from app.ledger.grants import Forgotten, Grants
from app.ledger.redis_grants import RedisGrants
from app.observe.counters import Counters
from app.observe.logs import make_log
from app.parts import attempts_in_file, attempts_of, ledger_in_file
from app.session.records import Records
from app.session.sessions import Sessions, of_user
from app.session.stores import Stores
from app.settings import Settings, SettingsFault
from app.upstream.shared_tokens import SharedTokens

T = TypeVar("T")

ONE_PROCESS = (
    "Without BFF_REDIS__URL sessions, tokens and kept answers live in the gateway's own process: "
    "restart it to end them. Host tokens stay good until they expire."
)
# An operator waits longer than a request would (seconds), and asks as often as the link looks.
PATIENCE = 3.0
PAUSE = 0.25
AWAY = (
    "Redis cannot be reached, or holds what BFF_SESSION__KEYS does not open: perhaps not everything "
    "was done. Do it again."
)


async def revoke(
    settings: Settings, user: str, clock: Clock, patience: float = PATIENCE
) -> list[str]:
    """End what a user has; a sentence for each thing that was done. Raises SettingsFault."""
    _check(user)
    async with _replicas(settings, clock, patience) as replicas:
        return _revoked(await replicas.revoke(user))


async def forget(
    settings: Settings, user: str, clock: Clock, patience: float = PATIENCE
) -> list[str]:
    """The same, and erase what is remembered of him. May be repeated: then there is nothing left."""
    _check(user)
    if not settings.redis.address().current():
        raise SettingsFault(
            [*_forgotten(await _forget_in_file(settings, user, clock)), ONE_PROCESS]
        )
    async with _replicas(settings, clock, patience) as replicas:
        # What the ledger remembers may be all that refuses him: his access ends first.
        ended = await replicas.revoke(user)
        return [*_revoked(ended), *_forgotten(await replicas.forget_records(user))]


@dataclass(frozen=True, slots=True)
class Replicas:
    """What the replicas share, seen from outside."""

    link: RedisLink
    stores: Stores
    sessions: Sessions
    tokens: SharedTokens
    grants: Grants
    attempts: Records[Attempt]
    epochs: RedisEpochs
    patience: float

    async def revoke(self, user: str) -> int:
        """How many sessions ended."""
        revocations = self.stores.revocations
        assert revocations is not None
        await self._persist(lambda: revocations.revoke(user))
        ended = await self._persist(
            lambda: self.sessions.end_named([of_user(user)], begun_later_too=False)
        )
        await self._persist(lambda: self.tokens.forget(user))
        await self._persist(lambda: self._drop(user))
        return len(ended)

    async def forget_records(self, user: str) -> Forgotten:
        """What the ledger remembers of him: permissions, and writes that spend money."""
        grants = await self._persist(lambda: self.grants.forget(user))
        writes = await self._persist(lambda: self.attempts.take_named(user_name(user)))
        return replace(grants, writes=len(writes))

    async def _drop(self, user: str) -> None:
        await self.epochs.bump([tags.user(user)])
        # While Redis is away a bump is put off, and this process does not live to make up for it.
        await self.link.ask(lambda redis: redis.ping())

    async def _persist(self, deed: Callable[[], Awaitable[T]]) -> T:
        """Each of these deeds may be done twice."""
        now = asyncio.get_running_loop().time
        until = now() + self.patience
        while True:
            try:
                return await deed()
            except (Away, AccessUnavailable):
                if now() >= until:
                    raise SettingsFault([AWAY]) from None
                await asyncio.sleep(PAUSE)


@asynccontextmanager
async def _replicas(settings: Settings, clock: Clock, patience: float) -> AsyncIterator[Replicas]:
    url = settings.redis.address().current()
    if not url:
        raise SettingsFault([ONE_PROCESS])
    counters, sealing = Counters(), settings.session.sealing()
    link = RedisLink(url, settings.redis.prefix, counters, make_log(settings.log, sys.stderr))
    stores = Stores.shared(link, sealing, clock, counters)
    sessions = Sessions(settings.session, stores.sessions, stores.bars, clock)
    tokens = SharedTokens(link, Leases(link, counters), sealing, clock, counters)
    epochs = RedisEpochs(link, clock)
    grants = RedisGrants(link, sealing, epochs)
    attempts = attempts_of(settings, link, sealing, clock, counters)
    await link.start()
    try:
        yield Replicas(link, stores, sessions, tokens, grants, attempts, epochs, patience)
    finally:
        await epochs.close()
        await link.close()


async def _forget_in_file(settings: Settings, user: str, clock: Clock) -> Forgotten:
    """A ledger that does not exist remembers nobody, and is not made for that."""
    if not await asyncio.to_thread(Path(settings.ledger.path).is_file):
        return Forgotten(0, 0)
    grants, attempts = ledger_in_file(settings), attempts_in_file(settings, clock)
    try:
        writes = await attempts.take_named(user_name(user))
        return replace(await grants.forget(user), writes=len(writes))
    finally:
        await grants.close()
        await attempts.close()


def _check(user: str) -> None:
    if not is_external_id(user):
        raise SettingsFault(["--user: that cannot be the id of a user."])


def _revoked(ended: int) -> list[str]:
    return [
        f"Sessions ended: {ended}.",
        "Host tokens issued until now are refused.",
        "Platform tokens and what was kept for him are dropped.",
    ]


def _forgotten(forgotten: Forgotten) -> list[str]:
    return [
        f"Permissions forgotten: {forgotten.held}.",
        f"Permissions of others that no longer name him as their giver: {forgotten.given}.",
        f"Writes that spend money forgotten: {forgotten.writes}.",
    ]
