"""One world for a module's tests, in both ways to answer what is known by heart."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from app.testing.world import GatewayServer, World, world
from tests.recall.asker import Asker, EarlyGateway, LateGateway, asker
from tests.session import host_tokens

JWT = {
    "secret": host_tokens.SECRET,
    "algorithms": ["HS256"],
    "issuer": host_tokens.ISSUER,
    "audience": host_tokens.AUDIENCE,
    "cookie": "host",
}


@pytest.fixture(scope="module", autouse=True)
def no_certificates() -> Iterator[None]:
    """All is plain http here: reading the machine's certificates would cost more than the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        yield


@pytest.fixture(scope="module", params=[EarlyGateway, LateGateway], ids=["early", "late"])
def way(request: pytest.FixtureRequest) -> type[GatewayServer]:
    """Who answers what is known by heart: the connection, or the application."""
    kind: type[GatewayServer] = request.param
    return kind


@pytest.fixture(scope="module")
def shared(way: type[GatewayServer]) -> Iterator[World]:
    with world(gateway=way(), identity={"jwt": JWT, "same_users": True}) as running:
        yield running


@pytest.fixture
def here(shared: World) -> World:
    """The demo world as it was at first, and nothing known by heart that still holds."""
    shared.heal()
    for user in ("ben", "cleo"):
        asyncio.run(shared.parts.grants.forget(user))
    shared.begin_anew()
    shared.forget_calls()
    return shared


@pytest.fixture
def ben(here: World) -> Asker:
    """The team's ADMIN, who asks for the campaigns of an ad account."""
    return asker(here, "ben")


@pytest.fixture
def cleo(here: World) -> Asker:
    """A member of the team with MANAGER rights on the account, who asks for the same."""
    return asker(here, "cleo")
