"""Records that replicas share in Redis, sealed, under hashed names.

Redis away means that nobody can say whether a record stands: AccessUnavailable (503), never "there is
none", which would sign people out. The same is said of a record that a later release wrote: it stands,
and a replica of that release can read it (decision 31).
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.cache.redis_link import Away, RedisLink
from app.clock import Clock
from app.errors import AccessUnavailable
from app.observe.counters import Counters
from app.sealing import Form, Later, Sealing, Unreadable
from app.session.endings import Endings
from app.session.records import Names, no_names

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")

# The link looks for Redis four times a second; more patience than that helps nobody.
RETRY_SECONDS = "1"

# Keeps a record and lists it under its names. ARGV[6] says `replace` where it must be kept already (a
# request in flight cannot bring back what ended meanwhile), `add` where it must not, `exchange` where it
# must be ARGV[7].
_KEEP = """
local known = redis.call('EXISTS', KEYS[1])
if ARGV[6] == 'replace' and known == 0 or ARGV[6] == 'add' and known == 1 then return 0 end
if ARGV[6] == 'exchange' and redis.call('GET', KEYS[1]) ~= ARGV[7] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[5])
  redis.call('ZADD', KEYS[i], ARGV[3], ARGV[4])
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  end
end
return 1
"""


# Takes a record for the last time and tells everybody that it was.
_TAKE = """
local value = redis.call('GETDEL', KEYS[1])
if value then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return value
"""
# Messages begin with this; others that share the channel have other beginnings.
ENDED = b"x"


class RedisRecords(Generic[T]):
    """`form` is what they are sealed in, `place` what stands before their keys. With `endings` every
    replica's are told of each record that is taken; they are to be given before the link starts."""

    def __init__(
        self,
        form: Form,
        place: str,
        of: type[T],
        link: RedisLink,
        sealing: Sealing,
        clock: Clock,
        counters: Counters,
        names: Names[T] = no_names,
        endings: Endings | None = None,
    ) -> None:
        self._endings = endings
        if endings is not None:
            link.on_message(ENDED, self._receive)
            link.on_open(endings.end_all)
        self._form = form
        self._before = f"{link.prefix}{place}"
        written: Any = tuple.__class_getitem__((float, of))
        self._written: TypeAdapter[tuple[float, T]] = TypeAdapter(written)
        self._link = link
        self._sealing = sealing
        self._clock = clock
        self._counters = counters
        self._names = names

    async def put(self, key: str, value: T, until: float) -> None:
        await self._keep(key, value, until, "put")

    async def add(self, key: str, value: T, until: float) -> bool:
        return await self._keep(key, value, until, "add")

    async def replace(self, key: str, value: T, until: float) -> bool:
        return await self._keep(key, value, until, "replace")

    async def exchange(self, key: str, known: T, value: T, until: float) -> bool:
        sealed = await self._ask(lambda redis: redis.get(self._place(key)))
        if sealed is None or self._opened(key, sealed) != known:
            return False
        # Sealed anew it would be other bytes: what was looked at has to be there still.
        return await self._keep(key, value, until, "exchange", sealed)

    async def get(self, key: str) -> T | None:
        return self._opened(key, await self._ask(lambda redis: redis.get(self._place(key))))

    async def take(self, key: str) -> T | None:
        taken = await self._taken(key)
        try:
            value = self._opened(key, taken)
        except AccessUnavailable:
            # Whoever can read it has lost it now as well: it is over, whatever it held.
            return None
        if value is not None:
            # What stays listed without a record is removed by whoever looks for it next.
            with suppress(AccessUnavailable):
                for name in self._names(value):
                    await self._unlist(name, [key])
        return value

    async def _taken(self, key: str) -> bytes | None:
        if self._endings is None:
            taken: bytes | None = await self._ask(lambda redis: redis.getdel(self._place(key)))
            return taken
        told = [self._link.channel, ENDED + key.encode()]
        taken = await self._run(_TAKE, [self._place(key)], told)
        self._endings.end(key)
        return taken

    def _receive(self, message: bytes) -> None:
        if self._endings is not None:
            self._endings.end(message[len(ENDED) :].decode())

    async def named(self, name: str) -> list[T]:
        keys = await self._listed(name)
        if not keys:
            return []
        sealed = await self._ask(lambda redis: redis.mget([self._place(key) for key in keys]))
        found = {key: self._opened(key, one) for key, one in zip(keys, sealed, strict=True)}
        if gone := [key for key, one in zip(keys, sealed, strict=True) if one is None]:
            await self._unlist(name, gone)
        # One that was exchanged may bear other names than those that it is listed under.
        there = [value for value in found.values() if value is not None]
        return [value for value in there if name in self._names(value)]

    async def take_named(self, name: str) -> list[T]:
        keys = await self._listed(name)
        taken = [await self.take(key) for key in keys]
        if keys:
            await self._unlist(name, keys)
        return [value for value in taken if value is not None]

    # --- Redis ------------------------------------------------------------------------------------

    async def _keep(self, key: str, value: T, until: float, how: str, known: bytes = b"") -> bool:
        now = self._clock.now()
        if until <= now:
            return False
        plain = self._written.dump_json((until, value))
        sealed = self._sealing.seal(self._form, key.encode(), plain)
        places = [self._place(key), *(self._list(name) for name in self._names(value))]
        # By its own clock Redis forgets it not before it is over by ours.
        left = math.ceil((until - now) * 1000)
        given = [sealed, left, repr(until), key, repr(now), how, known]
        return bool(await self._run(_KEEP, places, given))

    async def _listed(self, name: str) -> list[str]:
        keys = await self._ask(lambda redis: redis.zrange(self._list(name), 0, -1))
        return [key.decode() for key in keys]

    async def _unlist(self, name: str, keys: Sequence[str]) -> None:
        await self._ask(lambda redis: redis.zrem(self._list(name), *keys))

    async def _ask(self, question: Callable[[Redis], Awaitable[Any]]) -> Any:
        try:
            return await self._link.ask(question)
        except Away:
            raise unavailable() from None

    async def _run(self, script: str, keys: list[str], given: list[Any]) -> Any:
        try:
            return await self._link.run(script, keys, given)
        except Away:
            raise unavailable() from None

    def _opened(self, key: str, sealed: bytes | None) -> T | None:
        """What nobody can read is no record: a key that left the ring takes its records along. Raises
        AccessUnavailable where somebody can."""
        if sealed is None:
            return None
        try:
            plain = self._sealing.open(self._form, key.encode(), sealed)
            until, value = self._written.validate_json(plain)
        except Later:
            self._counters.add("record_later", kind=self._form.purpose)
            raise unavailable("a record of a later release") from None
        except (Unreadable, ValidationError):
            self._counters.add("record_unreadable", kind=self._form.purpose)
            return None
        return value if self._clock.now() < until else None

    def _place(self, key: str) -> str:
        return f"{self._before}:{key}"

    def _list(self, name: str) -> str:
        return f"{self._before}-of:{name}"


def unavailable(reason: str = "redis is away") -> AccessUnavailable:
    return AccessUnavailable(
        "Sessions cannot be reached at the moment. Try again in a few seconds.",
        reason=reason,
        headers={"Retry-After": RETRY_SECONDS},
    )
