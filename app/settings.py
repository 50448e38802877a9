"""Every knob, typed, grouped and checked together. The only reader of the environment.

Names are `BFF_` + group + `__` + field, e.g. `BFF_UPSTREAM__API_KEY`. Seconds unless a name says
otherwise. `load` returns settings that are safe to start with, or raises `SettingsFault` with one
sentence per fault; `app/settings_check.py` holds the rules that look at several fields together.
"""

from __future__ import annotations

import difflib
import json
import secrets
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from app.page_policy import STANDARD
from app.sealing import KEY_BYTES, Sealing
from app.secret import Secret

PREFIX = "BFF_"
DELIMITER = "__"


class SettingsFault(Exception):
    """The configuration cannot be started with; `sentences` says why, one per fault."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class AdAccountChecks(StrEnum):
    VERIFY = "verify"
    PLATFORM = "platform"


class UnknownGrants(StrEnum):
    PLATFORM = "platform"
    REFUSE = "refuse"


class Engine(StrEnum):
    """Who sends requests to the platform (docs/decisions/025)."""

    DIRECT = "direct"
    HTTPX = "httpx"


class AccountIds(StrEnum):
    PLATFORM = "platform"
    INTERNAL = "internal"


class AuditScope(StrEnum):
    MONEY = "money"
    ALL = "all"


class LogFormat(StrEnum):
    JSON = "json"
    CONSOLE = "console"


def _split(value: object) -> object:
    """Lists come as JSON or comma-separated."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError("write a list as JSON or comma-separated") from None
    return [part.strip() for part in text.split(",") if part.strip()]


def _json_object(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError('write it as JSON, e.g. {"getTeam": "GET /teams/{id}"}') from None


Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
SecretTexts = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]


class Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class UpstreamSettings(Group):
    """The ads platform."""

    base_url: str | None = Field(
        None,
        description="The platform's address, e.g. https://host/api/v1; unset in development: the embedded sandbox",
    )
    api_key: SecretStr | None = Field(None, description="The tenant's x-api-key")
    api_key_file: Path | None = Field(
        None,
        description="The same from a file, read again when it changes; two lines: current and previous key",
    )
    routes: Annotated[dict[str, str], NoDecode, BeforeValidator(_json_object)] = Field(
        default_factory=dict,
        description='Replaces upstream addresses by operationId, as JSON: {"getTeam": "GET /teams/{id}"}',
    )
    insights_account_id: AccountIds = Field(
        AccountIds.PLATFORM,
        description="Which of an ad account's two ids its insights (operation 22) are asked by",
    )
    connect_timeout: float = Field(2.0, gt=0, le=60, description="Seconds to connect")
    read_deadline: float = Field(10.0, gt=0, le=300, description="Seconds a read may take in all")
    write_deadline: float = Field(30.0, gt=0, le=300, description="Seconds a write may take in all")
    max_connections: int = Field(100, ge=1, le=10_000, description="Connections to the platform")
    engine: Engine = Field(
        Engine.DIRECT,
        description="Who sends: `direct`, the gateway itself, or `httpx`, at several times the cost",
    )

    def key(self) -> Secret:
        return Secret(self.api_key, self.api_key_file)


class OidcSettings(Group):
    """Sign-in through an identity provider (authorization code with PKCE)."""

    issuer: str | None = Field(
        None, description="The provider's issuer, exactly as in its discovery document"
    )
    client_id: str | None = Field(None, description="This gateway's client id there")
    client_secret: SecretStr | None = Field(None, description="Its client secret")
    client_secret_file: Path | None = Field(None, description="The same from a file")
    scopes: Texts = Field(
        ("openid", "profile", "email"), description="Scopes to ask for; openid is always one"
    )

    def secret(self) -> Secret:
        return Secret(self.client_secret, self.client_secret_file)


