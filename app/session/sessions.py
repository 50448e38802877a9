"""Sessions: kept on the server, found by an opaque id whose hash alone is remembered.

Where they are kept, in this process or in Redis for all replicas, is the records' business. What
ended stays ended: activity is only ever noted in a session that is still there.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from app.clock import Clock
from app.errors import Unauthenticated
from app.session.claims import Claims
from app.session.cookies import LOGIN_SECONDS
from app.session.records import Records, hashed
from app.settings import SessionSettings

# Activity is noted this seldom (seconds), and where sessions end sooner after a twentieth of that
# time: a dashboard asks ten things at once, and each note is a write that Redis hands on to its
# replicas. A session may so end that much earlier than its idle time says, and never later.
NOTED_EVERY = 30
# A sign-in takes LOGIN_SECONDS at the most; then its code has to be redeemed, and an app's as well.
BARRED_SECONDS = LOGIN_SECONDS + 60 + 60


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, since when and until when. `key` is the hash of the id, never the id.

    `handle` names the session to its user; it opens nothing. `subject` and `provider_session` are
    the identity provider's names (`sub`, `sid`) for the person and for the session behind this one.
    """

    key: str = field(repr=False)
    handle: str
    user: str
    subject: str = field(repr=False)
    enterprises: frozenset[str] | None
    name: str | None
    explains: bool
    how: str
    provider_session: str | None = field(repr=False)
    created: float
    seen: float
    idle_ends: float
    absolute_ends: float

    @property
    def ends(self) -> float:
        return min(self.idle_ends, self.absolute_ends)


def key_of(session_id: str) -> str:
    """What the store knows a session by: whoever reads the store cannot use its sessions."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def of_user(user: str) -> str:
    """The name that all sessions of a user bear."""
    return hashed("user", user)


def of_subject(subject: str) -> str:
    """The same by the identity provider's `sub`."""
    return hashed("sub", subject)


def of_provider_session(sid: str) -> str:
    return hashed("sid", sid)


def of_subject_without_session(subject: str) -> str:
    """Sessions whose ID token had no `sid`: nobody can tell which of them the provider means."""
    return hashed("sub without sid", subject)


def names_of(session: Session) -> Collection[str]:
    """What a session can be found by, to be listed or ended."""
    sid = session.provider_session
    own = of_subject_without_session(session.subject) if sid is None else of_provider_session(sid)
    return of_user(session.user), of_subject(session.subject), own


class Sessions:
    """Every session. `bars` holds, by name, until when a sign-in must have begun to come too late.

    `noted_every`: activity is noted after that many seconds.
    """

    def __init__(
        self,
        settings: SessionSettings,
        kept: Records[Session],
        bars: Records[float],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._kept = kept
        self._bars = bars
        self._clock = clock
        self.noted_every = min(NOTED_EVERY, settings.idle_seconds / 20)

    async def start(self, claims: Claims, *, how: str, began: float) -> str:
        """Begin a session; the answer is its id, a credential that exists nowhere else.

        `began` is when the sign-in did: raises Unauthenticated when it was barred since.
        """
        session_id = secrets.token_urlsafe(32)
        now = self._clock.now()
        session = Session(
            key=key_of(session_id),
            handle=secrets.token_urlsafe(12),
            user=claims.user,
            subject=claims.subject,
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
        await self._kept.put(session.key, session, session.ends)
        # Kept first and looked at the bars afterwards, while `end_named` bars first and looks for
        # sessions afterwards: whichever way the two meet, the session ends.
        for name in names_of(session):
            barred = await self._bars.get(name)
            if barred is not None and began <= barred:
                await self._kept.take(session.key)
                raise Unauthenticated(
                    "You were signed out meanwhile. Sign in again.",
                    reason="the sign-in began before its end was ordered",
                )
        return session_id

    async def find(self, session_id: str, *, extend: bool) -> Session | None:
        """The living session of that id. `extend` says that a person is at work, not a poll."""
        session = await self._kept.get(key_of(session_id))
        return await self.extend(session) if session and extend else session

    async def extend(self, session: Session) -> Session | None:
        """Note that a person is at work, now and then; None when the session has ended meanwhile."""
        now = self._clock.now()
        if now - session.seen < self.noted_every:
            return session
        extended = replace(session, seen=now, idle_ends=now + self._settings.idle_seconds)
        stands = await self._kept.replace(session.key, extended, extended.ends)
        return extended if stands else None

    async def peek(self, key: str) -> Session | None:
        """The living session of that key, left as it is."""
        return await self._kept.get(key)

    async def end(self, key: str) -> Session | None:
        """End a session now; the answer is what it was, None when it was gone already."""
        return await self._kept.take(key)

    async def end_by_id(self, session_id: str) -> Session | None:
        """The same, for somebody who holds the id."""
        return await self.end(key_of(session_id))

    async def all_of(self, user: str) -> Sequence[Session]:
        """A user's living sessions, the newest first."""
        found = await self._kept.named(of_user(user))
        return sorted(found, key=lambda session: session.created, reverse=True)

    async def end_named(self, names: Collection[str], *, begun_later_too: bool) -> list[Session]:
        """End every session that bears one of the names, and whatever sign-in under way would.

        `begun_later_too`: for as long as a sign-in takes, also those that begin after this.
        """
        now = self._clock.now()
        until = now + BARRED_SECONDS
        for name in names:
            await self._bars.put(name, until if begun_later_too else now, until)
        return [session for name in names for session in await self._kept.take_named(name)]
