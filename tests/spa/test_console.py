"""The console beside an application, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.testing.world import World
from tests.console.conftest import chromium as chromium
from tests.console.screen import Screen


@pytest.fixture
def screen(product: World, chromium: Browser) -> Iterator[Screen]:
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield Screen(context.new_page(), product)
    context.close()


def test_signing_in_leads_back_to_the_console(screen: Screen) -> None:
    """Whoever begins there comes back there, and works there; signing out stays there."""
    screen.open("/console")
    screen.page.get_by_role("link", name="Sign in").click()
    screen.page.locator('button[value="ben"]').click()
    expect(screen.page.locator("#console")).to_be_visible()
    screen.rest()
    assert screen.page.url.startswith(f"{screen.origin}/console#")
    screen.page.get_by_role("button", name="Sign out").click()
    screen.page.wait_for_url(f"{screen.origin}/")
    assert screen.page.title() == "Ours"


def test_a_consent_leads_back_to_the_console(screen: Screen) -> None:
    """Who connects Meta there is told there what became of it."""
    screen.open("/console")
    screen.page.get_by_role("link", name="Sign in").click()
    screen.page.locator('button[value="ben"]').click()
    screen.rest()
    screen.turn_to("Connections")
    screen.page.get_by_role("button", name="Connect Meta", exact=True).click()
    screen.page.get_by_role("button", name="Allow").click()
    expect(screen.notices).to_contain_text("Meta is connected")
    assert screen.page.url.startswith(f"{screen.origin}/console")
    assert screen.faults == []
