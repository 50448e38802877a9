"""A platform that a module's tests share; each plays on a gateway of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from app.testing.world import Browser, World, world
from tests.inside import Platform, platform


@pytest.fixture(autouse=True)
def no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is plain http here: reading the machine's certificates would cost more than the tests."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)


@pytest.fixture(scope="module")
def shared_platform() -> Iterator[Platform]:
    with platform() as running:
        yield running


@pytest.fixture
def sandbox(shared_platform: Platform) -> Iterator[Platform]:
    """Its call log is empty, nothing is out of order, and the campaign that tests pause is on."""
    shared_platform.forget()
    shared_platform.sandbox.world.set_status("cmp_1001_1", "ACTIVE")
    yield shared_platform
    shared_platform.forget()


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    with world() as running:
        yield running


@pytest.fixture(scope="module")
def ben(shared_world: World) -> Browser:
    return shared_world.sign_in("ben")
