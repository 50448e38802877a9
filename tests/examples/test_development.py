"""`npm run dev`: Vite's own server stands before the gateway, and is the origin that browsers know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.commands.running import Running, serving
from tests.console.conftest import chromium as chromium
from tests.peers.programs import running
from tests.ports import free_port

from .building import EXAMPLE, program
from .visitor import BRAND, Visitor


@dataclass(frozen=True)
class Bench:
    """Both servers; `origin` is what a developer opens."""

    origin: str
    gateway: Running


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """What the README tells a developer to start, on other ports."""
    port = free_port()
    origin = f"http://localhost:{port}"
    vite = program("vite")
    with serving("serve", cwd=tmp_path, settings={"BFF_PUBLIC__ORIGIN": origin}) as gateway:
        monkeypatch.setenv("GATEWAY", gateway.origin)
        monkeypatch.setenv("PORT", str(port))
        monkeypatch.chdir(EXAMPLE)
        # The cache of packages is the developer's own, and tests run side by side.
        monkeypatch.setenv("CACHE", str(tmp_path / "vite"))
        with running([*vite, "--host", "127.0.0.1"], port, tmp_path / "vite.log"):
            yield Bench(origin, gateway)


def test_a_developer_signs_in_and_sees_figures(bench: Bench, chromium: Browser) -> None:
    """Sign-in, cookies, the proof of origin and the stream work through Vite's proxy."""
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    visitor = Visitor(context.new_page(), bench)
    visitor.come("ben", BRAND)
    assert visitor.page.url.startswith(bench.origin + BRAND)
    visitor.rest()
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(visitor.page.get_by_role("link", name="Sign in")).to_be_visible()
    assert visitor.faults == []
    context.close()
