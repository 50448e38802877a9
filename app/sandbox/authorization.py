"""The identity provider's authorization requests and codes (OAuth 2.0 code flow with PKCE)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from app.clock import Clock
from app.sandbox.demo import Person
from app.sandbox.state import SandboxOptions

CODE_SECONDS = 60

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class Untrusted(Exception):
    """The client or the return address is not ours: the browser must not be sent anywhere."""


class OAuthError(Exception):
    """An error by its registered code (RFC 6749, 4.1.2.1 and 5.2)."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class SignIn:
    """A valid authorization request."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    scope: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    sign_in: SignIn
    person: Person
    expires: float


def callback(options: SandboxOptions) -> str:
    """The only address that codes are sent to."""
    return f"{options.gateway_origin}/auth/callback"


def check_return(parameters: Mapping[str, str], options: SandboxOptions) -> None:
    """Before anything else: raises Untrusted for a foreign client or return address."""
    if parameters.get("client_id") != options.client_id:
        raise Untrusted("unknown client")
    if parameters.get("redirect_uri") != callback(options):
        raise Untrusted("this redirect_uri is not registered")


def read_sign_in(parameters: Mapping[str, str]) -> SignIn:
    """A request whose return address was checked; raises OAuthError."""
    if parameters.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "only the code flow is offered")
    scope = parameters.get("scope", "")
    if "openid" not in scope.split():
        raise OAuthError("invalid_scope", "scope must contain openid")
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "PKCE with S256 is required")
    prompts = parameters.get("prompt", "").split()
    if "none" in prompts:
        if len(prompts) > 1:
            raise OAuthError("invalid_request", "prompt=none stands alone")
        raise OAuthError("login_required", "nobody is signed in here: the page always asks")
    return SignIn(
        parameters["redirect_uri"],
        parameters.get("state", ""),
        parameters.get("nonce", ""),
        challenge,
        scope,
    )


class Codes:
    """Authorization codes: one use, sixty seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._grants: dict[str, Grant] = {}

    def issue(self, sign_in: SignIn, person: Person) -> str:
        now = self._clock.now()
        self._grants = {code: one for code, one in self._grants.items() if one.expires > now}
        code = secrets.token_urlsafe(24)
        self._grants[code] = Grant(sign_in, person, now + CODE_SECONDS)
        return code

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        """Uses the code up, whatever comes of it; raises OAuthError."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.expires <= self._clock.now():
            raise OAuthError("invalid_grant", "unknown, used or expired code")
        if redirect_uri != grant.sign_in.redirect_uri:
            raise OAuthError("invalid_grant", "redirect_uri differs from the request's")
        if not hmac.compare_digest(_challenge_of(verifier), grant.sign_in.challenge):
            raise OAuthError("invalid_grant", "the code_verifier does not fit")
        return grant


def _challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
