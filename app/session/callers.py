"""Callers: from the headers of a request to the one who asks, or a refusal."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from app.caller import Caller, Via
from app.errors import Malformed, Unauthenticated, UpstreamUnavailable
from app.observe.current import asks
from app.session.claims import Claims
from app.session.cookies import CookieRules, Pairs, one, parse
from app.session.headers import Headers, values
from app.session.host_jwt import HostTokens
from app.session.native_token import NATIVE, session_id_of
from app.session.revocations import Revocations
from app.session.sessions import Session, Sessions

_BEARER = re.compile(rb"bearer +([A-Za-z0-9\-._~+/]+=*) *", re.IGNORECASE)


class Recognised(Struct, frozen=True):
    """A caller with what proved him: a session, or the claims of a host token.

    `contestable`: beside the session stands a token that proves nothing, and may name somebody else
    as soon as it is valid or can be judged.
    """

    caller: Caller
    proof: Session | Claims
    contestable: bool = False


def is_background(headers: Headers) -> bool:
    """Whether the request calls itself a poll: nobody is at work, no session is to be extended."""
    return b"1" in values(headers, b"x-bff-background")


class Callers:
    """Recognises callers. `tokens` is None where no host JWT is trusted, `revocations` where nobody
    can revoke them."""

    def __init__(
        self,
        sessions: Sessions,
        cookies: CookieRules,
        tokens: HostTokens | None,
        token_cookie: str | None,
        revocations: Revocations | None,
    ) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self._tokens = tokens
        self._token_cookie = token_cookie
        self._revocations = revocations

    async def identify(self, headers: Headers, *, extend: bool) -> Caller:
        """Who asks. Raises Unauthenticated, or Malformed when credentials contradict themselves."""
        return (await self.recognise(headers, extend=extend)).caller

    async def recognise(self, headers: Headers, *, extend: bool) -> Recognised:
        """The same, with the proof. An Authorization header is the whole truth: no cookie is read."""
        headers = tuple(headers)
        if authorization := values(headers, b"authorization"):
            recognised = await self._by_header(authorization, extend=extend)
        else:
            recognised = await self._by_cookies(parse(headers), extend=extend)
        asks(recognised.caller.user)
        return recognised

    async def _by_header(self, authorization: list[bytes], *, extend: bool) -> Recognised:
        if len(authorization) > 1:
            raise Malformed("The header Authorization was sent twice.")
        match = _BEARER.fullmatch(authorization[0])
        if match is None:
            raise _refused("Authorization is not a bearer token")
        token = match[1].decode("ascii")
        if (session_id := session_id_of(token)) is not None:
            session = await self._living(session_id, native=True)
            return await self._as(session, by_cookie=False, extend=extend)
        if self._tokens is None:
            raise _refused("no host token is trusted")
        return await self._bearer(await self._tokens.verify(token), by_cookie=False)

    async def _by_cookies(self, pairs: Pairs, *, extend: bool) -> Recognised:
        session_id = one(pairs, self._cookies.session)
        token = one(pairs, self._token_cookie) if self._token_cookie else None
        if session_id is not None:
            return await self._by_session(session_id, token, extend=extend)
        if token is None or self._tokens is None:
            raise _refused("no credential")
        return await self._bearer(await self._tokens.verify(token), by_cookie=True)

    async def _by_session(self, session_id: str, token: str | None, *, extend: bool) -> Recognised:
        """A live session decides; a host token beside it may only agree, or prove nothing."""
        session = await self._living(session_id, native=False)
        named = await self._user_of(token) if token is not None else None
        if named not in {None, session.user}:
            raise _refused("session and host token name different users")
        recognised = await self._as(session, by_cookie=True, extend=extend)
        return replace(recognised, contestable=token is not None and named is None)

    async def _living(self, session_id: str, *, native: bool) -> Session:
        """The session of that id, shown the way that it was given: an app's is no browser's."""
        session = await self._sessions.find(session_id, extend=False)
        if session is None or (session.how == NATIVE) is not native:
            raise _refused("the session has ended, or was never issued")
        return session

    async def _as(self, session: Session, *, by_cookie: bool, extend: bool) -> Recognised:
        found = await self._sessions.extend(session) if extend else session
        if found is None:
            raise _refused("the session ended meanwhile")
        caller = Caller(
            found.user,
            Via.SESSION,
            by_cookie=by_cookie,
            enterprises=found.enterprises,
            session=found.key,
            explains=found.explains,
        )
        return Recognised(caller, found)

    async def _bearer(self, claims: Claims, *, by_cookie: bool) -> Recognised:
        """The bearer of a good token, unless that was issued before its user's were revoked."""
        if self._revocations and claims.issued <= await self._revocations.until(claims.user):
            raise _refused("host token: revoked")
        caller = Caller(
            claims.user, Via.HOST_JWT, by_cookie, claims.enterprises, explains=claims.explains
        )
        return Recognised(caller, claims)

    async def _user_of(self, token: str) -> str | None:
        """None where the token proves nothing, be it only that it cannot be judged at present."""
        try:
            return (await self._tokens.verify(token)).user if self._tokens else None
        except (Unauthenticated, UpstreamUnavailable):
            return None


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated(reason=reason, headers={"WWW-Authenticate": "Bearer"})
