"""A small OpenID provider whose every answer a test can bend."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.clock import Clock

EVENT = "http://schemas.openid.net/event/backchannel-logout"
CLIENT_ID = "gate+way"
CLIENT_SECRET = "s3cret/with:odd %chars"


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


class SmallProvider:
    """Well-behaved until a test changes one of its attributes."""

    def __init__(self, origin: str, clock: Clock) -> None:
        self.issuer = origin
        self.metadata: dict[str, Any] = {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/authorize?tenant=1",
            "token_endpoint": f"{origin}/token",
            "jwks_uri": f"{origin}/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        self.key: Key = new_key("first")
        self.listed: list[Any] = [self.key.as_dict(private=False)]
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "first"}
        self.claims: dict[str, Any] = {}
        self.dropped: set[str] = set()
        self.bend_token: Callable[[str], object] = lambda token: token
        self.failing: dict[str, Response] = {}
        self.hanging: set[str] = set()
        self._released = asyncio.Event()
        self.fetched: list[str] = []
        self.issued: list[str] = []
        self._clock = clock
        self._codes: dict[str, dict[str, str]] = {}

    def approve(self, address: str, user: str) -> dict[str, str]:
        """Sign a user in: what the browser would bring back for that authorization address."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["code_challenge_method"] == "S256"
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        code = f"code{len(self._codes)}-{user}"
        self._codes[code] = {**asked, "user": user}
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def logout_token(
        self, header: dict[str, Any] | None = None, key: Key | None = None, **changes: Any
    ) -> str:
        """One that is accepted, unless a change spoils it; a change of None leaves a claim out."""
        now = int(self._clock.now())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "events": {EVENT: {}},
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {**self.header, "typ": "logout+jwt", **(header or {})}
        kept_header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(kept_header, kept, key or self.key, algorithms=[self.header["alg"]])

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._jwks),
                Route("/token", self._token, methods=["POST"]),
                Route("/release", self._release),
            ]
        )

    async def _discovery(self, request: Request) -> Response:
        return await self._answer(request, self.metadata)

    async def _jwks(self, request: Request) -> Response:
        return await self._answer(request, {"keys": self.listed})

    async def _release(self, _request: Request) -> Response:
        """Whatever hangs is answered now."""
        self._released.set()
        return Response()

    async def _answer(self, request: Request, document: dict[str, Any]) -> Response:
        self.fetched.append(request.url.path)
        if request.url.path in self.hanging:
            await self._released.wait()
        return self.failing.get(request.url.path) or JSONResponse(document)

    async def _token(self, request: Request) -> Response:
        self.fetched.append("/token")
        if "/token" in self.failing:
            return self.failing["/token"]
        assert _credentials(request) == (CLIENT_ID, CLIENT_SECRET)
        form = {name: value for name, [value] in parse_qs((await request.body()).decode()).items()}
        grant = self._codes.pop(form["code"], None)
        if grant is None or not _proves(form["code_verifier"], grant["code_challenge"]):
            return JSONResponse({"error": "invalid_grant"}, 400)
        assert form["redirect_uri"] == grant["redirect_uri"]
        token = self._id_token(grant)
        return JSONResponse({"access_token": "opaque", "id_token": self.bend_token(token)})

    def _id_token(self, grant: dict[str, str]) -> str:
        now = int(self._clock.now())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": grant["user"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": grant["nonce"],
            "name": grant["user"].title(),
            "enterprises": ["acme"],
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if name not in self.dropped}
        algorithms = [self.header["alg"]]
        self.issued.append(jwt.encode(self.header, kept, self.key, algorithms=algorithms))
        return self.issued[-1]


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, packed = request.headers["authorization"].partition(" ")
    assert scheme == "Basic"
    name, _, secret = base64.b64decode(packed).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