class JwtSettings(Group):
    """Trust in the product's own session JWT."""

    issuer: str | None = Field(None, description="Required `iss`")
    audience: str | None = Field(None, description="Required `aud`")
    algorithms: Texts = Field(
        (),
        description="Accepted algorithms: HS256, or of RS256, ES256, PS256, EdDSA and Ed25519; never both kinds",
    )
    secret: SecretStr | None = Field(None, description="Shared secret for HS256, 32 bytes or more")
    secret_file: Path | None = Field(None, description="The same from a file")
    public_key_file: Path | None = Field(
        None, description="PEM public key: RSA of 2048 bits or more, P-256 or Ed25519"
    )
    jwks_url: str | None = Field(
        None,
        description="Address of the product's JWK Set instead, fetched and kept for up to an hour",
    )
    cookie: str | None = Field(
        None, description="Cookie that carries the token, beside Authorization: Bearer"
    )
    max_lifetime_seconds: int = Field(
        3600, ge=60, le=86_400, description="Longest `exp - iat` that is accepted"
    )

    def key(self) -> Secret:
        return Secret(self.secret, self.secret_file or self.public_key_file)


class IdentitySettings(Group):
    oidc: OidcSettings = OidcSettings()
    jwt: JwtSettings = JwtSettings()
    user_claim: str = Field(
        "sub",
        min_length=1,
        description="Claim that is the externalUserId (email demands email_verified)",
    )
    enterprise_claim: str | None = Field(
        None, description="Claim that names the user's enterprises"
    )
    same_users: bool = Field(
        False, description="OIDC and JWT name the same users although their issuers differ"
    )


class SessionSettings(Group):
    idle_seconds: int = Field(
        1800,
        ge=60,
        le=86_400,
        description="A session ends after this long without a request, or up to 30 seconds sooner",
    )
    absolute_seconds: int = Field(
        43_200, ge=60, le=86_400, description="A session ends after this long in any case"
    )
    keys: SecretTexts = Field(
        (),
        description="Keys that seal what is kept outside the process: 32 bytes each in base64, newest first",
    )
    keys_file: Path | None = Field(None, description="The same from a file, one key a line")

    def ring(self) -> list[bytes]:
        """The keys; raises ValueError when one is not 32 bytes in base64."""
        if self.keys_file is not None:
            texts: Sequence[str] = Secret(None, self.keys_file).lines()
        else:
            texts = [key.get_secret_value() for key in self.keys]
        return [b64decode(text, validate=True) for text in texts]

    def sealing(self) -> Sealing:
        """Without keys, in development, one is made that no other process has."""
        return Sealing(self.ring() or [secrets.token_bytes(KEY_BYTES)])


class PublicSettings(Group):
    origin: str | None = Field(
        None, description="The one origin that frontends use, e.g. https://app.example.com"
    )
    redirects: Texts = Field(
        (), description="Exact addresses, beside the origin, where a consent may return"
    )
    native_redirects: Texts = Field(
        (),
        description="Exact addresses where native apps wait for a sign-in: https addresses that an app claims, or com.example.app:/path",
    )
    cors_origins: Texts = Field((), description="Other origins that may call with a bearer token")
    trusted_proxies: Texts = Field(
        (), description="Addresses or networks that may set X-Forwarded-For and -Proto"
    )


class RedisSettings(Group):
    """Redis 7 or later, or Valkey: what replicas share."""

    url: SecretStr | None = Field(
        None, description="e.g. redis://host:6379/0 or rediss://…; unset: all of it in process"
    )
    url_file: Path | None = Field(None, description="The same from a file")
    prefix: str = Field("bff:", description="Stands before every key and channel")

    def address(self) -> Secret:
        return Secret(self.url, self.url_file)


class LedgerSettings(Group):
    path: str = Field(
        "var/bff.db",
        description="SQLite file of what must be remembered, without Redis; `:memory:` for tests",
    )


class DriftSettings(Group):
    """Where the platform's answers are not what was declared."""

    budget: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="Share of a list's rows that may be left out, or lose a text, when they cannot be "
        "read (one of several may in any case); 0 refuses the whole list",
    )


class CacheSettings(Group):
    max_bytes: int = Field(64 * 1024 * 1024, ge=0, description="Bytes of answers kept in process")


