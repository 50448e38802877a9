"""The example dashboard as a product team would build it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.peers.programs import node

EXAMPLE = Path(__file__).parents[2] / "examples" / "dashboard"
MODULES = EXAMPLE / "node_modules"
SCRIPTS = {"vite": "bin/vite.js", "typescript": "bin/tsc"}


def program(package: str) -> list[str]:
    """How to run that package's program. Where it cannot be, a test is skipped; in CI it fails."""
    return [node(package, MODULES), str(MODULES / package / SCRIPTS[package])]


def run(package: str, *arguments: str) -> None:
    """Run it in the example's folder, to its end."""
    ran = subprocess.run(
        [*program(package), *arguments],
        check=False,
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
