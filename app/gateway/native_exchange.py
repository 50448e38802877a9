"""The route where native apps exchange a hand-off code for their session."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from app.errors import (
    AccessUnavailable,
    Invalid,
    Malformed,
    NotAcceptable,
    RateLimited,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from app.gateway.asking import check_accept, read_body, read_draft, wishes_of
from app.session.described import refusals
from app.session.native import NativeExchange, NativeSession, NativeSignIn
from app.session.parameters import check_parameters
from app.session.throttle import SignInThrottle


def routes(native: NativeSignIn, throttle: SignInThrottle, max_body_bytes: int) -> APIRouter:
    """The one route, described. Its body is read as every body is: strictly, and up to a bound."""
    router = APIRouter(tags=["Session"])
    schema = NativeExchange.model_json_schema(by_alias=True)

    @router.post(
        "/auth/native/token",
        operation_id="exchangeNativeCode",
        summary="Exchange a hand-off code for a session",
        response_model=NativeSession,
        dependencies=[Depends(throttle)],
        responses=refusals(
            Malformed,
            Unauthenticated,
            NotAcceptable,
            TooLarge,
            UnsupportedMediaType,
            Invalid,
            RateLimited,
            AccessUnavailable,
        ),
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}
        },
    )
    async def exchange_native_code(request: Request, response: Response) -> NativeSession:
        """Begin the session of a native app, with the code that its redirect brought.

        The code works once, within a minute, with the verifier and the redirect of its login.
        Whatever does not fit is the same 401. No cookie is read or set, and the CSRF rules do not
        apply: nothing here is done in the name of whoever a browser knows.
        """
        check_parameters(request, only=())
        headers = request.headers.raw
        check_accept(wishes_of(headers).accept, "application/json")
        body = await read_body(headers, request.receive, max_body_bytes)
        response.headers["Cache-Control"] = "no-store"
        return await native.exchange(read_draft(NativeExchange, headers, body))

    return router