class AccessSettings(Group):
    ttl_seconds: int = Field(
        30, ge=1, le=60, description="How long a membership or a proof is believed"
    )
    outage_seconds: int = Field(
        900, ge=0, le=86_400, description="How long cached reads outlive an unreachable platform"
    )
    ad_accounts: AdAccountChecks = Field(
        AdAccountChecks.VERIFY,
        description="verify: only accounts connected to the team; platform: the platform decides",
    )
    unknown_grants: UnknownGrants = Field(
        UnknownGrants.PLATFORM,
        description="Members whose permission nobody recorded: platform decides, or refuse",
    )
    open_workspaces: bool = Field(
        False, description="Let users without an enterprise claim create workspaces"
    )


class CatalogueSettings(Group):
    extra: Texts = Field(
        (), description="Modules with further operation declarations, see docs/extending.md"
    )


class SpaSettings(Group):
    """The product's own single-page application, on the gateway's origin."""

    directory: Path | None = Field(
        None,
        description="Folder of a built single-page application to serve at /; read at the start",
    )
    content_security_policy: str = Field(
        STANDARD, description="The policy of its pages and scripts, see docs/frontends.md"
    )


class LimitSettings(Group):
    max_body_bytes: int = Field(
        256 * 1024, ge=1024, le=16 * 1024 * 1024, description="Largest request body"
    )
    logins_per_minute: int = Field(
        120, ge=0, description="Attempts to sign in, per address; 0: any number"
    )
    writes_per_minute: int = Field(
        120,
        ge=0,
        description="Changes a minute of one user, and of one team; 0: any number",
    )
    reads_per_minute: int = Field(
        1200,
        ge=0,
        description="Reads a minute of one user, and of one team, that the platform has to be asked "
        "for; 0: any number",
    )
    max_daily_budget: int = Field(
        0,
        ge=0,
        description="Highest daily budget of a new campaign, in whole currency units; 0: no ceiling "
        "but the platform's",
    )
    read_only: bool = Field(False, description="The kill switch: every write answers 503 read-only")


class DrainSettings(Group):
    wait_seconds: float | None = Field(
        None,
        ge=0,
        le=300,
        description="Seconds after SIGTERM in which everything is still served while readiness says no, "
        "see docs/draining.md; default: 5 in production, else 0",
    )


class OperationsSettings(Group):
    """What only those who run the gateway ask for."""

    host: str = Field(
        "127.0.0.1",
        description="Address of that port: in a pod 0.0.0.0, and let no ingress lead there",
    )
    port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="Port of its own for /metrics, /drift, /healthz and /readyz, see docs/metrics.md; "
        "unset: /healthz and /readyz on the main one, and neither of the others",
    )


class LogSettings(Group):
    format: LogFormat | None = Field(None, description="json, or console (default on a terminal)")
    level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = Field(
        "INFO", description="Least level"
    )
    hit_sample: Annotated[float, Field(ge=0, le=1)] = Field(
        0.01,
        description="Which part of the answers that are given from memory alone leaves a line; all are counted, "
        "and everything else leaves one always",
    )


class AuditSettings(Group):
    path: Path | None = Field(
        None,
        description="File that audit lines are added to, see docs/audit.md; unset: standard output, "
        "among the log lines",
    )
    scope: AuditScope | None = Field(
        None,
        description="money: what spends it; all: every change, and who signs in and out; default: all in a "
        "file, money among the log lines, which should not name people unasked",
    )

    @property
    def tells_all(self) -> bool:
        return self.scope is AuditScope.ALL or (self.scope is None and self.path is not None)


class TracingSettings(Group):
    """Traces by OpenTelemetry. Where they go is told by the standard OTEL_* variables."""

    enabled: bool = Field(
        False,
        description="Export traces by OTLP over HTTP, where the standard OTEL_* variables say; see docs/tracing.md",
    )
    trust_parent: bool = Field(
        False,
        description="Continue the trace that the header traceparent names, from BFF_PUBLIC__TRUSTED_PROXIES "
        "alone: they must set it themselves",
    )
    propagate: bool = Field(False, description="Send traceparent to the platform")


