"""The built example, a gateway that serves it, and a person before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.testing.world import World, world
from tests.console.conftest import chromium as chromium
from tests.examples.building import run
from tests.examples.visitor import Visitor

OpenVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `npm run build` makes, in a folder of its own."""
    folder = tmp_path_factory.mktemp("example") / "dist"
    run("vite", "build", "--outDir", str(folder), "--logLevel", "warn")
    return folder


@pytest.fixture
def product(build: Path) -> Iterator[World]:
    """A gateway that serves the example, on a platform that enforces."""
    with world(spa={"directory": build}) as running:
        yield running


@pytest.fixture
def open_visitor(product: World, chromium: Browser) -> Iterator[OpenVisitor]:
    """Opens windows of this width and height, each a browser of its own."""
    opened: list[Visitor] = []

    def open_one(width: int = 1280, height: int = 900) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
        )
        context.set_default_timeout(15_000)
        opened.append(Visitor(context.new_page(), product))
        return opened[-1]

    yield open_one
    for visitor in opened:
        visitor.page.context.close()


@pytest.fixture
def visitor(open_visitor: OpenVisitor) -> Visitor:
    """Somebody at a desk."""
    return open_visitor()
