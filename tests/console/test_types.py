"""The pages' modules hold together: TypeScript reads their JSDoc, and finds nothing to object to."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.peers.programs import MODULES, node

TSC = MODULES / "typescript" / "bin" / "tsc"
PROJECT = Path(__file__).parent / "tsconfig.json"


def test_the_modules_are_typed() -> None:
    """Every module of the console and of the documentation passes `tsc --strict`."""
    command = [node("typescript"), str(TSC), "--project", str(PROJECT)]
    checked = subprocess.run(
        [*command, "--listFilesOnly"], check=False, capture_output=True, text=True
    )
    assert "static/main.js" in checked.stdout
    assert "documentation/init.js" in checked.stdout
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
