"""Consents under way: the browser leaves for the ads network and comes back through us.

The platform sends it to a one-time address of ours, so that what is kept of the team's connections
is dropped before the frontend asks for them again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from cachetools import TTLCache
from fastapi import APIRouter, Path, Request, Response

from app.cache.epochs import Epochs
from app.catalogue.connections import connection_drops
from app.clock import Clock
from app.errors import FieldError, Invalid, NotFound
from app.session.described import refusals
from app.session.return_to import with_parameter

# How long the one-time address waits for the browser (seconds).
OPEN_SECONDS = 3600
# After its start a consent may end at any moment, for this long (seconds).
WATCH_SECONDS = 900
_OUTCOME = re.compile(rb"[?&]connection=([a-z]{1,32})(?=[?&]|$)")


@dataclass(frozen=True, slots=True)
class Errand:
    """Which team a consent is for, and where the browser goes when it ends."""

    team_id: str
    redirect: str


class Consents:
    """The consents under way in this process, bounded."""

    def __init__(
        self,
        origin: str,
        redirects: Sequence[str],
        epochs: Epochs,
        clock: Clock,
        most: int = 10_000,
    ) -> None:
        self._origin = origin
        self._redirects = frozenset(redirects)
        self._epochs = epochs
        self._errands: TTLCache[str, Errand] = TTLCache(most, OPEN_SECONDS, timer=clock.now)
        self._watched: TTLCache[str, bool] = TTLCache(most, WATCH_SECONDS, timer=clock.now)

    def open(self, team_id: str, redirect: str) -> str:
        """The one-time address for the platform; raises Invalid for a redirect that is not ours."""
        errand = Errand(team_id, self._checked(redirect))
        token = secrets.token_urlsafe(24)
        self._errands[token] = errand
        self._watched[team_id] = True
        return f"{self._origin}/auth/connected/{token}"

    def under_way(self, team_id: str) -> bool:
        """Whether the team's connections may change without a call through us."""
        return team_id in self._watched

    async def finish(self, token: str) -> Errand:
        """Take the errand, once; what is kept of the team's connections goes."""
        errand: Errand | None = self._errands.pop(token, None)
        if errand is None:
            raise NotFound("This consent has ended already, or was never started here.")
        await self._epochs.bump(connection_drops(errand.team_id))
        return errand

    def _checked(self, redirect: str) -> str:
        """Exactly on our origin, or exactly one of the configured addresses."""
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
        token: Annotated[
            str, Path(pattern=r"^[A-Za-z0-9_-]{32}$", description="Names the consent, once")
        ],
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
