"""The parts of one gateway, each made with what it needs."""

from __future__ import annotations

import random
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TextIO

from structlog.typing import FilteringBoundLogger

from app.cache.cache import Cache
from app.cache.epochs import Epochs, LocalEpochs
from app.cache.leases import Leases
from app.cache.rates import Rates
from app.cache.redis_epochs import RedisEpochs
from app.cache.redis_link import RedisLink
from app.cache.second_level import SecondLevel
from app.cache.store import Store
from app.catalogue.address import Address
from app.catalogue.extensions import catalogue_with
from app.catalogue.operations import Catalogue
from app.clock import Clock
from app.console.spa import Spa
from app.errors import UpstreamTimeout, UpstreamUnavailable
from app.gateway.access import Access
from app.gateway.attempts import Attempt, names_of
from app.gateway.composing import Composing
from app.gateway.consents import MOST_ERRANDS, Consents, Errand
from app.gateway.decisions import Decisions
from app.gateway.draining import Drain
from app.gateway.drift import Drift
from app.gateway.facts import Facts
from app.gateway.following import Means
from app.gateway.pipeline import Pipeline
from app.gateway.proofs import Proofs
from app.gateway.quotas import Quotas
from app.gateway.reading import Reading
from app.gateway.recording import Recording
from app.gateway.spend_audit import SpendAudit
from app.gateway.spending import Spending
from app.gateway.streaming import Streams
from app.gateway.tolerance import Tolerance
from app.gateway.trimming import Trimming
from app.gateway.write_audit import WriteAudit
from app.ledger.grants import Grants
from app.ledger.redis_grants import RedisGrants
from app.ledger.sqlite_grants import SqliteGrants
from app.ledger.sqlite_records import SqliteRecords
from app.observe.audit import Audit
from app.observe.audit_channels import FileChannel, NoChannel, StreamChannel
from app.observe.counters import Counters
from app.observe.logs import standard_output
from app.observe.tracing import Tracing, traceparent
from app.sealing import Form, Sealing
from app.session.claims import ClaimRules
from app.session.fetch import Fetch, Fetched
from app.session.host_jwt import HostTokens
from app.session.host_keys import OwnKey, keys_of
from app.session.identity_provider import IdentityProvider
from app.session.records import LocalRecords, Records, no_names
from app.session.redis_records import RedisRecords
from app.session.stores import Stores
from app.settings import AccountIds, Engine, Settings, SettingsFault, UpstreamSettings
from app.upstream.client import Platform
from app.upstream.direct import DirectExchange
from app.upstream.exchange import (
    Exchange,
    ExchangeError,
    ExchangeTimeout,
    HttpxExchange,
    Outgoing,
)
from app.upstream.key import KeyRing
from app.upstream.lanes import Lanes
from app.upstream.propagating import Propagating
from app.upstream.resilience import Resilience
from app.upstream.shared_tokens import FORGOTTEN, SharedTokens

