"""What docs/frontends.md tells a frontend engineer is so, and its snippets work as printed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import errors
from app.console.spa import OWN
from app.errors import Problem
from app.page_policy import STANDARD
from app.testing.world import Browser
from tests.commands.running import Running, serving
from tests.examples.building import EXAMPLE, MODULES, run
from tests.peers.nginx import nginx
from tests.ports import free_port
from tests.spa.conftest import PAGE, SECRETS
from tests.spa.conftest import build as build

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "frontends.md").read_text("utf-8")


def blocks(language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_every_code_is_listed() -> None:
    """The table holds each code with its status, and no other."""
    _, _, rest = TEXT.partition("<!-- codes:")
    table, _, _ = rest.partition("<!-- end of codes -->")
    listed = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", table, re.MULTILINE)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    known = {
        (str(kind.status), kind.code)
        for kind in kinds
        if issubclass(kind, Problem) and hasattr(kind, "code")
    }
    assert set(listed) == known
    assert len(listed) == len(known)


def test_the_policy_is_the_one_that_is_sent() -> None:
    """Who adapts it begins with what is there."""
    assert f"{STANDARD}\n" in blocks()


def test_the_gateways_addresses_are_named() -> None:
    """All of them, so that no router takes one of them."""
    (sentence,) = re.findall(r"^- (`/api`.*?)gateway's\. A build", TEXT, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`/([a-z.]+)`", sentence)) == OWN


def test_the_set_up_of_vite_is_the_examples() -> None:
    """What matters in it stands in the example's own configuration, which a browser is sent through."""
    (snippet,) = (block for block in blocks("js") if "defineConfig" in block)
    example = (ROOT / "examples" / "dashboard" / "vite.config.js").read_text("utf-8")
    for line in (
        'const gateway = process.env.GATEWAY ?? "http://localhost:8000";',
        'host: "localhost"',
        "strictPort: true",
        'proxy: { "/api": gateway, "/auth": gateway }',
    ):
        assert line in snippet
        assert line in example


PRELUDE = """\
import type { DashboardQuestion } from "@ads-bff/client";
declare const question: DashboardQuestion;
declare const signal: AbortSignal;
declare function showSignIn(): void;
declare function show(known: LiveDashboard): void;
"""


def test_the_stream_in_typescript_compiles(tmp_path: Path) -> None:
    """The snippet is strict TypeScript against the client's types."""
    (snippet,) = blocks("ts")
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "snippet.ts").write_text(PRELUDE + snippet, "utf-8")
    options = json.loads((EXAMPLE / "tsconfig.json").read_text("utf-8"))["compilerOptions"]
    configuration = {"compilerOptions": options | {"types": []}, "files": ["snippet.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(configuration), "utf-8")
    run("typescript", "--project", str(tmp_path))


def test_every_document_that_it_links_exists() -> None:
    """No link leads nowhere."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", TEXT)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving("serve", cwd=tmp_path_factory.mktemp("gateway")) as one:
        yield one


def curl(snippet: str, gateway: Running, folder: Path) -> str:
    """What a snippet prints for ben. Streams are cut off by curl itself, which is its error 28."""
    sign_in = (
        "curl -sL -c bff.cookies -b bff.cookies -o /dev/null -d user=ben"
        " \"$(curl -s -c bff.cookies -o /dev/null -w '%{redirect_url}' ORIGIN/auth/login)\"\n"
    )
    script = (sign_in + snippet.replace("http://localhost:8000", "ORIGIN")).replace(
        "ORIGIN", gateway.origin
    )
    ran = subprocess.run(
        ["bash", "-c", script], check=False, cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode in {0, 28}, ran.stderr
    return ran.stdout


def test_a_dashboard_by_curl(gateway: Running, tmp_path: Path) -> None:
    """The call as printed answers every part that the text speaks of."""
    (snippet,) = (block for block in blocks() if "dashboard?" in block)
    answer = json.loads(curl(snippet, gateway, tmp_path))
    assert answer["totals"]["status"] == "ok"
    assert answer["comparison"]["data"]["change"]["spend"]["relative"] is not None
    assert len(answer["trend"]["data"]["points"]) == 5
    assert answer["currency"] is None


def test_a_stream_by_curl(gateway: Running, tmp_path: Path) -> None:
    """The stream as printed tells its scope, its parts, and that all of them were told."""
    (snippet,) = (block for block in blocks() if "dashboard/stream" in block)
    events = re.findall(r"^event: (\w+)$", curl(snippet, gateway, tmp_path), re.MULTILINE)
    assert events[0] == "scope"
    assert set(events) == {"scope", "parts", "ready"}


@dataclass(frozen=True)
class Site:
    """nginx, set up as printed, before a gateway that knows its origin."""

    origin: str

    def browser(self) -> Browser:
        return Browser(self.origin)


@pytest.fixture
def site(build: Path) -> Iterator[Site]:
    folder = build.parent
    port = free_port()
    origin = f"https://localhost:{port}"
    settings = {
        "BFF_PUBLIC__ORIGIN": origin,
        "BFF_PUBLIC__TRUSTED_PROXIES": "127.0.0.1",
        "BFF_LIMITS__LOGINS_PER_MINUTE": "3",
    }
    with (
        serving("serve", cwd=folder, settings=settings) as behind,
        nginx(folder, port, [behind.port]),
    ):
        yield Site(origin)


def test_nginx_leads_to_the_gateway(site: Site) -> None:
    """Sign-in, reads and writes work, with the cookie that only https has; a stream is told as it
    happens."""
    with site.browser() as ben:
        ben.sign_in("ben", "/teams/one")
        assert ben.cookies.get("__Host-bff") is not None
        team = ben.read("/teams/team-acme-brand")
        assert team["myRole"] == "ADMIN"
        renamed = ben.api("PATCH", "/teams/team-acme-brand", json={"name": "Acme Brand"})
        assert renamed.status_code == 200
        query = {"adAccountId": "act_1001", "startDate": "2026-10-01", "endDate": "2026-10-28"}
        path = "/api/v1/teams/team-acme-brand/dashboard/stream"
        with ben.stream(
            "GET", path, params=query, headers={"Accept": "text/event-stream"}
        ) as stream:
            assert stream.status_code == 200
            told = (line for line in stream.iter_lines() if line.startswith("event: "))
            assert next(told) == "event: scope"
            assert next(told) == "event: parts"


def test_nginx_tells_the_true_address(site: Site) -> None:
    """Whoever invents addresses of himself is still one person to the limit of sign-ins."""
    with site.browser() as somebody:
        statuses = [
            somebody.get("/auth/login", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
            for n in range(5)
        ]
    assert statuses[-1] == 429


def test_nginx_serves_the_application(site: Site) -> None:
    """Files, and the page for every route; hidden files and source maps are not there."""
    with site.browser() as browser:
        for path in ("/", "/teams/one", "/apiary"):
            page = browser.get(path)
            assert (page.status_code, page.text) == (200, PAGE), path
        assert browser.get("/assets/logo.png").headers["content-type"] == "image/png"
        hidden = [name for name in SECRETS if re.search(r"(^|/)\.|\.map$", name)]
        assert hidden
        for name in hidden:
            assert browser.get(f"/{name}").status_code == 404, name
