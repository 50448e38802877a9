"""One person before the example dashboard."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.console.screen import Screen

BRAND = "/teams/team-acme-brand/accounts/act_1001"
ALL_THERE = "All figures are there."


class Visitor(Screen):
    """A window on the example; `faults` are its errors, warnings and violations of the policy."""

    def come(self, user: str, path: str = "/") -> None:
        """Go there, sign in, and be back there."""
        self.open(path)
        self.page.get_by_role("link", name="Sign in").click()
        self.page.locator(f'button[value="{user}"]').click()
        expect(self.page.locator("#user")).to_be_visible()

    def rest(self) -> None:
        """Wait until every figure was told."""
        expect(self.page.get_by_role("status")).to_contain_text(ALL_THERE, timeout=15_000)
        expect(self.page.locator("[aria-busy]")).to_have_count(0)

    def tile(self, name: str) -> Locator:
        heading = self.page.locator("dt", has_text=name)
        return self.page.locator(".tile").filter(has=heading).locator(".value").first
