"""Consents under way: the browser leaves for the ads network and comes back through us.

The platform sends it to a one-time address of ours, so that what is kept of the team's connections
is dropped before the frontend asks for them again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from cachetools import TTLCache
from fastapi import APIRouter, Path, Request, Response

from app.cache.epochs import Epochs
from app.cache.redis_link import Away, RedisLink
from app.catalogue.connections import connection_drops
from app.clock import Clock
from app.errors import FieldError, Invalid, NotFound
from app.patterns import url_safe
from app.session.described import refusals
from app.session.records import Records, hashed
from app.session.return_to import with_parameter
from app.session.sessions import key_of

# How long the one-time address waits for the browser (seconds).
OPEN_SECONDS = 3600
# After its start a consent may end at any moment, for this long (seconds).
WATCH_SECONDS = 900
# What one process keeps at the most.
MOST_ERRANDS = 10_000
# Messages begin with this; others that share the channel have other beginnings.
BEGUN = b"c"
_OUTCOME = re.compile(rb"[?&]connection=([a-z]{1,32})(?=[?&]|$)")


@dataclass(frozen=True, slots=True)
class Errand:
    """Which team a consent is for, and where the browser goes when it ends."""

    team_id: str
    redirect: str


class Consents:
    """The consents under way. `errands` are shared by replicas; which teams to watch each of them has
    heard of, by the `link` where there is one."""

    def __init__(
        self,
        origin: str,
        redirects: Sequence[str],
        errands: Records[Errand],
        link: RedisLink | None,
        epochs: Epochs,
        clock: Clock,
        most: int = MOST_ERRANDS,
    ) -> None:
        self._origin = origin
        self._redirects = frozenset(redirects)
        self._errands = errands
        self._link = link
        self._epochs = epochs
        self._clock = clock
        self._watched: TTLCache[str, bool] = TTLCache(most, WATCH_SECONDS, timer=clock.now)
        if link is not None:
            link.on_message(BEGUN, self._receive)

    async def open(self, team_id: str, redirect: str) -> str:
        """The one-time address for the platform; raises Invalid for a redirect that is not ours."""
        errand = Errand(team_id, self.check(redirect))
        token = secrets.token_urlsafe(24)
        await self._errands.put(key_of(token), errand, self._clock.now() + OPEN_SECONDS)
        self._watch(_name(team_id))
        if self._link is not None:
            channel, message = self._link.channel, BEGUN + _name(team_id).encode()
            with suppress(Away):
                await self._link.ask(lambda redis: redis.publish(channel, message))
        return f"{self._origin}/auth/connected/{token}"

    def under_way(self, team_id: str) -> bool:
        """Whether the team's connections may change without a call through us."""
        return _name(team_id) in self._watched

    async def finish(self, token: str) -> Errand:
        """Take the errand, once; what is kept of the team's connections goes."""
        errand = await self._errands.take(key_of(token))
        if errand is None:
            raise NotFound("This consent has ended already, or was never started here.")
        await self._epochs.bump(connection_drops(errand.team_id))
        return errand

    def _receive(self, message: bytes) -> None:
        self._watch(message[len(BEGUN) :].decode())

    def _watch(self, name: str) -> None:
        """From now on less is believed about this team's connections than was before."""
        self._watched[name] = True
        self._epochs.changes.forget()

    def check(self, redirect: str) -> str:
        """The redirect, absolute: exactly on our origin, or exactly one of the configured addresses;
        raises Invalid."""
        if redirect in self._redirects:
            return redirect
        absolute = self._origin + redirect if redirect.startswith("/") else redirect
        if not self._is_ours(absolute):
            sentence = "must be on the gateway's own origin or one of the configured addresses"
            raise Invalid(errors=[FieldError("/body/redirect", sentence)])
        return absolute

    def _is_ours(self, address: str) -> bool:
        """Written plainly, so that a browser cannot read another host out of it."""
        if not address.isascii() or not address.isprintable() or set(address) & set(" \\"):
            return False
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        return f"{parts.scheme}://{parts.netloc}" == self._origin and "//" not in parts.path


def _name(team_id: str) -> str:
    return hashed("consent", team_id)


def routes(consents: Consents) -> APIRouter:
    """The page where consents end."""
    router = APIRouter(tags=["Session"])

    @router.get(
        "/auth/connected/{token}",
        status_code=303,
        operation_id="finishConsent",
        summary="Finish a consent",
        response_description="To the address that the consent's start named",
        responses=refusals(NotFound, Invalid),
    )
    async def finish_consent(
        request: Request,
        token: Annotated[str, Path(pattern=url_safe(32), description="Names the consent, once")],
    ) -> Response:
        """Where a consent ends: goes on to the address that its start named, with the outcome."""
        errand = await consents.finish(token)
        outcome = _OUTCOME.search(b"?" + request.scope["query_string"])
        told = outcome[1].decode() if outcome else "unknown"
        location = with_parameter(errand.redirect, "connection", told)
        return Response(
            status_code=303, headers={"location": location, "cache-control": "no-store"}
        )

    return router
