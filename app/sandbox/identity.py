"""An OIDC identity provider with the demo users (or those of a tape): code flow with PKCE, ID tokens in ES256.

It keeps no session of its own: its login page always asks who is there.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from html import escape
from urllib.parse import unquote_plus, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.clock import Clock
from app.sandbox.authorization import (
    Codes,
    Grant,
    OAuthError,
    Untrusted,
    check_return,
    read_sign_in,
)
from app.sandbox.demo import Person
from app.sandbox.pages import hidden, page
from app.sandbox.state import SandboxOptions

_ID_TOKEN_SECONDS = 300


class IdentityProvider:
    """Discovery, keys, the login page, the token endpoint and logout, all below /idp."""

    def __init__(self, options: SandboxOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._issuer = f"{options.origin}/idp"
        self._codes = Codes(clock)
        self._people = {person.login: person for person in options.people}
        self._key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)

    def routes(self) -> list[Route]:
        return [
            Route("/idp/.well-known/openid-configuration", self.discovery),
            Route("/idp/jwks", self.keys),
            Route("/idp/authorize", self.ask, methods=["GET"]),
            Route("/idp/authorize", self.sign_in, methods=["POST"]),
            Route("/idp/token", self.token, methods=["POST"]),
            Route("/idp/logout", self.logout, methods=["GET", "POST"]),
        ]

    async def discovery(self, _request: Request) -> Response:
        document = {
            "issuer": self._issuer,
            "authorization_endpoint": f"{self._issuer}/authorize",
            "token_endpoint": f"{self._issuer}/token",
            "jwks_uri": f"{self._issuer}/jwks",
            "end_session_endpoint": f"{self._issuer}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": ["openid", "profile", "email"],
            "claims_supported": ["sub", "name", "email", "email_verified", "enterprises"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(document)

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def ask(self, request: Request) -> Response:
        """The login page, for a valid request."""
        parameters = dict(request.query_params)
        try:
            check_return(parameters, self._options)
            read_sign_in(parameters)
        except Untrusted as error:
            return _stop(str(error))
        except OAuthError as error:
            return self._return(parameters, 302, error=error.code, error_description=str(error))
        return self._login_page(parameters)

    async def sign_in(self, request: Request) -> Response:
        """Who was chosen, with the parameters of the request: in the page's form, or still in the
        address, so that a client without a page can choose as well."""
        sent = {name: str(value) for name, value in (await request.form()).items()}
        form = dict(request.query_params) | sent
        try:
            check_return(form, self._options)
            sign_in = read_sign_in(form)
        except (Untrusted, OAuthError) as error:
            return _stop(str(error))
        person = self._people.get(form.get("user", ""))
        if person is None:
            return self._return(form, 303, error="access_denied")
        return self._return(form, 303, code=self._codes.issue(sign_in, person))

    def _login_page(self, parameters: Mapping[str, str]) -> Response:
        kept = "".join(hidden(name, value) for name, value in parameters.items() if name != "user")
        buttons = "".join(_button(person) for person in self._people.values())
        body = (
            "<p>A demo identity provider: choose who you are.</p>"
            f'<form method="post" action="/idp/authorize">{kept}{buttons}'
            '<button name="user" value="">Cancel</button></form>'
        )
        return page("Sign in", body, forms_to=f"'self' {self._options.gateway_origin}")

    def _return(self, parameters: Mapping[str, str], status: int, **outcome: str) -> Response:
        """Back to the client, with `iss` (RFC 9207); the address was checked before."""
        outcome["iss"] = self._issuer
        if "state" in parameters:
            outcome["state"] = parameters["state"]
        return RedirectResponse(f"{parameters['redirect_uri']}?{urlencode(outcome)}", status)

    async def token(self, request: Request) -> Response:
        """Exchanges a code; errors as in RFC 6749, 5.2."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            self._check_client(request, form)
            grant = self._codes.redeem(
                form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
            )
        except OAuthError as error:
            body = {"error": error.code, "error_description": error.description}
            return JSONResponse(body, error.status, _NOT_STORED)
        return JSONResponse(self._tokens(grant), headers=_NOT_STORED)

    def _check_client(self, request: Request, form: Mapping[str, str]) -> None:
        """By client_secret_basic or client_secret_post, and for the one grant that we offer."""
        given = _basic(request.headers.get("authorization", ""))
        given = given or (form.get("client_id", ""), form.get("client_secret", ""))
        known = (self._options.client_id, self._options.client_secret)
        if not secrets.compare_digest("\n".join(given).encode(), "\n".join(known).encode()):
            raise OAuthError("invalid_client", "unknown client or wrong secret", 401)
        if form.get("grant_type") != "authorization_code":
            raise OAuthError("unsupported_grant_type", "only authorization_code is offered")

    def _tokens(self, grant: Grant) -> dict[str, object]:
        now = int(self._clock.now())
        person = grant.person
        claims: dict[str, object] = {
            "iss": self._issuer,
            "sub": person.login,
            "aud": self._options.client_id,
            "iat": now,
            "exp": now + _ID_TOKEN_SECONDS,
            "sid": secrets.token_urlsafe(12),
            "name": person.name,
            "email": f"{person.login}@example.com",
            "email_verified": True,
            "enterprises": list(person.enterprises),
        }
        if grant.sign_in.nonce:
            claims["nonce"] = grant.sign_in.nonce
        return {
            "access_token": secrets.token_urlsafe(24),
            "token_type": "Bearer",
            "expires_in": _ID_TOKEN_SECONDS,
            "scope": grant.sign_in.scope,
            "id_token": jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key),
        }

    async def logout(self, request: Request) -> Response:
        """RP-initiated logout: back to the gateway, or a page that says goodbye.

        The browser is sent on only when the hint shows whose request this is, and to the one address
        that is registered for it.
        """
        given: dict[str, str] = dict(request.query_params)
        given |= {name: str(value) for name, value in (await request.form()).items()}
        hint = given.get("id_token_hint")
        audience = None if hint is None else self._audience(hint)
        if hint is not None and audience is None:
            return _stop("id_token_hint is not a token of this provider")
        client = given.get("client_id", audience)
        if client not in {None, self._options.client_id} or audience not in {None, client}:
            return _stop("client_id is unknown, or not whom id_token_hint was issued to")
        back = given.get("post_logout_redirect_uri")
        if back not in {None, f"{self._options.gateway_origin}/"}:
            return _stop("this post_logout_redirect_uri is not registered")
        if back is None or hint is None:
            return page("Signed out", "<p>You are signed out.</p>")
        query = f"?{urlencode({'state': given['state']})}" if "state" in given else ""
        return RedirectResponse(f"{back}{query}", 303)

    def _audience(self, id_token: str) -> str | None:
        """Whom a token of ours was issued to; an expired one is still a hint."""
        try:
            claims = jwt.decode(id_token, self._key, algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            return None
        return str(claims["aud"]) if claims.get("iss") == self._issuer else None


_NOT_STORED = {"cache-control": "no-store"}


def _button(person: Person) -> str:
    return (
        f'<button class="person" name="user" value="{escape(person.login)}">'
        f"{escape(person.name)} ({escape(person.login)})<small>{escape(person.role)}</small></button>"
    )


def _stop(reason: str) -> Response:
    return page("Sign-in stopped", f"<p>{escape(reason)}</p>", status=400)


def _basic(header: str) -> tuple[str, str] | None:
    """Client id and secret from an Authorization header, both form-encoded inside (RFC 6749, 2.3.1)."""
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
