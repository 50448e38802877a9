"""A gateway whose identity provider is a program of others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.clock import MovableClock
from app.main import create_app
from app.testing.world import Browser, GatewayServer, settings_for
from tests.peers.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    PACKAGE,
    Person,
    identity_provider,
)
from tests.peers.programs import node
from tests.session.app_of_a_phone import SCHEME

NOBODY = "http://127.0.0.1:9"


@dataclass
class Stage:
    """A gateway and its identity provider; nobody plays the platform."""

    gateway: GatewayServer
    issuer: str
    log: io.StringIO

    def browser(self) -> Browser:
        return Browser(self.gateway.origin)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    node(PACKAGE)  # before a port is taken that nobody would give back
    gateway, log = GatewayServer(), io.StringIO()
    output = tmp_path_factory.mktemp("oidc-provider") / "log"
    with identity_provider(gateway.origin, output) as issuer:
        oidc = {"issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        settings = settings_for(
            NOBODY,
            gateway.origin,
            identity={"oidc": oidc},
            public={"native_redirects": [SCHEME]},
        )
        gateway.start(create_app(settings, clock=MovableClock(), log_stream=log))
        yield Stage(gateway, issuer, log)
        gateway.stop()


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    with stage.browser() as one:
        yield one


@pytest.fixture
def person() -> Iterator[Person]:
    with Person() as one:
        yield one


def start(browser: Browser, **params: str) -> str:
    """Where the gateway sends the browser."""
    answer = browser.get("/auth/login", params=params)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])
