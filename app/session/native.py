"""Native apps: a browser signs in, the app receives a one-use code and exchanges it for a session.

The session is one like any other; the app sends its id as a bearer token.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # ships no types
    create_s256_code_challenge,
)
from pydantic import Field, TypeAdapter

from app.catalogue.shapes import Answer, Draft
from app.clock import Clock
from app.errors import FieldError, Malformed, Unauthenticated
from app.patterns import url_safe
from app.session.app_request import LONGEST_REDIRECT, VERIFIER, AppRequest
from app.session.identity_provider import SignedIn
from app.session.journal import Journal
from app.session.native_token import NATIVE, bearer_of
from app.session.one_use import Briefly
from app.session.rp_logout import RpLogout
from app.session.sessions import Sessions

CODE_SECONDS = 60
NOT_EXCHANGED = "This code cannot be exchanged. Start signing in again."


class NativeExchange(Draft):
    """What an app shows to receive its session."""

    code: Annotated[
        str,
        Field(pattern=url_safe(43), description="From the redirect, once within a minute"),
    ]
    code_verifier: Annotated[
        str,
        Field(pattern=VERIFIER, description="What `code_challenge` is the SHA-256 of (RFC 7636)"),
    ]
    redirect: Annotated[
        str,
        Field(
            min_length=1, max_length=LONGEST_REDIRECT, description="The address as login knew it"
        ),
    ]


class NativeSession(Answer):
    """The session of an app. It ends like every session, and with it its token."""

    access_token: Annotated[
        str, Field(description="Opaque; send it as `Authorization: Bearer` and keep it secret")
    ]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # a kind, no secret
    expires_in: Annotated[int, Field(description="Seconds until the session ends in any case")]
    idle_seconds: Annotated[
        int, Field(description="It ends after so many seconds without a request")
    ]


@dataclass(frozen=True, slots=True)
class _HandOff:
    """What a code stands for."""

    app: AppRequest
    signed_in: SignedIn = field(repr=False)
    began: float


_HAND_OFF = TypeAdapter(_HandOff)
# Compared with where there is no code, so that the answer takes as long.
_NOBODYS = AppRequest("", create_s256_code_challenge(""), "")


class NativeSignIn:
    """`redirects` are the exact addresses that apps may wait at; `codes` keeps what is on its way."""

    def __init__(
        self,
        redirects: Sequence[str],
        codes: Briefly,
        sessions: Sessions,
        rp_logout: RpLogout,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._redirects = frozenset(redirects)
        self._codes = codes
        self._sessions = sessions
        self._rp_logout = rp_logout
        self._journal = journal
        self._clock = clock

    def check(self, app: AppRequest) -> None:
        """Return when apps may wait at that address. A browser is never sent to another."""
        if app.redirect not in self._redirects:
            message = "must be one of the configured addresses"
            raise Malformed(
                "redirect is not an address of an app that is known here.",
                errors=[FieldError("/query/redirect", message)],
            )

    async def hand_off(self, app: AppRequest, signed_in: SignedIn, began: float) -> str:
        """The app's address with a code that stands for whoever signed in, and `began` to."""
        value = _HAND_OFF.dump_json(_HandOff(app, signed_in, began)).decode()
        return app.answer(await self._codes.issue(value))

    async def exchange(self, asked: NativeExchange) -> NativeSession:
        """Begin the session; one and the same Unauthenticated for whatever does not fit.

        The code is used up by trying: whoever intercepts it cannot try twice.
        """
        value = await self._codes.redeem(asked.code)
        hand_off = None if value is None else _HAND_OFF.validate_json(value)
        fits = _fits(asked, _NOBODYS if hand_off is None else hand_off.app)
        if hand_off is None or not fits:
            raise self._refused(
                "no such code" if hand_off is None else "verifier or redirect differ"
            )
        claims = hand_off.signed_in.claims
        try:
            session_id = await self._sessions.start(claims, how=NATIVE, began=hand_off.began)
        except Unauthenticated as barred:
            raise self._refused(barred.reason or barred.code) from None
        await self._rp_logout.remember(session_id, hand_off.signed_in.id_token)
        self._journal.started(claims.user, replaced=False)
        session = await self._sessions.find(session_id, extend=False)
        if session is None:
            raise self._refused("the session ended at once")
        now = self._clock.now()
        return NativeSession(
            access_token=bearer_of(session_id),
            expires_in=int(session.absolute_ends - now),
            idle_seconds=int(session.idle_ends - now),
        )

    def _refused(self, reason: str) -> Unauthenticated:
        problem = Unauthenticated(
            NOT_EXCHANGED, reason=f"hand-off: {reason}", headers={"WWW-Authenticate": "Bearer"}
        )
        self._journal.refused(problem)
        return problem


def _fits(asked: NativeExchange, app: AppRequest) -> bool:
    shown = create_s256_code_challenge(asked.code_verifier)
    proven = hmac.compare_digest(shown, app.challenge)
    return hmac.compare_digest(asked.redirect.encode(), app.redirect.encode()) and proven
