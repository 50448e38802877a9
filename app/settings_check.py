"""The rules that look at several settings together: what must not start, and what is risky."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from app.page_policy import faults_of
from app.settings import (
    AdAccountChecks,
    Engine,
    JwtSettings,
    OidcSettings,
    PublicSettings,
    Settings,
    UnknownGrants,
    UpstreamSettings,
)

SHARED_SECRET_ALGORITHMS = frozenset({"HS256"})
PUBLIC_KEY_ALGORITHMS = frozenset({"RS256", "ES256", "PS256", "EdDSA", "Ed25519"})
COOKIE_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Names of the gateway's own cookies begin with one of these.
OUR_COOKIES = ("__Host-bff", "bff-dev")
DEFAULT_PORTS = {"http": 80, "https": 443}
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
NEVER_VISITED = frozenset({"javascript", "data", "vbscript", "blob", "file", "about"})


def faults(settings: Settings) -> list[str]:
    """One sentence per reason not to start; empty when the settings are sound."""
    return [
        *_upstream(settings),
        *_identity(settings),
        *_jwt(settings.identity.jwt),
        *_public(settings),
        *_session(settings),
        *_redis(settings),
        *_spa(settings),
    ]


def risks(settings: Settings) -> list[str]:
    """One sentence per setting that is allowed and yet deserves a second thought."""
    return list(_risks(settings))


def is_loopback(address: str | None) -> bool:
    """Whether a URL names this machine, so that plain http cannot be read on the way."""
    parts = _split(address or "")
    host = parts.hostname if parts else None
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_origin(text: str) -> bool:
    """Whether the text is an origin exactly as browsers write it, since it is compared with theirs.

    scheme://host[:port] in lower case, an international name in its ASCII form, and the port only
    where it is not the scheme's own.
    """
    parts = _split(text)
    if parts is None or parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return text == f"{parts.scheme}://{host}{port}"


def _split(text: str) -> SplitResult | None:
    """The parts of an address, None when it is none: nothing of it is mended silently."""
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port  # Only reading it tells whether it is one.
    except ValueError:
        return None
    return None if port == 0 else parts


def _upstream(settings: Settings) -> Iterator[str]:
    base, oidc = settings.upstream.base_url, settings.identity.oidc
    if base is None:
        if settings.production:
            yield "BFF_UPSTREAM__BASE_URL is missing: production never runs on the sandbox."
        return
    if not _is_plain_address(base):
        yield "BFF_UPSTREAM__BASE_URL must be an http(s) address without user, query or fragment."
    elif base.startswith("http:") and not is_loopback(base):
        yield "BFF_UPSTREAM__BASE_URL must be https: the platform's key would travel in clear."
    yield from _api_key(settings.upstream)
    if oidc.issuer and is_loopback(oidc.issuer) and not is_loopback(base):
        yield (
            "BFF_IDENTITY__OIDC__ISSUER is on this machine while BFF_UPSTREAM__BASE_URL is not: "
            "demo users must never hold a real key."
        )


def _is_plain_address(text: str) -> bool:
    parts = _split(text)
    return (
        parts is not None
        and parts.scheme in DEFAULT_PORTS
        and bool(parts.hostname)
        and not (parts.query or parts.fragment or "@" in parts.netloc)
    )


def _api_key(upstream: UpstreamSettings) -> Iterator[str]:
    if upstream.api_key and upstream.api_key_file:
        yield "BFF_UPSTREAM__API_KEY and BFF_UPSTREAM__API_KEY_FILE exclude each other."
    elif not upstream.key():
        yield "BFF_UPSTREAM__API_KEY (or BFF_UPSTREAM__API_KEY_FILE) is missing or empty."
    elif not all(_fits_header(key) for key in upstream.key().lines()):
        yield "BFF_UPSTREAM__API_KEY holds characters that no header can carry."


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _identity(settings: Settings) -> Iterator[str]:
    oidc, jwt = settings.identity.oidc, settings.identity.jwt
    if not oidc.issuer and not jwt.issuer and not settings.uses_sandbox:
        yield "Nobody could sign in: set BFF_IDENTITY__OIDC__ISSUER or BFF_IDENTITY__JWT__ISSUER."
    yield from _oidc(oidc, production=settings.production)
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


def _oidc(oidc: OidcSettings, *, production: bool) -> Iterator[str]:
    if oidc.client_secret and oidc.client_secret_file:
        yield (
            "BFF_IDENTITY__OIDC__CLIENT_SECRET and BFF_IDENTITY__OIDC__CLIENT_SECRET_FILE "
            "exclude each other."
        )
    if not oidc.issuer:
        if oidc.client_id or oidc.secret():
            yield "BFF_IDENTITY__OIDC__ISSUER is missing: without it nobody signs in there."
        return
    if not oidc.client_id or not oidc.secret():
        yield "BFF_IDENTITY__OIDC__CLIENT_ID and BFF_IDENTITY__OIDC__CLIENT_SECRET go with the issuer."
    if not _is_plain_address(oidc.issuer):
        yield "BFF_IDENTITY__OIDC__ISSUER must be an https address without user, query or fragment."
    elif oidc.issuer.startswith("http:") and (production or not is_loopback(oidc.issuer)):
        yield "BFF_IDENTITY__OIDC__ISSUER must be https."


def _jwt(jwt: JwtSettings) -> Iterator[str]:
    has_key = bool(jwt.key() or jwt.jwks_url)
    if not (jwt.issuer or jwt.audience or jwt.algorithms or has_key or jwt.cookie):
        return
    if not (jwt.issuer and jwt.audience and jwt.algorithms and has_key):
        yield (
            "BFF_IDENTITY__JWT__ISSUER, __AUDIENCE, __ALGORITHMS and one of __SECRET, "
            "__PUBLIC_KEY_FILE and __JWKS_URL go together."
        )
    chosen = frozenset(jwt.algorithms)
    if chosen - SHARED_SECRET_ALGORITHMS - PUBLIC_KEY_ALGORITHMS:
        yield (
            "BFF_IDENTITY__JWT__ALGORITHMS holds what is not supported; use HS256, or some of "
            "RS256, ES256, PS256, EdDSA and Ed25519."
        )
    yield from _jwt_key(jwt, chosen)
    if jwt.jwks_url:
        yield from _jwks_url(jwt, jwt.jwks_url, chosen)
    if jwt.cookie and (not COOKIE_NAME.fullmatch(jwt.cookie) or jwt.cookie.startswith(OUR_COOKIES)):
        yield "BFF_IDENTITY__JWT__COOKIE is not a cookie name, or one of the gateway's own."


def _jwt_key(jwt: JwtSettings, chosen: frozenset[str]) -> Iterator[str]:
    shared = bool(jwt.secret or jwt.secret_file)
    if jwt.secret and jwt.secret_file:
        yield "BFF_IDENTITY__JWT__SECRET and BFF_IDENTITY__JWT__SECRET_FILE exclude each other."
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


def _jwks_url(jwt: JwtSettings, url: str, chosen: frozenset[str]) -> Iterator[str]:
    if jwt.secret or jwt.secret_file:
        yield "BFF_IDENTITY__JWT__SECRET and BFF_IDENTITY__JWT__JWKS_URL exclude each other."
    if jwt.public_key_file:
        yield "BFF_IDENTITY__JWT__PUBLIC_KEY_FILE and BFF_IDENTITY__JWT__JWKS_URL exclude each other."
    if chosen & SHARED_SECRET_ALGORITHMS:
        yield "BFF_IDENTITY__JWT__JWKS_URL never goes with HS256: a published key is no secret."
    # A query is fine: some providers name the tenant in one.
    if not _is_plain_address(url.partition("?")[0]) or "#" in url or _split(url) is None:
        yield "BFF_IDENTITY__JWT__JWKS_URL must be an https address without user or fragment."
    elif url.startswith("http:") and not is_loopback(url):
        yield "BFF_IDENTITY__JWT__JWKS_URL must be https: whoever changes the keys on the way signs in as anybody."


def _public(settings: Settings) -> Iterator[str]:
    public = settings.public
    yield from _origin(public.origin, production=settings.production)
    if not all(is_origin(other) for other in public.cors_origins):
        yield "BFF_PUBLIC__CORS_ORIGINS holds something that is not scheme://host[:port]; `*` is never allowed."
    if not all(_is_absolute(redirect) for redirect in public.redirects):
        yield "BFF_PUBLIC__REDIRECTS holds something that is not an absolute address."
    if not all(_is_native(redirect) for redirect in public.native_redirects):
        yield (
            "BFF_PUBLIC__NATIVE_REDIRECTS holds something that is neither https://host/path nor a scheme "
            "named after your domain with a path, such as com.example.app:/path; no query, no fragment."
        )
    if not all(_is_network(proxy) for proxy in public.trusted_proxies):
        yield "BFF_PUBLIC__TRUSTED_PROXIES holds something that is neither an address nor a network."


def _origin(origin: str | None, *, production: bool) -> Iterator[str]:
    if origin is None:
        if production:
            yield "BFF_PUBLIC__ORIGIN is missing: cookies, CSRF checks and redirects derive from it."
    elif not is_origin(origin):
        yield (
            "BFF_PUBLIC__ORIGIN must be scheme://host[:port] as browsers write it: lower case, "
            "no path, no default port."
        )
    elif origin.startswith("http:") and (production or not is_loopback(origin)):
        yield "BFF_PUBLIC__ORIGIN must be https: session cookies are Secure."


def _is_absolute(address: str) -> bool:
    """Web addresses and app links; what a browser would run instead of visit is neither."""
    parts = _split(address)
    return (
        parts is not None
        and bool(parts.scheme)
        and bool(parts.netloc or parts.path)
        and parts.scheme not in NEVER_VISITED
    )


def _is_native(address: str) -> bool:
    """An https address, or a private-use scheme, which is a domain in reverse (RFC 8252, section 7.1)."""
    parts = _split(address)
    if parts is None or set("?#@") & set(address) or not parts.path.startswith("/"):
        return False
    if parts.scheme == "https":
        return is_origin(f"https://{parts.netloc}")
    return bool(PRIVATE_SCHEME.fullmatch(address.partition(":")[0]))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _session(settings: Settings) -> Iterator[str]:
    if settings.session.idle_seconds > settings.session.absolute_seconds:
        yield "BFF_SESSION__IDLE_SECONDS is longer than BFF_SESSION__ABSOLUTE_SECONDS."


def _redis(settings: Settings) -> Iterator[str]:
    redis, session = settings.redis, settings.session
    if redis.url and redis.url_file:
        yield "BFF_REDIS__URL and BFF_REDIS__URL_FILE exclude each other."
    address = redis.address().current()
    if address and not address.startswith(REDIS_SCHEMES):
        yield f"BFF_REDIS__URL must begin with one of {', '.join(REDIS_SCHEMES)}."
    if redis.url_file and not address:
        yield "BFF_REDIS__URL_FILE cannot be read or is empty."
    if session.keys and session.keys_file:
        yield "BFF_SESSION__KEYS and BFF_SESSION__KEYS_FILE exclude each other."
    try:
        session.sealing()
    except ValueError:
        yield "BFF_SESSION__KEYS holds a key that is not 32 bytes in base64."
        return
    if address and not session.ring():
        yield "BFF_SESSION__KEYS is missing: what stands in Redis is sealed, and replicas share the keys."


def _spa(settings: Settings) -> Iterator[str]:
    for fault in faults_of(settings.spa.content_security_policy):
        yield f"BFF_SPA__CONTENT_SECURITY_POLICY {fault}."


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
    if settings.upstream.engine is Engine.HTTPX:
        yield (
            "BFF_UPSTREAM__ENGINE=httpx: what the platform sends unasked is taken for the answer to the "
            "next request on that connection, be it another user's; direct drops such a connection."
        )
    if settings.docs and settings.production:
        yield "BFF_DOCS=true: everybody can read the API's description."
    if settings.production and not settings.drain_seconds:
        yield (
            "BFF_DRAIN__WAIT_SECONDS=0: whoever balances load sends requests to a replica that listens "
            "no more."
        )
    operations = settings.operations
    if operations.port is not None and operations.host not in {"127.0.0.1", "::1", "localhost"}:
        yield (
            "BFF_OPERATIONS__HOST is not this machine's alone: whoever reaches the port reads how the "
            "gateway is used; let no Service or ingress lead there."
        )
    yield from _identity_risks(settings)
    yield from _redis_risks(settings.redis.address().current())
    yield from _public_risks(settings.public, production=settings.production)
    if settings.uses_sandbox:
        yield "BFF_UPSTREAM__BASE_URL is not set: the embedded sandbox answers, nothing is real."


def _redis_risks(address: str) -> Iterator[str]:
    if address:
        yield (
            "BFF_REDIS__URL: the ledger of permissions lives there; see to it that Redis writes to a disk "
            "(appendonly yes) and evicts nothing (maxmemory-policy noeviction)."
        )
    if address.startswith("redis://") and not is_loopback(address):
        yield "BFF_REDIS__URL is not rediss://: its password and who reads what travel in clear."


def _identity_risks(settings: Settings) -> Iterator[str]:
    identity = settings.identity
    if identity.user_claim == "email":
        yield "BFF_IDENTITY__USER_CLAIM=email: an address that changes hands hands over the account."
    if identity.enterprise_claim is None and not settings.uses_sandbox:
        yield "BFF_IDENTITY__ENTERPRISE_CLAIM is not set: nobody can create a workspace unless it is open to all."
    if identity.jwt.issuer:
        yield (
            "BFF_IDENTITY__JWT__ISSUER: a token must hold iss, aud, sub, exp, iat and nbf; many issuers "
            "leave nbf out until they are told, and their tokens are refused."
        )


def _public_risks(public: PublicSettings, *, production: bool) -> Iterator[str]:
    if production and not public.trusted_proxies:
        yield (
            "BFF_PUBLIC__TRUSTED_PROXIES is empty: behind a proxy all who sign in have one address, "
            "and share BFF_LIMITS__LOGINS_PER_MINUTE."
        )
    if not all(native.startswith("https:") for native in public.native_redirects):
        yield (
            "BFF_PUBLIC__NATIVE_REDIRECTS holds a custom scheme, which any app can register: people are "
            "asked before it is opened; an https address that the app claims is safer."
        )
    if public.cors_origins:
        yield "BFF_PUBLIC__CORS_ORIGINS: a backend for frontends needs none on the same origin."
