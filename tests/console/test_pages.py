"""The pages and their files over HTTP: what is served, how, and what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import urlsplit

import pytest
from hatchling.builders.wheel import WheelBuilder

from app.console.pages import routes
from app.testing.world import Browser, World, world

CHECKOUT = Path(__file__).parents[2]
STATIC = CHECKOUT / "app" / "console" / "static"
PAGES = {"/": "/console/", "/docs": "/docs/assets/"}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
NOT_SERVED = (
    "/console/",
    "/console/views",
    "/console/views/",
    "/console/index.html",
    "/console/.gitignore",
    "/console/missing.js",
    "/console/MAIN.js",
    "/console/main.js/",
    "/console/../pages.py",
    "/console/./main.js",
    "/console/%2e%2e/pages.py",
    "/console/views/../main.js",
    "/console/..%2fpages.py",
    "/console/..%5cpages.py",
    "/console//etc/passwd",
    "/console/main.js%00",
    "/docs/assets/",
    "/docs/assets/index.html",
    "/docs/assets/redoc.standalone.js",
    "/docs/assets/../../pages.py",
    "/docs/assets/%2e%2e/core.py",
)
IMPORT = re.compile(r'^import [^"]*"([^"]+)";', re.MULTILINE)


class Marks(HTMLParser):
    """What a page loads, and what stands in it that only a lax policy would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._within = tag
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag in {"link", "script", "img"}:
            self.loads.append(given.get("src") or given.get("href") or "")

    def handle_data(self, data: str) -> None:
        if self._within in {"script", "style"} and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""


@pytest.fixture
def browser(strict_world: World) -> Browser:
    return strict_world.browser()


def reached(browser: Browser, page: str) -> Iterator[tuple[str, str]]:
    """Every file that the page needs, with its type: those it names, and those they import."""
    waiting, seen = Marks(browser.get(page).text).loads, set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = browser.get(path)
        assert answer.status_code == 200, path
        yield path, answer.headers["content-type"]
        if path.startswith("/console/") and path.endswith(".js"):
            found = IMPORT.findall(answer.text)
            waiting += [normpath(join(dirname(path), name)) for name in found]


@pytest.mark.holds(70)
@pytest.mark.parametrize("page", PAGES)
def test_pages_carry_a_strict_policy(browser: Browser, page: str) -> None:
    """Each page allows its own files and this origin, and is neither framed nor guessed at."""
    answer = browser.get(page)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-cache"
    directives = answer.headers["content-security-policy"].split("; ")
    policy = dict(directive.split(" ", 1) for directive in directives)
    assert policy.pop("img-src") == "'self' data:"
    for name in ("default-src", "base-uri", "frame-ancestors"):
        assert policy.pop(name) == "'none'"
    for name in ("script-src", "style-src", "connect-src", "form-action"):
        assert policy.pop(name) == "'self'"
    stricter = {"require-trusted-types-for": "'script'", "trusted-types": "'none'"}
    assert policy == (stricter if page == "/" else {})


@pytest.mark.parametrize("page", PAGES)
def test_pages_hold_nothing_inline(browser: Browser, page: str) -> None:
    """Neither scripts nor styles nor handlers stand in a page, and all it loads is its own."""
    marks = Marks(browser.get(page).text)
    assert marks.inline == []
    assert marks.loads
    assert all(path.startswith(PAGES[page]) for path in marks.loads)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_needs_is_served(browser: Browser, page: str) -> None:
    """What pages, and the modules on them, name is there, and has the right type."""
    for path, media_type in reached(browser, page):
        assert media_type == TYPES[Path(path).suffix], path


def test_no_file_is_left_over(browser: Browser) -> None:
    """Every file of the console is one that its page asks for."""
    kept = {f"/console/{path.relative_to(STATIC)}" for path in STATIC.rglob("*.*")}
    assert kept - {path for path, _ in reached(browser, "/")} == {"/console/index.html"}


def test_files_are_revalidated(browser: Browser) -> None:
    """A browser keeps a file and asks whether it changed; an unchanged one is 304, without bytes."""
    for path in ("/", "/console/main.js", "/docs/assets/swagger-ui.css"):
        etag = browser.get(path).headers["etag"]
        again = browser.get(path, headers={"If-None-Match": f'"other", {etag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert browser.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_is_get_without_the_body(browser: Browser) -> None:
    """HEAD gives the same headers; other methods are 405."""
    for path in ("/", "/console/main.js", "/docs"):
        head, get = browser.head(path), browser.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
        refused = browser.post(path)
        assert refused.status_code == 405
        assert refused.json()["code"] == "method-not-allowed"


def test_nothing_else_is_served(strict_world: World) -> None:
    """Other names, folders and ways out of them are problems, sent raw as no client would."""
    origin = urlsplit(strict_world.origin)
    connection = HTTPConnection(origin.hostname or "", origin.port)
    for path in NOT_SERVED:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status in {400, 404}, path
        assert answer.headers["content-type"] == "application/problem+json", path
        assert b"import" not in body, path
    connection.close()


@pytest.mark.holds(66)
def test_production_shows_neither_console_nor_documentation() -> None:
    """In production the pages and the API's description are not there unless asked for."""
    production: Any = "production"
    oidc = {"issuer": "https://login.example", "client_id": "ads-bff", "client_secret": "none"}
    origin = {"origin": "https://ads.example"}
    with world(env=production, public=origin, identity={"oidc": oidc}) as running:
        browser = running.browser()
        for path in ("/", "/console/main.js", "/docs", "/docs/assets/init.js", "/openapi.json"):
            assert browser.get(path).status_code == 404, path


def test_each_page_can_be_had_alone() -> None:
    """The two switches are independent."""
    assert {route.path for route in routes(console=True, docs=False) if hasattr(route, "path")} == {
        "/",
        "/console/{name:path}",
    }
    assert routes(console=False, docs=False) == []


def test_the_wheel_carries_every_file() -> None:
    """An installed gateway has the pages too."""
    packed = {
        file.distribution_path for file in WheelBuilder(str(CHECKOUT)).recurse_included_files()
    }
    kept = {str(path.relative_to(CHECKOUT)) for path in STATIC.parent.rglob("*.[chjs]*")}
    assert len(kept) > 20
    assert {name for name in kept if not name.endswith(".pyc")} <= packed
