"""Takes the pictures of the console in docs/screenshots: each page in light, dark, and on a phone.

The console runs on the sandbox, so that every picture shows the demo world. Exit 1 says that a page
did not come to rest, or that the pictures became too heavy for a repository.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.testing.world import World, world
from tests.console.screen import CHROMIUM, SWITCHES, Screen

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
# Sees everything that a team's admin may do.
READER = "ben"
DESKTOP, PHONE = (1280, 900), (390, 844)
KINDS: tuple[tuple[str, tuple[int, int], Literal["light", "dark"]], ...] = (
    ("light", DESKTOP, "light"),
    ("dark", DESKTOP, "dark"),
    ("phone", PHONE, "light"),
)
MOST_BYTES = 3_000_000


def main() -> int:
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    with world() as running, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for kind, size, scheme in KINDS:
            take(chromium, running, kind, size, scheme)
        chromium.close()
    total = sum(picture.stat().st_size for picture in PICTURES.glob("*.png"))
    print(f"{PICTURES}: {total / 1000:,.0f} kB")
    return 1 if total > MOST_BYTES else 0


def take(
    chromium: Browser,
    running: World,
    kind: str,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
) -> None:
    """Every page that the bar of links leads to, from its top."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="en-GB",
        timezone_id="Europe/Berlin",
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    screen = Screen(context.new_page(), running)
    screen.sign_in(READER)
    for name, title in pages(screen.page):
        screen.turn_to(title)
        screen.rest()
        screen.page.mouse.move(0, 0)
        screen.page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
        picture = PICTURES / f"{name}-{kind}.png"
        screen.page.screenshot(path=picture, type="png", animations="disabled")
        print(picture.name)
    context.close()


def pages(page: Page) -> list[tuple[str, str]]:
    """Their names in the address, and their titles."""
    links = page.locator("#pages a")
    expect(links.first).to_be_visible()
    found: list[list[str]] = links.evaluate_all(
        """links => links.map(({ hash, textContent }) =>
             [new URLSearchParams(hash.slice(1)).get("page"), textContent])"""
    )
    return [(name, title) for name, title in found]


if __name__ == "__main__":
    sys.exit(main())