# What the identity provider may take and send.
PROVIDER_DEADLINE = 5.0
PROVIDER_ANSWER_BYTES = 1024 * 1024
PROVIDER_CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the application."""

    settings: Settings
    clock: Clock
    log: FilteringBoundLogger
    salt: bytes
    counters: Counters
    catalogue: Catalogue
    epochs: Epochs
    cache: Cache
    grants: Grants
    platform: Platform
    facts: Facts
    consents: Consents
    drift: Drift
    reading: Reading
    pipeline: Pipeline
    streams: Streams
    attempts: Records[Attempt]
    endings: Records[str]
    spending: Spending
    drain: Drain
    link: RedisLink | None
    rates: Rates
    stores: Stores
    provider: IdentityProvider | None
    host_tokens: HostTokens | None
    fetching: Exchange
    tracing: Tracing | None
    # It is told of everything that BFF_AUDIT__SCOPE wants.
    audit: Audit

    async def start(self) -> None:
        """Connect what listens all the time."""
        if self.link is not None:
            await self.link.start()

    async def close(self) -> None:
        """End every task and connection; the order is from those who ask to those who are asked."""
        await self.spending.close()
        await self.reading.close()
        await self.cache.close()
        await self.facts.close()
        await self.platform.close()
        if self.link is not None:
            await self.link.close()
        if self.provider is not None:
            await self.provider.close()
        if self.host_tokens is not None:
            await self.host_tokens.close()
        await self.fetching.close()
        await self.grants.close()
        for records in (self.attempts, self.endings):
            if isinstance(records, SqliteRecords):
                await records.close()
        await self.audit.close()
        if self.tracing is not None:
            await self.tracing.close()


def make_parts(
    settings: Settings,
    clock: Clock,
    log: FilteringBoundLogger,
    chance: Callable[[], float] = random.random,
    out: TextIO | None = None,
    tracing: Tracing | None = None,
) -> Parts:
    """Every part with what it needs; nothing is connected yet. `chance` gives numbers from 0 to 1,
    `out` takes the audit where it has no file. Raises SettingsFault."""
    upstream, access = settings.upstream, settings.access
    audit = audit_of(settings, clock, log, out or standard_output())
    # Of what spends no money.
    whole_audit = audit if settings.audit.tells_all else Audit(NoChannel(), clock, log)
    counters = Counters()
    catalogue = catalogue_with(settings.catalogue.extra)
    salt = secrets.token_bytes(16)
    link = _link(settings, counters, log)
    sealing = settings.session.sealing()
    epochs: Epochs = RedisEpochs(link, clock) if link else LocalEpochs(clock)
    second = tokens = None
    if link is not None:
        leases = Leases(link, counters)
        second = SecondLevel(link, leases, sealing, clock, counters)
        tokens = SharedTokens(link, leases, sealing, clock, counters)
    stores = Stores.shared(link, sealing, clock, counters) if link else Stores.local(clock)
    # Replicas have to count the same person under the same name.
    rates = Rates(next(iter(settings.session.ring()), salt), link, clock, counters)
    quotas = Quotas(rates, settings.limits)
    cache = Cache(Store(settings.cache.max_bytes), second, epochs, clock, chance)
    grants = RedisGrants(link, sealing, epochs) if link else ledger_in_file(settings)
    platform = _platform(settings, catalogue, clock, counters, log, chance, tokens)
    if link is not None:
        link.on_message(FORGOTTEN, platform.tokens.forgotten)
    drift = Drift(catalogue.operations, counters, clock, log)
    facts = Facts(
        platform,
        epochs,
        clock,
        drift,
        deadline=upstream.read_deadline,
        outage_seconds=access.outage_seconds,
    )
    errands: Records[Errand] = (
        RedisRecords(Form("consent"), "k", Errand, link, sealing, clock, counters)
        if link
        else LocalRecords(clock, MOST_ERRANDS)
    )
    redirects = settings.public.redirects
    consents = Consents(settings.origin, redirects, errands, link, epochs, clock)
    tolerance = Tolerance(catalogue.operations, settings.drift.budget)
    trimming = Trimming(catalogue.operations, drift, tolerance, counters, log)
    reading = Reading(
        cache,
        epochs,
        Proofs(epochs, clock, ttl=access.ttl_seconds, outage=access.outage_seconds),
        Proofs(epochs, clock, ttl=access.ttl_seconds, outage=access.outage_seconds),
        platform,
        trimming,
        consents,
        quotas,
        clock,
        log,
        deadline=upstream.read_deadline,
    )
    composing = Composing(reading, clock, deadline=upstream.read_deadline)
    attempts = attempts_of(settings, link, sealing, clock, counters)
    endings = endings_of(settings, link, sealing, clock, counters)
    spending = Spending(
        attempts,
        reading.anew,
        quotas.write,
        SpendAudit(audit, endings, log),
        catalogue,
        clock,
        counters,
        log,
        deadline=upstream.write_deadline,
    )
    judge = Access(
        facts,
        grants,
        access,
        consents.under_way,
        Decisions(epochs, clock),
        counters,
        log,
        salt,
        insights_by_internal_id=upstream.insights_account_id is AccountIds.INTERNAL,
    )
    pipeline = Pipeline(
        judge,
        reading,
        composing,
        spending,
        epochs,
        platform,
        trimming,
        grants,
        Recording(grants, clock),
        consents,
        quotas,
        upstream,
        clock,
        log,
        settings.limits,
        WriteAudit(whole_audit, log),
    )
    drain = Drain()
    streams = Streams(Means(pipeline, composing, epochs, drain, clock))
    fetching = HttpxExchange(
        connect_timeout=upstream.connect_timeout,
        max_connections=PROVIDER_CONNECTIONS,
        max_answer_bytes=PROVIDER_ANSWER_BYTES,
    )
    provider = _provider(settings, clock, fetching)
    return Parts(
        settings,
        clock,
        log,
        salt,
        counters,
        catalogue,
        epochs,
        cache,
        grants,
        platform,
        facts,
        consents,
        drift,
        reading,
        pipeline,
        streams,
        attempts,
        endings,
        spending,
        drain,
        link,
        rates,
        stores,
        provider,
        _host_tokens(settings, clock, fetching, log),
        fetching,
        tracing,
        whole_audit,
    )


def addresses_of(settings: Settings, _clock: Clock) -> dict[str, Address]:
    return catalogue_with(settings.catalogue.extra).addresses(settings.upstream.routes)


def host_key_of(settings: Settings, _clock: Clock) -> OwnKey | None:
    jwt = settings.identity.jwt
    return OwnKey(jwt) if jwt.issuer and not jwt.jwks_url else None


def spa_of(settings: Settings, _clock: Clock) -> Spa | None:
    return Spa.read(settings.spa)


def _host_tokens(
    settings: Settings, clock: Clock, fetching: Exchange, log: FilteringBoundLogger
) -> HostTokens | None:
    jwt = settings.identity.jwt
    if not jwt.issuer:
        return None
    keys = keys_of(jwt, _fetch_with(fetching), clock, log)
    rules = ClaimRules.of(settings.identity, settings.explain.claim)
    return HostTokens(jwt, rules, keys, clock)


def ledger_in_file(settings: Settings) -> Grants:
    """The ledger at its path; raises SettingsFault."""
    try:
        return SqliteGrants(settings.ledger.path)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsFault([f"BFF_LEDGER__PATH cannot be opened: {why}."]) from None


def attempts_of(
    settings: Settings,
    link: RedisLink | None,
    sealing: Sealing,
    clock: Clock,
    counters: Counters,
) -> Records[Attempt]:
    """Where attempts to spend money are remembered: as durably as the ledger."""
    if link is not None:
        return RedisRecords(Form("attempt"), "w", Attempt, link, sealing, clock, counters, names_of)
    return attempts_in_file(settings, clock)


def attempts_in_file(settings: Settings, clock: Clock) -> SqliteRecords[Attempt]:
    """Beside the ledger's permissions, in the same file."""
    return SqliteRecords(settings.ledger.path, "attempt", Attempt, clock, names_of)


