"""A small gateway and a small identity provider, on real ports, with one clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from pydantic import SecretStr

from app.clock import MovableClock
from app.settings import OidcSettings
from tests.replicas.redis_server import RedisServer, redis_server

from .browser import Browser
from .keeping import Keeper
from .loopback_server import Stage, open_stage
from .small_gateway import SmallGateway
from .small_provider import CLIENT_ID, CLIENT_SECRET, SmallProvider
from .small_publisher import SmallPublisher
from .trusting import CLOCK, jwt_settings


@dataclass(frozen=True)
class World:
    """Everything that a sign-in needs, and the clock that all of it goes by."""

    clock: MovableClock
    provider: SmallProvider
    gateway: SmallGateway

    def browser(self) -> Browser:
        return Browser(self.gateway.origin)


@pytest.fixture(scope="session")
def provider_stage() -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage


@pytest.fixture(scope="session")
def gateway_stage() -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def shared(redis: RedisServer) -> Keeper:
    """Everything is kept in Redis."""
    return Keeper(redis)


@pytest.fixture(params=["process", "redis"])
def keeper(request: pytest.FixtureRequest) -> Keeper:
    """Both ways to keep things, one after the other."""
    wanted = request.param == "redis"
    return Keeper(request.getfixturevalue("redis") if wanted else None)


@pytest.fixture(scope="session")
def publisher_stage() -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage


@pytest.fixture
def publisher(publisher_stage: Stage) -> SmallPublisher:
    """A publisher of keys that behaves, until the test bends it."""
    publisher = SmallPublisher(publisher_stage.origin)
    publisher_stage.app = publisher.app()
    return publisher


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def provider(provider_stage: Stage, clock: MovableClock) -> SmallProvider:
    """A provider that behaves, until the test bends it."""
    provider = SmallProvider(provider_stage.origin, clock)
    provider_stage.app = provider.app()
    return provider


@pytest.fixture
def oidc(provider: SmallProvider) -> OidcSettings:
    secret = SecretStr(CLIENT_SECRET)
    return OidcSettings(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=secret)


@pytest.fixture
def world(
    gateway_stage: Stage, clock: MovableClock, provider: SmallProvider, oidc: OidcSettings
) -> World:
    gateway = SmallGateway(gateway_stage.origin, gateway_stage.fetch, clock, oidc=oidc)
    gateway_stage.app = gateway.app()
    return World(clock, provider, gateway)


@pytest.fixture
def browser(world: World) -> Iterator[Browser]:
    with world.browser() as one:
        yield one


@pytest.fixture
def http(gateway_stage: Stage) -> Iterator[httpx2.Client]:
    """A client of a gateway that trusts HS256 tokens."""
    gateway = SmallGateway(gateway_stage.origin, gateway_stage.fetch, CLOCK, jwt=jwt_settings())
    gateway_stage.app = gateway.app()
    with httpx2.Client(base_url=gateway.origin, trust_env=False) as client:
        yield client
