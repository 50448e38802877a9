"""A world for a module that disturbs what the platform answers, and puts it right again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.testing.world import Browser, World, world


@pytest.fixture(scope="module")
def drifting() -> Iterator[World]:
    """What can be kept is kept; answers that lack something must not be."""
    with world() as running:
        yield running


@pytest.fixture(scope="module")
def ana(drifting: World) -> Browser:
    return drifting.sign_in("ana")


@pytest.fixture
def platform(drifting: World, ana: Browser) -> Iterator[World]:
    """For one test: what was kept has aged away, and access is decided and proven already."""
    drifting.advance(901)
    ana.read("/teams/team-acme-brand/meta/ad-sets?adAccountId=act_1001")
    drifting.forget_calls()
    yield drifting
    drifting.sandbox.faults.clear()
