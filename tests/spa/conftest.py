"""A built application in a folder, and gateways that serve it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.testing.world import World, world

PAGE = '<!doctype html><title>Ours</title><script type="module" src="/assets/index-B4x_9aZ0.js"></script>'
BUILD = {
    "index.html": PAGE,
    "about/index.html": "<!doctype html><title>About us</title>",
    "favicon.ico": "icon",
    "robots.txt": "User-agent: *",
    "manifest.webmanifest": "{}",
    "sw.js": "self.skipWaiting()",
    "assets/index-B4x_9aZ0.js": "console.log('ours')",
    "assets/index-DkQw81_z.css": "body{}",
    "assets/fonts/inter-Ab12Cd34.woff2": "font",
    "assets/logo-original.svg": "<svg/>",
    "assets/logo.png": "picture",
}
# What lies about in folders and is nobody's business.
SECRETS = {
    ".env": "SECRET=1",
    ".git/config": "SECRET",
    "assets/.htpasswd": "SECRET",
    "assets/index-B4x_9aZ0.js.map": "SECRET source",
    "assets/INDEX.MAP": "SECRET source",
    "backup.sql": "SECRET",
    "deploy.sh": "SECRET",
    "Makefile": "SECRET",
    "index.html~": "SECRET",
    "app.py": "SECRET",
}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """The folder `dist`, as a bundler leaves it, with things in it that are not for serving."""
    folder = tmp_path / "dist"
    for name, text in (BUILD | SECRETS).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("SECRET", "utf-8")
    (folder / "linked.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (folder / "inner.txt").symlink_to(folder / "robots.txt")
    (folder / "linked").symlink_to(tmp_path / "outside")
    return folder


@pytest.fixture
def product(build: Path) -> Iterator[World]:
    """A gateway that serves the folder."""
    with world(spa={"directory": build}) as running:
        yield running
