"""The commands that people and CI start with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def said(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "target",
    [
        "run",
        "cluster",
        "test",
        "soak",
        "bench",
        "bench-quick",
        "check",
        "openapi",
        "lock",
        "image-rehearsal",
    ],
)
def test_make_alone_lists_the_commands(target: str) -> None:
    """`make` without a target tells of every command, and does nothing else."""
    listed = [line.split()[0] for line in said("make").stdout.splitlines() if line.startswith("  ")]
    assert target in listed


@pytest.mark.parametrize(
    "step",
    [
        *("ruff check", "mypy", "lint-imports", "lint_openapi", "openapi_breaks", "hadolint"),
        *("check-jsonschema", "kubernetes-validate"),
    ],
)
def test_check_holds_every_proof(step: str) -> None:
    """`make check` carries out each of the checks that need no running gateway."""
    assert step in said("make", "--dry-run", "check").stdout


def test_ci_runs_what_people_run() -> None:
    """CI is `make check` and `make test`, in this order and no more."""
    lines = (CHECKOUT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test"]


def test_a_missing_python_is_one_clear_sentence() -> None:
    """Without a Python that fits, the start says which one is wanted and how to name it."""
    done = said("scripts/python", PYTHON="/nowhere/python3")
    assert done.returncode == 1
    assert "3.11 or newer" in done.stderr
    assert "/nowhere/python3" in done.stderr
