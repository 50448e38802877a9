"""The TypeScript client's folder, and the programs that it is built and tested with."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.peers.programs import node

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "openapi"
CLIENT = ROOT / "clients" / "typescript"
MODULES = CLIENT / "node_modules"

Done = subprocess.CompletedProcess[str]


def run(
    package: str,
    script: str,
    *arguments: str,
    cwd: Path = CLIENT,
    environment: dict[str, str] | None = None,
) -> Done:
    """A program of one of the client's packages, to its end."""
    return ended(
        [node(package, MODULES), str(MODULES / package / script), *arguments], cwd, environment
    )


def write_types(document: Path, types: Path) -> None:
    """What `make openapi` does after the document was written."""
    node("openapi-typescript", MODULES)
    done = ended([str(ROOT / "scripts" / "openapi-types"), str(document), str(types)], ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def copy_of_client(folder: Path) -> Path:
    """The sources beside a folder for the types, as they stand in the repository."""
    client = folder / "clients" / "typescript"
    shutil.copytree(CLIENT, client, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (client / "node_modules").symlink_to(MODULES)
    (folder / "openapi").mkdir()
    return client


def compile_types(client: Path, *options: str) -> Done:
    """`tsc --noEmit`, strict as the client's own configuration is."""
    return run("typescript", "bin/tsc", "--noEmit", "--pretty", "false", *options, cwd=client)


def ended(command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> Done:
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
