"""One person before one browser window."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, expect

from tests.peers.programs import installed

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The browser's own words for any refusal, also for the one that just says "signed out".
REFUSED = "Failed to load resource: the server responded with a status of "
TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`policy: ${violatedDirective} ${blockedURI}`),
);
"""
# One line each: the rule, how bad it is, and where.
VIOLATIONS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, impact, nodes }) => nodes.map((node) => `${impact} ${id}: ${node.target}`));
}"""


class Place(Protocol):
    """What pages are opened at, e.g. a world."""

    @property
    def origin(self) -> str: ...


class Screen:
    """A page of the gateway; `faults` are its errors and warnings, `hosts` whom it asked."""

    def __init__(self, page: Page, place: Place) -> None:
        self.page = page
        self.origin = place.origin
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        page.add_init_script(TELL_OF_VIOLATIONS)
        page.on("console", self._note)
        page.on("pageerror", self._note_error)
        page.on("request", self._note_request)

    def _note(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith(f"{REFUSED}401")
        if refused and urlsplit(message.location["url"]).path == "/auth/session":
            return  # the question who is signed in was answered: nobody
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)

    def _note_error(self, error: Error) -> None:
        self.faults.append(str(error))

    def _note_request(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)

    def open(self, path: str = "/") -> None:
        self.page.goto(self.origin + path)

    def sign_in(self, user: str) -> None:
        """From the first page to the console."""
        self.open()
        self.page.get_by_role("link", name="Sign in").click()
        self.page.locator(f'button[value="{user}"]').click()
        expect(self.page.locator("#console")).to_be_visible()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(self.page.get_by_role("link", name="Sign in")).to_be_visible()

    def turn_to(self, title: str) -> None:
        """By the bar of links to another page of the console."""
        self.page.get_by_role("navigation").get_by_role("link", name=title, exact=True).click()
        expect(self.page.locator("#title")).to_have_text(title)

    def rest(self) -> None:
        """Wait until a page is shown, and nothing is being asked for any more."""
        expect(self.page.locator("#page > *")).to_be_visible()
        expect(self.page.locator("[aria-busy]")).to_have_count(0)

    def axe(self) -> list[str]:
        """What the rules of axe-core call serious or critical on the page as it is now."""
        self.page.evaluate((installed("axe-core") / "axe.min.js").read_text("utf-8"))
        found: list[str] = self.page.evaluate(VIOLATIONS)
        return found

    @property
    def notices(self) -> Locator:
        """Where the reader is told what became of what he did. Forms have words of this role as well, as
        long as they are there."""
        return self.page.get_by_role("status").and_(self.page.locator("#notices"))

    def choices(self, label: str) -> list[str]:
        """What a list offers, once it offers something."""
        options = self.choice(label).locator("option")
        expect(options).not_to_have_count(0)
        return options.all_inner_texts()

    def choice(self, label: str) -> Locator:
        return self.page.get_by_role("combobox", name=label, exact=True)

    def row(self, campaign: str) -> Locator:
        """The campaign's row in the table, by its name."""
        heading = self.page.get_by_role("rowheader").filter(has_text=campaign)
        return self.page.locator("#campaigns tbody tr").filter(has=heading)

    def press_until(self, wanted: Locator) -> None:
        """Tab forward until that element has the focus."""
        expect(wanted).to_be_visible()
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("the keyboard does not get there")

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        wider: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider

    def session_cookie(self) -> str:
        return next(
            cookie["value"] for cookie in self.page.context.cookies() if cookie["name"] == "bff-dev"
        )
