"""Everybody whom the settings name, asked at the same time and with one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from app.catalogue.extensions import catalogue_with
from app.checking.asking import Asker
from app.checking.identity import check_host_keys, check_provider
from app.checking.platform import check_connection, check_key
from app.checking.routes import Routes
from app.checking.store import check_store
from app.clock import Clock
from app.findings import Finding, fault, note
from app.settings import Settings
from app.upstream.exchange import HttpxExchange

# Seconds for everything that is asked; what is late is said to be.
DEADLINE = 30.0
ROUTES_DEADLINE = 120.0


async def check_live(
    settings: Settings, clock: Clock, *, probe_user: str | None, routes: bool, live: bool
) -> list[Finding]:
    """What they answer. `live` asks all of them, `routes` the platform for each of its addresses;
    with `probe_user` the platform is asked for tokens of that user, which may make one of him."""
    async with _asker(settings, clock) as asker:
        checks: list[Coroutine[Any, Any, list[Finding]]] = []
        if live:
            checks += _asked(settings, asker, clock)
        checks.append(_platform(settings, asker, probe_user, routes=routes))
        deadline = ROUTES_DEADLINE if routes else DEADLINE
        found = await asyncio.gather(*(_in_time(check, deadline) for check in checks))
    return [finding for findings in found for finding in findings]


def _asked(
    settings: Settings, asker: Asker, clock: Clock
) -> list[Coroutine[Any, Any, list[Finding]]]:
    """Who is there to be asked."""
    checks: list[Coroutine[Any, Any, list[Finding]]] = []
    if address := settings.redis.address().current():
        checks.append(check_store(address, clock))
    if issuer := settings.identity.oidc.issuer:
        checks.append(check_provider(asker, issuer))
    checks.append(check_host_keys(asker, settings.identity))
    if base_url := settings.upstream.base_url:
        checks.append(check_connection(base_url, clock))
    return checks


async def _platform(
    settings: Settings, asker: Asker, probe_user: str | None, *, routes: bool
) -> list[Finding]:
    base_url, key = settings.upstream.base_url, settings.upstream.key()
    if base_url is None:
        return [note("BFF_UPSTREAM__BASE_URL is not set: there is no platform to ask.")]
    catalogue, replaced = catalogue_with(settings.catalogue.extra), settings.upstream.routes
    findings: list[Finding] = []
    token = None
    if probe_user is not None:
        addresses = catalogue.addresses(replaced)
        findings, token = await check_key(asker, base_url, addresses, key, probe_user)
    if routes:
        asking = Routes(asker, base_url, key.current(), token)
        judged = await asking.judge(catalogue, replaced)
        findings += [one.finding() for one in judged]
    return findings


async def _in_time(check: Coroutine[Any, Any, list[Finding]], deadline: float) -> list[Finding]:
    try:
        async with asyncio.timeout(deadline):
            return await check
    except TimeoutError:
        return [fault(f"A check took longer than {deadline:.0f} seconds.", "Ask again.")]


@asynccontextmanager
async def _asker(settings: Settings, clock: Clock) -> AsyncIterator[Asker]:
    exchange = HttpxExchange(connect_timeout=settings.upstream.connect_timeout, max_connections=8)
    try:
        yield Asker(exchange, clock)
    finally:
        await exchange.close()
