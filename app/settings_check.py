"""The rules that look at several settings together: what must not start, and what is risky."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from app.settings import AdAccountChecks, JwtSettings, Settings, UnknownGrants

SHARED_SECRET_ALGORITHMS = frozenset({"HS256"})
PUBLIC_KEY_ALGORITHMS = frozenset({"RS256", "ES256"})
HOST_COOKIE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def faults(settings: Settings) -> list[str]:
    """One sentence per reason not to start; empty when the settings are sound."""
    return [
        *_upstream(settings),
        *_identity(settings),
        *_jwt(settings.identity.jwt),
        *_public(settings),
        *_session(settings),
    ]


def risks(settings: Settings) -> list[str]:
    """One sentence per setting that is allowed and yet deserves a second thought."""
    return list(_risks(settings))


def is_loopback(address: str | None) -> bool:
    """Whether a URL names this machine, so that plain http cannot be read on the way."""
    host = urlsplit(address or "").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_origin(text: str) -> bool:
    """Whether the text is scheme://host[:port] and nothing else."""
    parts = urlsplit(text)
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and text == f"{parts.scheme}://{parts.netloc}"
    )


def _upstream(settings: Settings) -> Iterator[str]:
    base, oidc = settings.upstream.base_url, settings.identity.oidc
    if base is None:
        if settings.production:
            yield "BFF_UPSTREAM__BASE_URL is missing: production never runs on the sandbox."
        return
    parts = urlsplit(base)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
    ):
        yield "BFF_UPSTREAM__BASE_URL must be an http(s) address without user, query or fragment."
    elif parts.scheme == "http" and not is_loopback(base):
        yield "BFF_UPSTREAM__BASE_URL must be https: the platform's key would travel in clear."
    if not settings.upstream.key():
        yield "BFF_UPSTREAM__API_KEY (or BFF_UPSTREAM__API_KEY_FILE) is missing or empty."
    if oidc.issuer and is_loopback(oidc.issuer) and not is_loopback(base):
        yield (
            "BFF_IDENTITY__OIDC__ISSUER is on this machine while BFF_UPSTREAM__BASE_URL is not: "
            "demo users must never hold a real key."
        )


def _identity(settings: Settings) -> Iterator[str]:
    oidc, jwt = settings.identity.oidc, settings.identity.jwt
    if not oidc.issuer and not jwt.issuer and not settings.uses_sandbox:
        yield "Nobody could sign in: set BFF_IDENTITY__OIDC__ISSUER or BFF_IDENTITY__JWT__ISSUER."
    if oidc.issuer:
        if not oidc.client_id or not oidc.secret():
            yield "BFF_IDENTITY__OIDC__CLIENT_ID and BFF_IDENTITY__OIDC__CLIENT_SECRET go with the issuer."
        if not oidc.issuer.startswith("https://") and not is_loopback(oidc.issuer):
            yield "BFF_IDENTITY__OIDC__ISSUER must be https."
    if (
        oidc.issuer
        and jwt.issuer
        and oidc.issuer != jwt.issuer
        and not settings.identity.same_users
    ):
        yield (
            "BFF_IDENTITY__OIDC__ISSUER and BFF_IDENTITY__JWT__ISSUER differ: set "
            "BFF_IDENTITY__SAME_USERS=true if both name the same users by the same claim."
        )


def _jwt(jwt: JwtSettings) -> Iterator[str]:
    named = jwt.issuer or jwt.audience or jwt.algorithms or jwt.key()
    if not named:
        return
    if not (jwt.issuer and jwt.audience and jwt.algorithms and jwt.key()):
        yield (
            "BFF_IDENTITY__JWT__ISSUER, __AUDIENCE, __ALGORITHMS and one of __SECRET and "
            "__PUBLIC_KEY_FILE go together."
        )
    chosen = frozenset(jwt.algorithms)
    if unknown := sorted(chosen - SHARED_SECRET_ALGORITHMS - PUBLIC_KEY_ALGORITHMS):
        yield f"BFF_IDENTITY__JWT__ALGORITHMS: {', '.join(unknown)} is not supported; use HS256, RS256, ES256."
    yield from _jwt_key(jwt, chosen)
    if jwt.cookie and not HOST_COOKIE.fullmatch(jwt.cookie):
        yield "BFF_IDENTITY__JWT__COOKIE is not a cookie name."


