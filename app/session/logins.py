"""Logins: sign-ins that were started and not finished. Each is bound to the browser it began in."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.clock import Clock
from app.session.app_request import AppRequest
from app.session.cookies import LOGIN_SECONDS
from app.session.records import Records

MOST_PER_BROWSER = 5
# Of the login cookies that a browser sends no more are looked up: it never got that many.
MOST_HELD = 20


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
    binding: str = field(repr=False)
    silent: bool = False
    app: AppRequest | None = None


@dataclass(frozen=True, slots=True)
class StartedLogin:
    """A fresh login with what leaves the server: `state` in the URL, `secret` in the cookie."""

    login: Login
    state: str = field(repr=False)
    secret: str = field(repr=False)


class Logins:
    """Every open login, wherever they are kept: one that starts here may be finished elsewhere."""

    def __init__(self, kept: Records[Login], clock: Clock) -> None:
        self._kept = kept
        self._clock = clock

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
            binding=_hash(secret).hex(),
            silent=silent,
            app=app,
        )
        await self._kept.put(login.id, login, login.started + LOGIN_SECONDS)
        return StartedLogin(login, state, secret)

    async def finish(self, state: str, held: Mapping[str, str]) -> Login | None:
        """Close and return the login of that state, once, in the browser that holds its secret.

        Another browser's attempt finds nothing, and leaves the login to whoever started it.
        """
        login = await self._kept.get(_id_of(state))
        if login is None or not _holds(login, held):
            return None
        return await self._kept.take(login.id)

    async def crowd_out(self, held: Mapping[str, str]) -> list[str]:
        """Make room for one more login in a browser; the answer is the ids its cookies may forget."""
        looked_up = [await self._kept.get(login_id) for login_id in list(held)[:MOST_HELD]]
        mine = [login for login in looked_up if login is not None and _holds(login, held)]
        mine.sort(key=lambda login: login.started)
        kept = {login.id for login in mine[max(0, len(mine) - MOST_PER_BROWSER + 1) :]}
        for login in mine:
            if login.id not in kept:
                await self._kept.take(login.id)
        return [login_id for login_id in held if login_id not in kept]


def _holds(login: Login, held: Mapping[str, str]) -> bool:
    return hmac.compare_digest(_hash(held.get(login.id, "")).hex(), login.binding)


def _id_of(state: str) -> str:
    """Names the login in a cookie's name; says nothing about the state (128 bits of its hash)."""
    return urlsafe_b64encode(_hash(state)[:16]).rstrip(b"=").decode("ascii")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
