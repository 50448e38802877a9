"""A platform that a module's tests share; each plays on a gateway of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.inside import Platform, platform


@pytest.fixture(scope="module")
def shared_platform() -> Iterator[Platform]:
    with platform() as running:
        yield running


@pytest.fixture
def sandbox(shared_platform: Platform) -> Iterator[Platform]:
    """Its call log is empty and nothing is out of order, before and after."""
    shared_platform.forget()
    yield shared_platform
    shared_platform.forget()
