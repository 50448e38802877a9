"""Which folders are served, and what stops the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.console import spa
from app.console.spa import Spa
from app.main import create_app
from app.settings import SettingsFault, SpaSettings, load
from app.settings_check import faults
from app.testing.world import settings_for, world
from tests.commands.running import bff, serving

from .conftest import PAGE

NAME = "BFF_SPA__DIRECTORY"


def refused(folder: Path) -> str:
    with pytest.raises(SettingsFault) as fault:
        Spa.read(SpaSettings(directory=folder))
    (sentence,) = fault.value.sentences
    return sentence


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It stops the start, with a sentence that says why."""
    assert refused(tmp_path / "nowhere") == f"{NAME} cannot be read: No such file or directory."
    (tmp_path / "file").write_text("")
    assert refused(tmp_path / "file") == f"{NAME} cannot be read: Not a directory."


def test_a_folder_without_a_page(tmp_path: Path) -> None:
    """A build has an index.html of its own."""
    assert refused(tmp_path) == f"{NAME} holds no index.html, or only a link to one."
    (tmp_path / "elsewhere.html").write_text(PAGE)
    (tmp_path / "index.html").symlink_to("elsewhere.html")
    assert refused(tmp_path) == f"{NAME} holds no index.html, or only a link to one."


@pytest.mark.parametrize("name", ["api/data.json", "docs/index.html", "Console/a.js", "auth/x.txt"])
def test_files_at_the_gateways_addresses(build: Path, name: str) -> None:
    """They could never be reached, so the build is told to put them elsewhere."""
    (build / name).parent.mkdir()
    (build / name).write_text("")
    assert refused(build) == f"{NAME} holds {name}, whose address is the gateway's own."