class ExplainSettings(Group):
    claim: str | None = Field(
        None,
        description="Claim that, when true, lets its bearer ask with X-BFF-Explain how he was served; in development everybody may",
    )


def _default_environment() -> Environment:
    """Development only from a checkout: an installed copy must be told that it may be lax."""
    checkout = Path(__file__).parent.parent / "pyproject.toml"
    return Environment.DEVELOPMENT if checkout.is_file() else Environment.PRODUCTION


class Settings(BaseSettings):
    """All settings. Frozen; parts receive the group that they need."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    env: Environment = Field(
        default_factory=_default_environment, description="development or production"
    )
    upstream: UpstreamSettings = UpstreamSettings()
    identity: IdentitySettings = IdentitySettings()
    session: SessionSettings = SessionSettings()
    public: PublicSettings = PublicSettings()
    redis: RedisSettings = RedisSettings()
    ledger: LedgerSettings = LedgerSettings()
    cache: CacheSettings = CacheSettings()
    drift: DriftSettings = DriftSettings()
    access: AccessSettings = AccessSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    limits: LimitSettings = LimitSettings()
    spa: SpaSettings = SpaSettings()
    drain: DrainSettings = DrainSettings()
    operations: OperationsSettings = OperationsSettings()
    log: LogSettings = LogSettings()
    audit: AuditSettings = AuditSettings()
    tracing: TracingSettings = TracingSettings()
    explain: ExplainSettings = ExplainSettings()
    docs: bool | None = Field(
        None, description="Serve /openapi.json and /docs; default: in development only"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # `load` hands the environment in
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @property
    def production(self) -> bool:
        return self.env is Environment.PRODUCTION

    @property
    def uses_sandbox(self) -> bool:
        """Whether the embedded sandbox stands in for the platform."""
        return self.upstream.base_url is None and not self.production

    @property
    def shows_docs(self) -> bool:
        return (not self.production) if self.docs is None else self.docs

    @property
    def drain_seconds(self) -> float:
        """In development nobody balances load, and Ctrl-C should be quick."""
        wait = self.drain.wait_seconds
        return (5.0 if self.production else 0.0) if wait is None else wait

    @property
    def origin(self) -> str:
        """The public origin; `load` and the command line see to it that there is one."""
        assert self.public.origin is not None
        return self.public.origin


def known_names(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> dict[str, str]:
    """Every environment variable that is understood, with its description."""
    names: dict[str, str] = {}
    for field, info in model.model_fields.items():
        name = f"{prefix}{field.upper()}"
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            names.update(known_names(info.annotation, name + DELIMITER))
        else:
            names[name] = info.description or ""
    return names


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of this environment, each field valid by itself; raises SettingsFault."""
    faults = list(_unknown(environ))
    if faults:
        raise SettingsFault(faults)
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in environ.items() if value}
    try:
        return Settings(**source())
    except ValidationError as error:
        raise SettingsFault(
            [_sentence(fault) for fault in error.errors(include_input=False, include_url=False)]
        ) from None


def _sentence(fault: Any) -> str:
    where = PREFIX + DELIMITER.join(str(part) for part in fault["loc"]).upper()
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}."


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    """A misspelt setting must not be ignored: it may be the one that was meant to protect."""
    known = known_names()
    for name in sorted(environ):
        if not name.upper().startswith(PREFIX) or name.upper() in known:
            continue
        if name.startswith(("BFF_SERVICE_", "BFF_PORT")):
            yield (
                f"{name} looks injected by Kubernetes for a Service named bff: "
                "set enableServiceLinks: false on the pod, or rename the Service."
            )
            continue
        # The prefix, which all share, would make anything look alike.
        bare = [other.removeprefix(PREFIX) for other in known]
        near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), bare, n=1)
        hint = f" Did you mean {PREFIX}{near[0]}?" if near else " `bff check` lists the settings."
        yield f"{name} is not a setting.{hint}"
