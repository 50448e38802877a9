"""The gateway's clock and the platform's need not agree."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from app.clock import MovableClock
from app.main import create_app
from app.sandbox.server import SandboxOptions, SandboxServer
from app.testing.world import API_KEY, GatewayServer, World, settings_for

SKEW = 120


@pytest.fixture(params=[-SKEW, SKEW], ids=["platform behind", "platform ahead"])
def two_clocks(request: pytest.FixtureRequest) -> Iterator[tuple[World, MovableClock]]:
    """A world whose platform and identity provider have a clock of their own, and that clock."""
    ours, theirs = MovableClock(), MovableClock()
    (ours if request.param < 0 else theirs).advance(SKEW)
    gateway = GatewayServer()
    options = SandboxOptions(origin="", gateway_origin=gateway.origin, api_key=API_KEY)
    sandbox = SandboxServer(options, theirs, port=0)
    sandbox.start()
    log = io.StringIO()
    settings = settings_for(sandbox.origin, gateway.origin)
    gateway.start(create_app(settings, clock=ours, log_stream=log))
    running = World(sandbox, gateway, ours, log)
    try:
        yield running, theirs
    finally:
        for browser in running.browsers:
            browser.close()
        gateway.stop()
        sandbox.stop()


@pytest.mark.holds(94)
def test_clocks_two_minutes_apart_are_tolerated(two_clocks: tuple[World, MovableClock]) -> None:
    """Signing in works, and over three hours of reading no request meets a dead token."""
    world, theirs = two_clocks
    ben = world.sign_in("ben")
    read = "/teams/team-acme-brand/members"
    for _ in range(3 * 12):
        ben.read(read)
        world.clock.advance(300)
        theirs.advance(300)
    refused = [call.name for call in world.sandbox.calls.list() if call.status in {401, 403}]
    assert refused == []
    assert len(world.calls("exchangeToken")) == 1
    assert 3 <= len(world.calls("refreshToken")) <= 4


@pytest.mark.holds(94)
def test_a_token_that_died_early_is_renewed_unnoticed(
    two_clocks: tuple[World, MovableClock],
) -> None:
    """The platform's clock jumps ahead by two minutes at the end of a token's life."""
    world, theirs = two_clocks
    ben = world.sign_in("ben")
    read = "/teams/team-acme-brand/members"
    ben.read(read)
    for clock in (world.clock, theirs):
        clock.advance(1700)  # a session lasts 1800 s without a request
    ben.read(read)
    world.clock.advance(1000)
    theirs.advance(1000 + 900 + SKEW)
    world.forget_calls()
    ben.read("/teams/team-acme-brand/connections")
    assert [call.status for call in world.sandbox.calls.list() if call.status == 403] == [403]
    assert len(world.calls("exchangeToken")) == 1