def endings_of(
    settings: Settings,
    link: RedisLink | None,
    sealing: Sealing,
    clock: Clock,
    counters: Counters,
) -> Records[str]:
    """Where it is remembered which ends of attempts the audit was told: beside the attempts."""
    if link is not None:
        return RedisRecords(Form("ending"), "we", str, link, sealing, clock, counters)
    return SqliteRecords(settings.ledger.path, "ending", str, clock, no_names)


def audit_of(settings: Settings, clock: Clock, log: FilteringBoundLogger, out: TextIO) -> Audit:
    """Its file, or `out` where it has none; raises SettingsFault."""
    path = settings.audit.path
    return Audit(FileChannel(path) if path else StreamChannel(out), clock, log)


def _platform(
    settings: Settings,
    catalogue: Catalogue,
    clock: Clock,
    counters: Counters,
    log: FilteringBoundLogger,
    chance: Callable[[], float],
    shared_tokens: SharedTokens | None,
) -> Platform:
    upstream = settings.upstream
    assert upstream.base_url is not None
    exchange = _exchange(upstream)
    if settings.tracing.propagate:
        exchange = Propagating(exchange, traceparent)
    # After half of its time a question is too late to be queued, and an answer is a slow one.
    half = upstream.read_deadline / 2
    resilience = Resilience(
        exchange,
        Lanes(upstream.max_connections, patience=half),
        clock,
        counters,
        chance,
        slow_after=half,
        slow_write_after=upstream.write_deadline / 2,
    )
    return Platform(
        upstream.base_url,
        resilience,
        KeyRing(upstream.key(), clock),
        catalogue.addresses(upstream.routes),
        catalogue.upstream_groups(),
        clock,
        counters,
        log,
        token_deadline=upstream.read_deadline,
        shared_tokens=shared_tokens,
    )


def _exchange(upstream: UpstreamSettings) -> Exchange:
    assert upstream.base_url is not None
    connect, most = upstream.connect_timeout, upstream.max_connections
    match upstream.engine:
        case Engine.DIRECT:
            return DirectExchange(upstream.base_url, connect_timeout=connect, max_connections=most)
        case Engine.HTTPX:
            return HttpxExchange(connect_timeout=connect, max_connections=most)


def _link(settings: Settings, counters: Counters, log: FilteringBoundLogger) -> RedisLink | None:
    url = settings.redis.address().current()
    return RedisLink(url, settings.redis.prefix, counters, log) if url else None


def _provider(settings: Settings, clock: Clock, fetching: Exchange) -> IdentityProvider | None:
    if settings.identity.oidc.issuer is None:
        return None
    return IdentityProvider(
        settings.identity.oidc,
        ClaimRules.of(settings.identity, settings.explain.claim),
        f"{settings.origin}/auth/callback",
        _fetch_with(fetching),
        clock,
    )


def _fetch_with(exchange: Exchange) -> Fetch:
    """The side of the exchange of those who sign people in."""

    async def fetch(
        method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Fetched:
        try:
            answer = await exchange.send(
                Outgoing(method, url, headers, body or None), PROVIDER_DEADLINE
            )
        except ExchangeTimeout as error:
            raise UpstreamTimeout(reason=str(error)) from None
        except ExchangeError as error:
            raise UpstreamUnavailable(reason=str(error)) from None
        return Fetched(answer.status, answer.headers, answer.body)

    return fetch
