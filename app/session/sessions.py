"""Sessions: kept on the server, found by an opaque id whose hash alone is remembered."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from app.clock import Clock
from app.session.claims import Claims
from app.settings import SessionSettings

MOST_SESSIONS = 100_000


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, since when and until when. `key` is the hash of the id, never the id."""

    key: str = field(repr=False)
    user: str
    enterprises: frozenset[str] | None
    name: str | None
    explains: bool
    how: str
    provider_session: str | None = field(repr=False)
    created: float
    seen: float
    idle_ends: float
    absolute_ends: float

    def alive(self, now: float) -> bool:
        return now < self.idle_ends and now < self.absolute_ends


def key_of(session_id: str) -> str:
    """What the store knows a session by: whoever reads the store cannot use its sessions."""
    return hashlib.sha256(session_id.encode()).hexdigest()


class Sessions:
    """Every session of this process, the longest idle first; beyond `most` that one is ended."""

    def __init__(self, settings: SessionSettings, clock: Clock, most: int = MOST_SESSIONS) -> None:
        self._settings = settings
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[str, Session] = OrderedDict()

    async def start(self, claims: Claims, *, how: str) -> str:
        """Begin a session; the answer is its id, a credential that exists nowhere else."""
        session_id = secrets.token_urlsafe(32)
        now = self._clock.now()
        session = Session(
            key=key_of(session_id),
            user=claims.user,
            enterprises=claims.enterprises,
            name=claims.name,
            explains=claims.explains,
            how=how,
            provider_session=claims.provider_session,
            created=now,
            seen=now,
            idle_ends=now + self._settings.idle_seconds,
            absolute_ends=now + self._settings.absolute_seconds,
        )
        self._make_room(now)
        self._kept[session.key] = session
        return session_id

    async def find(self, session_id: str, *, extend: bool) -> Session | None:
        """The living session of that id. `extend` says that a person is at work, not a poll."""
        session = self._alive(key_of(session_id))
        if session is None or not extend:
            return session
        # Nothing is awaited between the look and the change: a request in flight cannot bring a
        # session back that ended meanwhile.
        return self._extend(session)

    async def peek(self, key: str) -> Session | None:
        """The living session of that key, left as it is."""
        return self._alive(key)

    async def end(self, key: str) -> Session | None:
        """End a session now; the answer is what it was, None when it was gone already."""
        session = self._kept.pop(key, None)
        return session if session and session.alive(self._clock.now()) else None

    async def end_by_id(self, session_id: str) -> Session | None:
        """The same, for somebody who holds the id."""
        return await self.end(key_of(session_id))

    def _alive(self, key: str) -> Session | None:
        session = self._kept.get(key)
        if session is None:
            return None
        if not session.alive(self._clock.now()):
            del self._kept[key]
            return None
        return session

    def _extend(self, session: Session) -> Session:
        now = self._clock.now()
        extended = replace(session, seen=now, idle_ends=now + self._settings.idle_seconds)
        self._kept[session.key] = extended
        self._kept.move_to_end(session.key)
        return extended

    def _make_room(self, now: float) -> None:
        while self._kept:
            key, oldest = next(iter(self._kept.items()))
            if oldest.alive(now) and len(self._kept) < self._most:
                return
            del self._kept[key]