def _jwt_key(jwt: JwtSettings, chosen: frozenset[str]) -> Iterator[str]:
    shared = bool(jwt.secret or jwt.secret_file)
    if shared and jwt.public_key_file:
        yield "BFF_IDENTITY__JWT__SECRET and BFF_IDENTITY__JWT__PUBLIC_KEY_FILE exclude each other."
    if shared and chosen & PUBLIC_KEY_ALGORITHMS:
        yield "BFF_IDENTITY__JWT__SECRET goes with HS256 only."
    if jwt.public_key_file and chosen & SHARED_SECRET_ALGORITHMS:
        yield "BFF_IDENTITY__JWT__PUBLIC_KEY_FILE never goes with HS256: a public key is no secret."
    if shared and len(jwt.key().current().encode()) < 32:
        yield "BFF_IDENTITY__JWT__SECRET must have 32 bytes or more (RFC 7518, section 3.2)."
    if jwt.public_key_file and not jwt.key():
        yield "BFF_IDENTITY__JWT__PUBLIC_KEY_FILE cannot be read or is empty."


def _public(settings: Settings) -> Iterator[str]:
    origin = settings.public.origin
    if origin is None:
        if settings.production:
            yield "BFF_PUBLIC__ORIGIN is missing: cookies, CSRF checks and redirects derive from it."
    elif not is_origin(origin):
        yield "BFF_PUBLIC__ORIGIN must be scheme://host[:port], without a path."
    elif not origin.startswith("https://") and (settings.production or not is_loopback(origin)):
        yield "BFF_PUBLIC__ORIGIN must be https: session cookies are Secure."
    for other in settings.public.cors_origins:
        if not is_origin(other):
            yield "BFF_PUBLIC__CORS_ORIGINS holds something that is not scheme://host[:port]; `*` is never allowed."
    for redirect in settings.public.redirects:
        if not urlsplit(redirect).scheme:
            yield "BFF_PUBLIC__REDIRECTS holds something that is not an absolute address."
    for proxy in settings.public.trusted_proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            yield "BFF_PUBLIC__TRUSTED_PROXIES holds something that is neither an address nor a network."


def _session(settings: Settings) -> Iterator[str]:
    if settings.session.idle_seconds > settings.session.absolute_seconds:
        yield "BFF_SESSION__IDLE_SECONDS is longer than BFF_SESSION__ABSOLUTE_SECONDS."


def _risks(settings: Settings) -> Iterator[str]:
    access = settings.access
    if access.unknown_grants is UnknownGrants.PLATFORM:
        yield (
            "BFF_ACCESS__UNKNOWN_GRANTS=platform: a member whose permission was set elsewhere is judged "
            "by the platform alone; its documentation does not show that it enforces VIEWER."
        )
    if access.ad_accounts is AdAccountChecks.PLATFORM:
        yield "BFF_ACCESS__AD_ACCOUNTS=platform: which team an ad account belongs to is not checked here."
    if access.open_workspaces:
        yield "BFF_ACCESS__OPEN_WORKSPACES=true: any signed-in user may claim any unused enterprise id."
    if settings.docs and settings.production:
        yield "BFF_DOCS=true: everybody can read the API's description."
    if settings.identity.user_claim == "email":
        yield "BFF_IDENTITY__USER_CLAIM=email: an address that changes hands hands over the account."
    if settings.identity.enterprise_claim is None and not settings.uses_sandbox:
        yield "BFF_IDENTITY__ENTERPRISE_CLAIM is not set: nobody can create a workspace unless it is open to all."
    if settings.public.cors_origins:
        yield "BFF_PUBLIC__CORS_ORIGINS: a backend for frontends needs none on the same origin."
    if settings.uses_sandbox:
        yield "BFF_UPSTREAM__BASE_URL is not set: the embedded sandbox answers, nothing is real."
