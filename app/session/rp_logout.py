"""Signing out at the identity provider too (OpenID Connect RP-Initiated Logout 1.0).

The provider asks for the ID token as a hint. It waits here, sealed, for the end of its session and
leaves in one redirect to the provider (decision 17).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse

from app.errors import AccessUnavailable, Malformed, NotFound, Problem, UpstreamUnavailable
from app.patterns import url_safe
from app.session.described import redirect, refusals
from app.session.identity_provider import IdentityProvider
from app.session.one_use import Briefly
from app.session.parameters import check_parameters
from app.session.sessions import Session, key_of

# How long the address waits for the browser.
ADDRESS_SECONDS = 60
# With a longer hint the provider's address would be more than servers commonly read (8 KiB).
LONGEST_HINT = 6144


class RpLogout:
    """`id_tokens` keeps the hints by the keys of their sessions, `addresses` those on their way.

    `origin` is the gateway's own; the provider sends the browser back to its root.
    """

    def __init__(
        self,
        provider: IdentityProvider | None,
        id_tokens: Briefly,
        addresses: Briefly,
        origin: str,
    ) -> None:
        self._provider = provider
        self._id_tokens = id_tokens
        self._addresses = addresses
        self._back = f"{origin}/"

    async def remember(self, session_id: str, id_token: str) -> None:
        """Keep the hint until the session ends. The logout does without one that is too long, or that
        cannot be kept at the moment."""
        if len(id_token) <= LONGEST_HINT:
            with suppress(AccessUnavailable):
                await self._id_tokens.put(key_of(session_id), id_token)

    async def forget(self, session: str) -> None:
        """The session of that key has ended without a logout."""
        with suppress(AccessUnavailable):
            await self._id_tokens.take(session)

    async def address(self, ended: Session) -> str | None:
        """A local path that leads to the provider, once; None where its session cannot be ended.

        Whatever fails here keeps nobody from signing out: the session has ended already.
        """
        if self._provider is None:
            return None
        try:
            id_token = await self._id_tokens.take(ended.key)
            if await self._provider.end_session_endpoint() is None:
                return None
            return f"/auth/logout/{await self._addresses.issue(id_token or '')}"
        except Problem:
            return None

    async def location(self, token: str) -> str:
        """Where that path leads; raises NotFound for the second time."""
        # Looked up first: while the provider cannot be asked, the address must not be used up.
        endpoint = None if self._provider is None else await self._provider.end_session_endpoint()
        id_token = None if endpoint is None else await self._addresses.redeem(token)
        if self._provider is None or endpoint is None or id_token is None:
            raise NotFound("This address was used already, or is too old.")
        return self._provider.end_session_url(endpoint, id_token or None, self._back)


def routes(logout: RpLogout) -> APIRouter:
    """The one-use address."""
    router = APIRouter(tags=["Session"])

    @router.get(
        "/auth/logout/{token}",
        status_code=303,
        operation_id="logoutAtProvider",
        summary="Sign out at the identity provider",
        response_class=RedirectResponse,
        responses=redirect("To the identity provider, which sends the browser back to `/`")
        | refusals(Malformed, NotFound, UpstreamUnavailable, AccessUnavailable),
    )
    async def logout_at_provider(
        request: Request,
        token: Annotated[str, Path(pattern=url_safe(43), description="From `logoutUrl`, once")],
    ) -> RedirectResponse:
        """Where `logoutUrl` leads. It ends nothing here: the session has ended already."""
        check_parameters(request, only=())
        location = await logout.location(token)
        return RedirectResponse(location, 303, headers={"Cache-Control": "no-store"})

    return router