def test_a_folder_that_is_too_large(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is served is kept in memory, so there is a limit."""
    monkeypatch.setattr(spa, "MOST_BYTES", 2**20)
    (build / "large.txt").write_bytes(b"x" * 2**20)
    assert "more than 1 MiB" in refused(build)


def test_the_application_and_the_command_say_the_same(tmp_path: Path) -> None:
    """Neither does the application start, nor does `bff check` call the settings sound."""
    with pytest.raises(SettingsFault, match="cannot be read"):
        create_app(
            settings_for(
                "http://127.0.0.1:1", "http://localhost:1", spa={"directory": tmp_path / "no"}
            )
        )
    for command in ("check", "serve"):
        ran = bff(command, cwd=tmp_path, BFF_ENV="development", BFF_SPA__DIRECTORY="no")
        assert ran.returncode == 1
        assert f"{NAME} cannot be read: No such file or directory." in ran.stdout + ran.stderr


def test_the_start_says_where_things_are(build: Path, tmp_path: Path) -> None:
    """Both addresses, since the console is not where it usually is."""
    with serving("serve", cwd=tmp_path, settings={"BFF_SPA__DIRECTORY": str(build)}) as gateway:
        assert f"application        {gateway.origin}/\n" in gateway.said
        assert f"console            {gateway.origin}/console\n" in gateway.said
        assert httpx.get(gateway.origin, trust_env=False).text == PAGE


def test_a_link_to_the_folder_is_followed(build: Path, tmp_path: Path) -> None:
    """`current` may be a link to the release of the day; below it no link is followed."""
    (tmp_path / "current").symlink_to(build)
    served = Spa.read(SpaSettings(directory=tmp_path / "current"))
    assert served is not None
    assert served.find("/", "") is not None
    assert served.find("/linked.txt", "") is None


def test_the_console_makes_room(build: Path) -> None:
    """With an application the console is at /console, whole; without one it is at /."""
    with world(spa={"directory": build}) as running:
        browser = running.browser()
        assert browser.get("/").text == PAGE
        page = browser.get("/console")
        assert "<title>ads-bff console</title>" in page.text
        assert browser.get("/console/main.js").status_code == 200
    with world() as running:
        browser = running.browser()
        assert "<title>ads-bff console</title>" in browser.get("/").text
        assert browser.get("/console").status_code == 404


def test_production_has_the_application_alone(build: Path) -> None:
    """There is no console in production, and no route of the application where it would be."""
    production: Any = "production"
    oidc = {"issuer": "https://login.example", "client_id": "ads-bff", "client_secret": "none"}
    with world(
        env=production,
        public={"origin": "https://ads.example"},
        identity={"oidc": oidc},
        spa={"directory": build},
    ) as running:
        browser = running.browser()
        assert browser.get("/").text == PAGE
        assert "strict-transport-security" in browser.get("/").headers
        for path in ("/console", "/console/main.js", "/docs", "/openapi.json", "/metrics"):
            assert browser.get(path, headers={"Accept": "text/html"}).status_code == 404, path


def test_a_policy_of_the_product(build: Path) -> None:
    """What is set is sent with its pages and scripts, and with nothing else."""
    own = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src https://images.example; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    with world(spa={"directory": build, "content_security_policy": own}) as running:
        browser = running.browser()
        assert browser.get("/").headers["content-security-policy"] == own
        assert browser.get("/sw.js").headers["content-security-policy"] == own
        assert browser.get("/robots.txt").headers["content-security-policy"] != own
        assert browser.get("/console").headers["content-security-policy"] != own


REST = "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    "policy",
    [
        f"default-src 'self'{REST}",
        f"default-src 'none'; script-src 'self' https://cdn.example.com 'strict-dynamic'{REST};",
        f"default-src 'none'; script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='{REST}",
        f"default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox{REST}",
        f"default-src 'none'; script-src https://*.example.com:8443/js/{REST}",
    ],
)
def test_policies_that_are_accepted(policy: str) -> None:
    """Styles and pictures may come from where the product wants; scripts from named places."""
    assert policy_faults(policy) == []


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (f"default-src 'none'; script-src 'unsafe-inline'{REST}", "lets script-src hold 'unsafe-i"),
        (f"default-src 'none'; script-src 'unsafe-eval'{REST}", "lets script-src hold 'unsafe-e"),
        (f"default-src 'none'; script-src 'nonce-abc'{REST}", "lets script-src hold 'nonce-abc'"),
        (f"default-src 'none'; script-src *{REST}", "lets script-src hold *"),
        (f"default-src 'none'; script-src https:{REST}", "lets script-src hold https:"),
        (f"default-src 'none'; script-src data:{REST}", "lets script-src hold data:"),
        (f"default-src 'none'; script-src http://a.example{REST}", "lets script-src hold http://"),
        (f"default-src 'none'; script-src https://*{REST}", "lets script-src hold https://*"),
        (f"default-src 'none'; script-src-elem blob:{REST}", "lets script-src-elem hold blob:"),
        (f"default-src 'none'; worker-src blob:{REST}", "lets worker-src hold blob:"),
        (f"default-src *{REST}", "lets default-src hold *"),
        (f"script-src 'self'{REST}", "lacks default-src"),
        ("default-src 'self'; base-uri 'none'; form-action 'none'", "lacks frame-ancestors"),
        ("default-src 'self'; base-uri 'none'; frame-ancestors 'none'", "lacks form-action"),
        ("default-src 'self'; form-action 'none'; frame-ancestors 'none'", "lacks base-uri"),
        (f"default-src 'self'; scrip-src 'self'{REST}", "holds scrip-src, which is no directive"),
        (f"default-src 'self'; Script-src 'self'{REST}", "holds Script-src, which is no directive"),
        (f"default-src 'self'; img-src *; img-src 'self'{REST}", "holds img-src twice"),
        (f"default-src 'self'\r\nSet-Cookie: a=b{REST}", "holds characters that no header"),
        (f"default-src 'self' https://bücher.example{REST}", "holds characters that no header"),
    ],
)
def test_policies_that_stop_the_start(policy: str, why: str) -> None:
    """Scripts from anywhere or from text, and what a browser would silently ignore."""
    (sentence,) = policy_faults(policy)
    assert sentence.startswith(f"BFF_SPA__CONTENT_SECURITY_POLICY {why}")


def policy_faults(policy: str) -> list[str]:
    settings = {"BFF_ENV": "development", "BFF_SPA__CONTENT_SECURITY_POLICY": policy}
    return faults(load(settings))
