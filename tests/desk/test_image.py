"""The container image: linted, rehearsed, and at one with the project's own statements."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def instructions(name: str) -> list[str]:
    """What the Dockerfile says after each instruction of that name, one line each."""
    text = (CHECKOUT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")]


def test_the_dockerfile_passes_its_linter() -> None:
    """hadolint finds nothing to say, informal hints included."""
    linter = Path(sys.executable).with_name("hadolint")
    command = [str(linter), "--failure-threshold", "style", str(CHECKOUT / "Dockerfile")]
    subprocess.run(command, check=True, timeout=60)


@pytest.mark.timeout(600)  # two environments are installed from the locks
def test_the_image_rehearses() -> None:
    """The Dockerfile's own steps make an installation that starts, answers and stops as it says."""
    done = subprocess.run(
        [sys.executable, CHECKOUT / "scripts" / "rehearse_image.py"],
        check=False,
        capture_output=True,
        text=True,
        timeout=570,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_process_has_no_privileges() -> None:
    """The image runs as a numeric user other than root, so that a cluster can verify it."""
    (user,) = instructions("USER")
    assert user == "10001:10001"


def test_the_image_is_production_and_holds_no_secret() -> None:
    """The environment of the image makes it strict, and sets no key, secret or token."""
    pairs = [pair for line in instructions("ENV") for pair in shlex.split(line)]
    names = [pair.partition("=")[0] for pair in pairs]
    assert "BFF_ENV=production" in pairs
    assert not [name for name in names if any(w in name for w in ("KEY", "SECRET", "TOKEN"))]


def test_only_what_is_copied_is_sent_to_the_engine() -> None:
    """.dockerignore lets through what the Dockerfile copies and nothing else."""
    copied = {
        source
        for line in instructions("COPY")
        if "--from" not in line
        for source in shlex.split(line)[:-1]
    }
    lines = (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied


def test_labels_say_what_the_project_says() -> None:
    """Version, licence and description are the project's own, in the image and in LICENSE."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    labels = dict(
        pair.split("=", 1) for line in instructions("LABEL") for pair in shlex.split(line)
    )
    prefix = "org.opencontainers.image."
    assert labels == {
        prefix + "title": project["name"],
        prefix + "description": project["description"],
        prefix + "version": project["version"],
        prefix + "licenses": project["license"],
    }
    assert project["license"] == "Apache-2.0"
    licence = (CHECKOUT / "LICENSE").read_text("utf-8").split()
    assert licence[:4] == ["Apache", "License", "Version", "2.0,"]
