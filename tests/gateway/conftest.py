"""Worlds for tests that change nothing, and one to be spoken to byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.sandbox.operations import ADDRESSES
from app.sandbox.provider import HANDLERS
from app.sandbox.state import Asking as AskingPlatform
from app.sandbox.state import Extra
from app.sandbox.wire import Reply
from app.testing.world import World, world
from tests.cache.reads import CAMPAIGNS, MEMBERS
from tests.gateway.wire import NAME, Asking, Wire
from tests.recall.asker import Asker, EarlyGateway


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    with world() as running:
        yield running


@pytest.fixture(scope="module")
def early_world() -> Iterator[World]:
    (campaigns,) = (one for one in ADDRESSES if one.number == 33)
    with world(gateway=EarlyGateway(), platform=[Extra(campaigns, long_names)]) as running:
        yield running


@pytest.fixture
def asking(early_world: World) -> Asking:
    """Somebody who has been told the campaigns and the team's members."""
    early_world.heal()
    early_world.begin_anew()
    browser = early_world.sign_in("ben")
    for path in (CAMPAIGNS, MEMBERS):
        Asker(early_world.gateway, browser, path).known()
    return Asking(browser)


@pytest.fixture
def wire(early_world: World) -> Iterator[Wire]:
    with Wire(early_world.gateway) as one:
        yield one


def long_names(asking: AskingPlatform) -> Reply:
    reply = HANDLERS[33](asking)
    assert isinstance(reply.data, list)
    return replace(reply, data=[one | {"name": "x" * NAME} for one in reply.data])
