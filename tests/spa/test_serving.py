"""A built application at `/`: its files, its routes, and what stays the gateway's own."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from starlette.routing import Route

from app.console.spa import OWN
from app.page_policy import STANDARD
from app.testing.world import World

from .conftest import BUILD, PAGE, SECRETS

NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}
TYPES = {
    "/": "text/html; charset=utf-8",
    "/index.html": "text/html; charset=utf-8",
    "/about/": "text/html; charset=utf-8",
    "/favicon.ico": "image/x-icon",
    "/robots.txt": "text/plain; charset=utf-8",
    "/manifest.webmanifest": "application/manifest+json",
    "/sw.js": "text/javascript; charset=utf-8",
    "/assets/index-B4x_9aZ0.js": "text/javascript; charset=utf-8",
    "/assets/index-DkQw81_z.css": "text/css; charset=utf-8",
    "/assets/fonts/inter-Ab12Cd34.woff2": "font/woff2",
    "/assets/logo-original.svg": "image/svg+xml",
    "/assets/logo.png": "image/png",
}
FOR_GOOD = "public, max-age=31536000, immutable"
NAMED_BY_CONTENT = {
    "/assets/index-B4x_9aZ0.js",
    "/assets/index-DkQw81_z.css",
    "/assets/fonts/inter-Ab12Cd34.woff2",
}
HOSTILE = (
    "/../outside/secret.txt",
    "/..",
    "/assets/../../outside/secret.txt",
    "/%2e%2e/outside/secret.txt",
    "/%2E%2E/outside/secret.txt",
    "/.%2e/outside/secret.txt",
    "/%252e%252e/outside/secret.txt",
    "/..%2foutside%2fsecret.txt",
    "/..%5coutside%5csecret.txt",
    "/..\\outside\\secret.txt",
    "/..;/outside/secret.txt",
    "/%c0%ae%c0%ae/outside/secret.txt",
    "/%uff0e%uff0e/outside/secret.txt",
    "//etc/passwd",
    "//outside/secret.txt",
    "/./robots.txt",
    "/assets//logo.png",
    "/assets/",
    "/assets",
    "/assets/missing-B4x_9aZ0.js",
    "/robots.txt%00",
    "/robots.txt%00.html",
    "/linked.txt",
    "/inner.txt",
    "/linked/secret.txt",
)
THE_GATEWAYS = (
    "/api",
    "/api/",
    "/api/v1/nothing",
    "/API/v1/nothing",
    "/auth",
    "/auth/nothing",
    "/Auth/nothing",
    "/docs/nothing",
    "/docs/",
    "/console/nothing",
    "/console/",
    "/healthz/nothing",
    "/readyz/",
    "/metrics",
    "/openapi.json/",
)


def ask(running: World, path: str, **headers: str) -> tuple[int, str, bytes]:
    """Sends the path as it is written; clients would tidy it up."""
    origin = urlsplit(running.origin)
    connection = HTTPConnection(origin.hostname or "", origin.port)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers["content-type"] or "", body


def test_files_have_their_own_type(product: World) -> None:
    """Every file of a known kind is served, byte for byte, as what it is."""
    browser = product.browser()
    for path, media_type in TYPES.items():
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type), path
        name = path[1:] + "index.html" * path.endswith("/")
        assert answer.text == BUILD[name], path
    served = {path[1:] + "index.html" * path.endswith("/") for path in TYPES}
    assert served == set(BUILD)


@pytest.mark.holds(70)
def test_every_file_carries_the_headers(product: World) -> None:
    """Nothing is guessed at, framed or read by other origins; what is no page may do nothing."""
    browser = product.browser()
    for path, media_type in TYPES.items():
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        active = media_type.startswith(("text/html", "text/javascript"))
        expected = STANDARD if active else "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert headers["content-security-policy"] == expected, path
        assert "server" not in headers


def test_what_is_named_by_its_content_is_kept_for_good(product: World) -> None:
    """Those files never change under their name; pages and all others are asked for again."""
    browser = product.browser()
    for path in TYPES:
        kept = browser.get(path).headers["cache-control"]
        assert kept == (FOR_GOOD if path in NAMED_BY_CONTENT else "no-cache"), path


def test_an_unchanged_file_is_not_sent_again(product: World) -> None:
    """304 to who has it; HEAD has the headers of GET."""
    browser = product.browser()
    for path in ("/", "/teams/one", "/assets/index-B4x_9aZ0.js"):
        got = browser.get(path, headers=NAVIGATION)
        again = browser.get(path, headers=NAVIGATION | {"If-None-Match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["cache-control"] == got.headers["cache-control"]
        head = browser.head(path, headers=NAVIGATION)
        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers["content-length"] == got.headers["content-length"]


def test_routes_of_the_application_are_its_page(product: World) -> None:
    """Where a person goes, the application's router decides; a script that asks for a file that is
    not there gets no page for one."""
    browser = product.browser()
    for path in ("/teams/one", "/teams/one/", "/report.v2", "/über/uns", "/a;b=c", "/?tab=2"):
        page = browser.get(path, headers=NAVIGATION)
        assert (page.status_code, page.text) == (200, PAGE), path
        assert page.headers["cache-control"] == "no-cache"
        assert page.headers["vary"] == "Accept"
    for accept in ("*/*", "application/json", "text/*", "text/html;q=0", "image/avif,*/*", ""):
        missing = browser.get("/teams/one", headers={"Accept": accept})
        assert missing.status_code == 404, accept
        assert missing.headers["content-type"] == "application/problem+json"


def test_only_reading_is_possible(product: World) -> None:
    """Other methods are 405 where something is served, and 404 where nothing is."""
    browser = product.browser()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert browser.request(method, "/robots.txt").status_code == 405
        assert browser.request(method, "/").status_code == 405
        assert browser.request(method, "/nothing").status_code == 404


@pytest.mark.holds(43)
def test_the_gateways_addresses_never_fall_back(product: World) -> None:
    """Whoever goes to them gets a problem document, in whatever case they are written."""
    for path in THE_GATEWAYS:
        status, media_type, body = ask(product, path, **NAVIGATION)
        assert (status, media_type) == (404, "application/problem+json"), path
        assert b"Ours" not in body


def test_all_addresses_of_the_gateway_are_known(product: World) -> None:
    """No route of the gateway begins with a segment that the application might take."""
    paths = [route.path for route in product.gateway.app.routes if isinstance(route, Route)]
    described = product.gateway.app.openapi()
    assert described is not None
    firsts = {path.split("/")[1] for path in [*paths, *described["paths"]]}
    assert firsts - {"{path:path}"} <= OWN
    assert len(firsts) > 4


def test_the_gateway_works_beside_it(product: World) -> None:
    """Sign-in, API, health and methods are what they are without an application."""
    browser = product.browser()
    assert browser.get("/healthz").json() == {"status": "ok"}
    assert browser.get("/auth/logout").status_code == 405
    assert browser.post("/healthz").status_code == 405
    assert browser.sign_in("ben", "/teams/one").headers["location"] == "/teams/one"
    assert browser.read("/workspaces/acme/teams")["items"]
    assert browser.get("/docs", headers=NAVIGATION).status_code == 200


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_nothing_gets_out_of_the_folder(product: World, accept: str) -> None:
    """Hidden files, links, source maps, unknown kinds and every way out: none is served, and no page
    stands in for them where a person would take it for an answer."""
    for path in (*HOSTILE, *(f"/{name}" for name in SECRETS)):
        status, media_type, body = ask(product, path, Accept=accept)
        assert b"SECRET" not in body, path
        if status == 200:  # a name that nobody knows is a route, as the application sees it
            assert (accept, media_type, body.decode()) == ("text/html", TYPES["/"], PAGE), path
        else:
            assert (status in {400, 404}, media_type) == (True, "application/problem+json"), path
        if any(part.startswith(".") for part in path.split("/")) or path.endswith((".map", ".MAP")):
            assert status in {400, 404}, path


def test_the_path_that_is_routed_decides(product: World) -> None:
    """Neither a Host nor a forwarded header makes the gateway's address one of the application."""
    for headers in (
        {"Host": "localhost/teams?"},
        {"X-Forwarded-Prefix": "/teams", "X-Original-URL": "/", "X-Rewrite-URL": "/"},
    ):
        status, _, body = ask(product, "/api/v1/nothing", **NAVIGATION, **headers)
        assert status in {400, 404}
        assert b"Ours" not in body


def test_another_build_needs_a_restart(product: World, build: Path) -> None:
    """What is served is what stood there at the start, whole, whatever happens in the folder."""
    (build / "index.html").write_text("half of a pa", "utf-8")
    (build / "late.txt").write_text("late", "utf-8")
    browser = product.browser()
    assert browser.get("/").text == PAGE
    assert browser.get("/late.txt").status_code == 404


def test_signed_out_people_see_it_too(product: World) -> None:
    """The pages hold nothing of anybody: no session is asked for, none is made."""
    answer = httpx.get(product.origin, trust_env=False)
    assert answer.text == PAGE
    assert "set-cookie" not in answer.headers
