"""The identity provider: OpenID Connect, authorization code with PKCE, as a confidential client."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.common.urls import (  # type: ignore[import-untyped]  # ships no types
    add_params_to_uri,
)
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]  # ships no types
    prepare_grant_uri,
)
from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # ships no types
    create_s256_code_challenge,
)

from app.clock import Clock
from app.errors import Unauthenticated
from app.session import logout_token
from app.session.claims import ClaimRules, Claims
from app.session.fetch import Fetch, Fetched, ask, get_document, json_object, provider_failed
from app.session.id_token import REQUIRED, header_of, verify
from app.session.kept import Kept, Loaded
from app.session.provider_documents import Metadata
from app.session.published_keys import PublishedKeys
from app.session.registered_claims import Terms, TokenRefused
from app.settings import OidcSettings


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, with the ID token that says so: the provider wants it back at the logout."""

    claims: Claims
    id_token: str = field(repr=False)


class IdentityProvider:
    """Signs people in. `redirect_uri` is where it sends the browser back to."""

    def __init__(
        self,
        settings: OidcSettings,
        rules: ClaimRules,
        redirect_uri: str,
        fetch: Fetch,
        clock: Clock,
    ) -> None:
        self._issuer = settings.issuer or ""
        self._client_id = settings.client_id or ""
        self._secret = settings.secret()
        self._scopes = ("openid", *(scope for scope in settings.scopes if scope != "openid"))
        self._rules = rules
        self._redirect_uri = redirect_uri
        self._fetch = fetch
        self._clock = clock
        self._metadata = Kept(self._load_metadata, clock)
        self._keys = PublishedKeys(self._key_document, provider_failed, clock)

    async def authorization_url(
        self, *, state: str, nonce: str, verifier: str, prompt: str | None = None
    ) -> str:
        """Where to send the browser, so that a person signs in there."""
        metadata = await self._metadata.get()
        asked = {} if prompt is None else {"prompt": prompt}
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                self._client_id,
                "code",
                redirect_uri=self._redirect_uri,
                scope=" ".join(self._scopes),
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
                **asked,
            )
        )

    async def check_issuer(self, named: str | None) -> None:
        """Refuse an answer of another provider (RFC 9207): its code must not be sent to ours."""
        metadata = await self._metadata.get()
        missing = named is None and metadata.names_itself
        if missing or (named is not None and named != metadata.issuer):
            raise Unauthenticated(reason="iss of the answer is not the issuer")

    async def signed_in(self, code: str, *, verifier: str, nonce: str) -> SignedIn:
        """Who signed in, for the code that the browser brought back."""
        token = await self._redeem(code, verifier)
        try:
            algorithm, key_id = header_of(token)
            _, key = await self._keys.find(key_id, algorithm)
            terms = Terms(self._issuer, self._client_id, REQUIRED)
            verified = verify(token, key, terms, nonce=nonce, now=self._clock.now())
            return SignedIn(self._rules.read(verified), token)
        except TokenRefused as refused:
            raise Unauthenticated(reason=f"ID token: {refused.reason}") from None

    async def end_session_endpoint(self) -> str | None:
        """Where the provider ends its own sessions, if it does."""
        return (await self._metadata.get()).end_session_endpoint

    def end_session_url(self, endpoint: str, id_token: str | None, back: str) -> str:
        """Where to send the browser, so that the provider ends its session and sends it `back`."""
        hint = [] if id_token is None else [("id_token_hint", id_token)]
        asked = [*hint, ("client_id", self._client_id), ("post_logout_redirect_uri", back)]
        return str(add_params_to_uri(endpoint, asked))

    async def logout_order(self, token: str) -> logout_token.Order:
        """What a logout token of this provider orders; raises TokenRefused."""
        algorithm, key_id = header_of(token)
        _, key = await self._keys.find(key_id, algorithm)
        terms = Terms(self._issuer, self._client_id, logout_token.REQUIRED)
        return logout_token.verify(token, key, terms, self._clock.now())

    async def close(self) -> None:
        """End the loads that are under way."""
        await self._metadata.close()
        await self._keys.close()

    async def _redeem(self, code: str, verifier: str) -> str:
        """The ID token for a code. The other tokens of the answer are not used, nor kept."""
        metadata = await self._metadata.get()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": self._basic(),
        }
        body = urlencode(form).encode()
        answer = await ask(self._fetch, "POST", metadata.token_endpoint, headers=headers, body=body)
        return _id_token_in(answer)

    def _basic(self) -> str:
        """Client authentication; both parts are form-encoded first (RFC 6749, section 2.3.1)."""
        pair = f"{quote_plus(self._client_id)}:{quote_plus(self._secret.current())}"
        return "Basic " + b64encode(pair.encode()).decode("ascii")

    async def _load_metadata(self) -> Loaded[Metadata]:
        address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = await get_document(self._fetch, address)
        return Loaded(Metadata.read(document.value, self._issuer), document.seconds)

    async def _key_document(self) -> Loaded[dict[str, Any]]:
        metadata = await self._metadata.get()
        return await get_document(self._fetch, metadata.jwks_uri)


def _id_token_in(answer: Fetched) -> str:
    if answer.status == 400 and _error_in(answer) == "invalid_grant":
        raise Unauthenticated(reason="the code was refused")
    if answer.status != 200:
        raise provider_failed(f"status {answer.status} for a code")
    token = json_object(answer.body).get("id_token")
    if not isinstance(token, str):
        raise provider_failed("no ID token for a code")
    return token


def _error_in(answer: Fetched) -> Any:
    return json_object(answer.body).get("error")
