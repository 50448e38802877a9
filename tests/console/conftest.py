"""Chromium, and screens in it that remember everything that went wrong on them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from app.testing.world import World

from .screen import CHROMIUM, SWITCHES, Screen

OpenScreen = Callable[..., Screen]


# No longer than a module: while it lasts, no other test of this process can run a loop of its own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists() and "CI" not in os.environ:
        pytest.skip(f"{CHROMIUM} is not there: scripts/system-packages installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def open_screen(strict_world: World, chromium: Browser) -> Iterator[OpenScreen]:
    """Opens screens of this width and height, each a browser of its own."""
    opened: list[Screen] = []

    def open_one(width: int = 1280, height: int = 900) -> Screen:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
        )
        context.set_default_timeout(15_000)
        opened.append(Screen(context.new_page(), strict_world))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.page.context.close()


@pytest.fixture
def screen(open_screen: OpenScreen) -> Screen:
    """A desktop's screen."""
    return open_screen()
