"""Back-channel logout: the identity provider says that somebody signed out there (OpenID Connect
Back-Channel Logout 1.0). Its signed token is all that counts: no cookie is read, no header asked for.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from app.clock import Clock
from app.errors import (
    AccessUnavailable,
    Malformed,
    NotFound,
    TooLarge,
    UnsupportedMediaType,
    UpstreamUnavailable,
)
from app.observe.audit import Ending
from app.session.described import refusals
from app.session.headers import values
from app.session.id_token import LONGEST_TOKEN
from app.session.identity_provider import IdentityProvider
from app.session.journal import Journal
from app.session.logout_token import Order
from app.session.records import Records, hashed
from app.session.registered_claims import TokenRefused
from app.session.sessions import Sessions

FORM = re.compile(rb"application/x-www-form-urlencoded\s*(?:;.*)?", re.IGNORECASE)
# Twice the longest token: beside it there may be values that we do not know (section 2.5).
LONGEST_BODY = 2 * LONGEST_TOKEN
MOST_FIELDS = 20


class BackchannelLogout:
    """The handler. `orders` are those that were carried out, by the hash of their id."""

    def __init__(
        self,
        provider: IdentityProvider | None,
        sessions: Sessions,
        orders: Records[float],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._provider = provider
        self._sessions = sessions
        self._orders = orders
        self._journal = journal
        self._clock = clock

    async def logout(self, request: Request) -> Response:
        """End sessions on the identity provider's word: those of its session (`sid`), or all of a
        person (`sub`). Sign-ins under way are barred as well. Nobody else needs it.
        """
        if self._provider is None:
            raise NotFound("People sign in to the product itself, not here.")
        order = await self._order(self._provider, await _token_in(request))
        # A provider's session does not begin again, a person does.
        ended = await self._sessions.end_named(order.of_session, begun_later_too=True)
        ended += await self._sessions.end_named(order.of_person, begun_later_too=False)
        for session in ended:
            self._journal.ended(session.user, Ending.BACK_CHANNEL)
        # Only now: an order that could not be carried out may come again.
        await self._orders.put(_name(order), self._clock.now(), order.ends)
        return Response(status_code=200, headers={"Cache-Control": "no-store"})

    async def _order(self, provider: IdentityProvider, token: str) -> Order:
        try:
            order = await provider.logout_order(token)
        except TokenRefused as refused:
            raise self._refused(refused.reason) from None
        if await self._orders.get(_name(order)) is not None:
            raise self._refused("jti was used before")
        return order

    def _refused(self, reason: str) -> Malformed:
        self._journal.logout_refused(reason)
        return Malformed("The logout token was not accepted.", reason=f"logout token: {reason}")


def _name(order: Order) -> str:
    return hashed("logout", order.id)


def router(handlers: BackchannelLogout) -> APIRouter:
    """The route, described."""
    routes = APIRouter(tags=["Session"])
    routes.add_api_route(
        "/auth/backchannel-logout",
        handlers.logout,
        methods=["POST"],
        operation_id="backchannelLogout",
        summary="End sessions on the identity provider's word",
        response_class=Response,
        response_description="The sessions have ended, if there were any",
        responses=refusals(
            Malformed,
            NotFound,
            TooLarge,
            UnsupportedMediaType,
            UpstreamUnavailable,
            AccessUnavailable,
        ),
        openapi_extra={"requestBody": _BODY},
    )
    return routes


async def _token_in(request: Request) -> str:
    headers = request.headers.raw
    types = values(headers, b"content-type")
    if len(types) != 1 or not FORM.fullmatch(types[0].strip()):
        raise UnsupportedMediaType("Send application/x-www-form-urlencoded.")
    if values(headers, b"content-encoding") not in ([], [b"identity"]):
        raise UnsupportedMediaType("Send the body without a content encoding.")
    body = await _body(request)
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Malformed("The body is not a form.") from None
    tokens = [value for name, value in fields if name == "logout_token"]
    if len(tokens) != 1:
        raise Malformed("Send logout_token, once.")
    return tokens[0]


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for part in request.stream():
            if len(body) + len(part) > LONGEST_BODY:
                raise TooLarge(f"A body has at most {LONGEST_BODY} bytes.")
            body += part
    except ClientDisconnect:
        raise Malformed("The body ended early.") from None
    return bytes(body)


_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["logout_token"],
                "properties": {
                    "logout_token": {
                        "type": "string",
                        "description": "A JWT, signed with a key that the provider publishes",
                    }
                },
            }
        }
    },
}
