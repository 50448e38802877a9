"""Signing in, as the two halves of one story: to the identity provider, and back from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.errors import Malformed, NotFound, Problem, Unauthenticated
from app.session.claims import Claims
from app.session.cookies import CookieRules, one, parse
from app.session.headers import Headers
from app.session.identity_provider import IdentityProvider
from app.session.journal import Journal
from app.session.logins import Login, Logins
from app.session.sessions import Sessions, key_of


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send the browser, and which cookies go with it."""

    location: str
    cookies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the identity provider's redirect carried."""

    state: str | None = field(repr=False)
    code: str | None = field(repr=False)
    issuer: str | None
    error: str | None


class LoginFlow:
    """Starts and finishes sign-ins. `provider` is None where the product signs people in itself."""

    def __init__(
        self,
        provider: IdentityProvider | None,
        logins: Logins,
        sessions: Sessions,
        cookies: CookieRules,
        journal: Journal,
    ) -> None:
        self._provider = provider
        self._logins = logins
        self._sessions = sessions
        self._cookies = cookies
        self._journal = journal

    async def start(self, headers: Headers, return_to: str) -> Redirect:
        """Send the browser to the provider, and remember what it may bring back."""
        provider = self._known_provider()
        pairs = parse(headers)
        held = self._cookies.logins(pairs)
        session_id = one(pairs, self._cookies.session)
        prior = None if session_id is None else key_of(session_id)
        forgotten = await self._logins.crowd_out(held)
        started = await self._logins.start(return_to, prior)
        login = started.login
        location = await provider.authorization_url(
            state=started.state, nonce=login.nonce, verifier=login.verifier
        )
        cookies = (
            *(self._cookies.end_login(login_id) for login_id in forgotten),
            self._cookies.start_login(login.id, started.secret),
        )
        return Redirect(location, cookies)

    async def finish(self, headers: Headers, answer: Answer) -> Redirect:
        """Turn the provider's answer into a session; whoever the browser was before is signed out."""
        provider = self._known_provider()
        pairs = parse(headers)
        shown = one(pairs, self._cookies.session)
        login = await self._logins.finish(answer.state or "", self._cookies.logins(pairs))
        if login is None:
            raise self._unknown_login()
        forget = self._cookies.end_login(login.id)
        try:
            claims = await _signed_in(provider, login, answer)
            replaced = await self._end_prior(login, shown)
            session_id = await self._sessions.start(claims, how="oidc", began=login.started)
        except Problem as problem:
            self._journal.refused(problem)
            problem.headers["Set-Cookie"] = forget
            raise
        self._journal.started(claims.user, replaced=replaced)
        return Redirect(login.return_to, (forget, self._cookies.start_session(session_id)))

    async def _end_prior(self, login: Login, session_id: str | None) -> bool:
        """End the session that the browser had at the start, and the one that it shows now."""
        keys = {login.prior, None if session_id is None else key_of(session_id)} - {None}
        ended = [await self._sessions.end(key) for key in keys if key is not None]
        for session in ended:
            if session is not None:
                self._journal.ended(session.user)
        return any(ended)

    def _known_provider(self) -> IdentityProvider:
        if self._provider is None:
            raise NotFound("People sign in to the product itself, not here.")
        return self._provider

    def _unknown_login(self) -> Malformed:
        problem = Malformed(
            "This sign-in is too old, was finished already, or began in another browser. "
            "Start it again.",
            reason="no open login of that state in this browser",
        )
        self._journal.refused(problem)
        return problem


async def _signed_in(provider: IdentityProvider, login: Login, answer: Answer) -> Claims:
    """Who came back. The answer's issuer comes first: another provider's word counts for nothing."""
    await provider.check_issuer(answer.issuer)
    if answer.error is not None:
        raise Unauthenticated(
            "The identity provider did not sign you in.", reason="the provider answered an error"
        )
    if answer.code is None:
        raise Malformed("The identity provider sent no code.", reason="neither code nor error")
    return await provider.claims(answer.code, verifier=login.verifier, nonce=login.nonce)
