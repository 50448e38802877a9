"""Signing in, as the two halves of one story: to the identity provider, and back from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.errors import AccessUnavailable, NotFound, Problem, Unauthenticated
from app.observe.audit import Ending
from app.session.cookies import CookieRules, one, parse
from app.session.headers import Headers
from app.session.identity_provider import IdentityProvider, SignedIn
from app.session.journal import Journal
from app.session.login_query import LoginQuery, Prompt
from app.session.logins import Login, Logins
from app.session.native import NativeSignIn
from app.session.return_to import with_parameter
from app.session.rp_logout import RpLogout
from app.session.sessions import Sessions, key_of

SIGN_IN_FAILED = "The sign-in did not succeed. Start it again; if that does not help, try later."
# The provider would have to ask (OpenID Connect Core, section 3.1.2.6).
INTERACTION_REQUIRED = frozenset(
    {"login_required", "interaction_required", "account_selection_required", "consent_required"}
)
# What a frontend finds in its address after a silent sign-in that came to nothing.
LOGIN_REQUIRED = ("login", "required")


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send the browser, and which cookies go with it."""

    location: str
    cookies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An app's address that the person has to open himself, and which cookies go with the page."""

    address: str = field(repr=False)
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
        rp_logout: RpLogout,
        native: NativeSignIn,
    ) -> None:
        self._provider = provider
        self._logins = logins
        self._sessions = sessions
        self._cookies = cookies
        self._journal = journal
        self._rp_logout = rp_logout
        self._native = native

    async def start(self, headers: Headers, query: LoginQuery) -> Redirect:
        """Send the browser to the provider, and remember what it may bring back."""
        provider = self._known_provider()
        if query.app is not None:
            self._native.check(query.app)
        pairs = parse(headers)
        held = self._cookies.logins(pairs)
        session_id = one(pairs, self._cookies.session)
        prior = None if session_id is None else key_of(session_id)
        forgotten = await self._logins.crowd_out(held)
        silent = query.prompt is Prompt.NONE
        started = await self._logins.start(query.return_to, prior, silent=silent, app=query.app)
        login = started.login
        location = await provider.authorization_url(
            state=started.state, nonce=login.nonce, verifier=login.verifier, prompt=query.prompt
        )
        cookies = (
            *(self._cookies.end_login(login_id) for login_id in forgotten),
            self._cookies.start_login(login.id, started.secret),
        )
        return Redirect(location, cookies)

    async def finish(self, headers: Headers, answer: Answer) -> Redirect | Confirmation:
        """Turn the provider's answer into a session; whoever the browser was before is signed out.

        For an app the browser only fetches a code, and stays who it was. Whatever goes wrong is one
        and the same refusal: only the log tells why.
        """
        provider = self._known_provider()
        pairs = parse(headers)
        shown = one(pairs, self._cookies.session)
        login = await self._logins.finish(answer.state or "", self._cookies.logins(pairs))
        if login is None:
            raise self._failed(
                Unauthenticated(reason="no open login of that state in this browser")
            )
        forget = self._cookies.end_login(login.id)
        try:
            await provider.check_issuer(answer.issuer)
            if login.silent and answer.error in INTERACTION_REQUIRED:
                self._journal.unanswered(answer.error)
                return Redirect(with_parameter(login.return_to, *LOGIN_REQUIRED), (forget,))
            signed_in = await _signed_in(provider, login, answer)
            if login.app is not None:
                address = await self._native.hand_off(login.app, signed_in, login.started)
                leads = Redirect if login.app.is_claimed else Confirmation
                return leads(address, (forget,))
            session_id, replaced = await self._begin(login, signed_in, shown)
        except AccessUnavailable as problem:
            problem.headers["Set-Cookie"] = forget
            raise
        except Problem as problem:
            raise self._failed(problem, forget) from None
        self._journal.started(signed_in.claims.user, replaced=replaced)
        return Redirect(login.return_to, (forget, self._cookies.start_session(session_id)))

    async def _begin(
        self, login: Login, signed_in: SignedIn, shown: str | None
    ) -> tuple[str, bool]:
        """The new session's id, and whether another one of this browser's ended for it."""
        replaced = await self._end_prior(login, shown)
        session_id = await self._sessions.start(signed_in.claims, how="oidc", began=login.started)
        await self._rp_logout.remember(session_id, signed_in.id_token)
        return session_id, replaced

    async def _end_prior(self, login: Login, session_id: str | None) -> bool:
        """End the session that the browser had at the start, and the one that it shows now."""
        keys = {login.prior, None if session_id is None else key_of(session_id)} - {None}
        ended = [await self._sessions.end(key) for key in keys if key is not None]
        for session in ended:
            if session is not None:
                await self._rp_logout.forget(session.key)
                self._journal.ended(session.user, Ending.REPLACED)
        return any(ended)

    def _known_provider(self) -> IdentityProvider:
        if self._provider is None:
            raise NotFound("People sign in to the product itself, not here.")
        return self._provider

    def _failed(self, problem: Problem, forget: str | None = None) -> Unauthenticated:
        """What a person is told, whatever happened: who tries out answers learns nothing from it."""
        self._journal.refused(problem)
        headers = {"WWW-Authenticate": "Bearer"}
        if forget is not None:
            headers["Set-Cookie"] = forget
        return Unauthenticated(
            SIGN_IN_FAILED, reason=problem.reason or problem.code, headers=headers
        )


async def _signed_in(provider: IdentityProvider, login: Login, answer: Answer) -> SignedIn:
    """Who came back, from the provider that was asked."""
    if answer.error is not None:
        raise Unauthenticated(reason="the provider answered an error")
    if answer.code is None:
        raise Unauthenticated(reason="neither code nor error")
    return await provider.signed_in(answer.code, verifier=login.verifier, nonce=login.nonce)
