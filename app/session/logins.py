"""Logins: sign-ins that were started and not finished. Each is bound to the browser it began in."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.clock import Clock
from app.session.app_request import AppRequest
from app.session.cookies import LOGIN_SECONDS

MOST_LOGINS = 50_000
MOST_PER_BROWSER = 5


@dataclass(frozen=True, slots=True)
class Login:
    """What must be remembered until the identity provider sends the browser back.

    `prior` is the key of the session that the browser had when it started; `binding` the hash of
    the secret in its cookie; `silent` says that the provider may not ask the person anything; `app`
    is the native app that waits for its end, if one does.
    """

    id: str
    return_to: str
    started: float
    prior: str | None = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    binding: bytes = field(repr=False)
    silent: bool = False
    app: AppRequest | None = None


@dataclass(frozen=True, slots=True)
class StartedLogin:
    """A fresh login with what leaves the server: `state` in the URL, `secret` in the cookie."""

    login: Login
    state: str = field(repr=False)
    secret: str = field(repr=False)


class Logins:
    """Every open login of this process, the oldest first; beyond `most` that one is dropped."""

    def __init__(self, clock: Clock, most: int = MOST_LOGINS) -> None:
        self._clock = clock
        self._most = most
        self._open: OrderedDict[str, Login] = OrderedDict()

    async def start(
        self,
        return_to: str,
        prior: str | None,
        *,
        silent: bool = False,
        app: AppRequest | None = None,
    ) -> StartedLogin:
        """Open a login that is to end at `return_to`."""
        state, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        login = Login(
            id=_id_of(state),
            return_to=return_to,
            started=self._clock.now(),
            prior=prior,
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            binding=_hash(secret),
            silent=silent,
            app=app,
        )
        self._make_room(login.started)
        self._open[login.id] = login
        return StartedLogin(login, state, secret)

    async def finish(self, state: str, held: Mapping[str, str]) -> Login | None:
        """Close and return the login of that state, once, in the browser that holds its secret.

        Another browser's attempt finds nothing, and leaves the login to whoever started it.
        """
        login = self._alive(_id_of(state))
        if login is None or not _holds(login, held):
            return None
        return self._open.pop(login.id, None)

    async def crowd_out(self, held: Mapping[str, str]) -> list[str]:
        """Make room for one more login in a browser; the answer is the ids its cookies may forget."""
        mine = [
            login
            for login_id in held
            if (login := self._alive(login_id)) is not None and _holds(login, held)
        ]
        mine.sort(key=lambda login: login.started)
        kept = {login.id for login in mine[max(0, len(mine) - MOST_PER_BROWSER + 1) :]}
        for login in mine:
            if login.id not in kept:
                self._open.pop(login.id, None)
        return [login_id for login_id in held if login_id not in kept]

    def _alive(self, login_id: str) -> Login | None:
        login = self._open.get(login_id)
        if login is None or self._clock.now() >= login.started + LOGIN_SECONDS:
            return None
        return login

    def _make_room(self, now: float) -> None:
        while self._open:
            oldest = next(iter(self._open.values()))
            if now < oldest.started + LOGIN_SECONDS and len(self._open) < self._most:
                return
            del self._open[oldest.id]


def _holds(login: Login, held: Mapping[str, str]) -> bool:
    return hmac.compare_digest(_hash(held.get(login.id, "")), login.binding)


def _id_of(state: str) -> str:
    """Names the login in a cookie's name; says nothing about the state (128 bits of its hash)."""
    return urlsafe_b64encode(_hash(state)[:16]).rstrip(b"=").decode("ascii")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
